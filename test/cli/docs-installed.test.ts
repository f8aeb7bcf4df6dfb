/**
 * What docs/deploy-node.md installs, installed by npm itself in folders of their own: the steps of its
 * Containerfile and the block marked `sh installed`. Of both what is to be shipped is started, so that a
 * file left behind, or a dependency of the wrong kind, is found. Needs a registry, or npm's cache.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { readLockfile } from '../package/lockfile.ts'
import { readManifest, run } from '../package/pack.ts'
import { freshDatabase } from '../support/database.ts'
import { blocksFor, blocksOf, commandsOf, ROOT, readDocument } from '../support/docs-blocks.ts'
import {
  carryOut,
  type Places,
  type Started,
  sentBy,
  stagesOf,
} from '../support/docs-containerfile.ts'
import { installing, NPM_ENV, needsRegistry } from '../support/docs-registry.ts'
import { openShell } from '../support/docs-shell.ts'
import { serviceEnvironment } from '../support/environment.ts'

const NODE = 'docs/deploy-node.md'
const ORIGIN = 'https://verify.example.com'
const PATH = process.env.PATH ?? ''

const blocks = blocksOf(readDocument(NODE))
const [building, shipping] = stagesOf(
  blocks.find(({ language }) => language === 'dockerfile')?.text ?? '',
)
if (building === undefined || shipping === undefined) throw new Error(`${NODE} has no two stages`)
const isSent = sentBy(readFileSync(join(ROOT, '.dockerignore'), 'utf8'))

const database = await freshDatabase()
const folder = mkdtempSync(join(tmpdir(), 'rv-installed-'))
const built = join(folder, 'build')
let unreachable: string | undefined

const placesAt = (path: string): Places => ({
  folder: path,
  context: ROOT,
  isSent,
  stageAt: (name) => join(folder, name),
  env: { ...process.env, ...NPM_ENV },
})

beforeAll(() => {
  expect(building.name).toBe('build')
  unreachable = installing(() => carryOut(building, placesAt(built)))
}, 480_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Names of packages that are there. */
const installedOf = (place: string, wanted: object) =>
  Object.keys(wanted).filter((name) => existsSync(join(place, 'node_modules', name)))

describe('the Containerfile', () => {
  const image = join(folder, 'image')
  let started: Started

  it('builds from what it is sent, which is neither history nor secrets nor packages', (context) => {
    needsRegistry(unreachable, context)
    const sent = readFileSync(join(ROOT, '.dockerignore'), 'utf8').match(/(?<=^!).+/gm) ?? []
    expect(readdirSync(built).sort()).toEqual([...sent, 'dist', 'node_modules'].sort())
    for (const path of ['.git/config', '.env', 'secrets/rv-secrets.json', 'node_modules/hono'])
      expect(isSent(path), path).toBe(false)
  })

  it('ships what the service needs, and no package for anything else', {
    timeout: 240_000,
  }, (context) => {
    needsRegistry(unreachable, context)
    // It would empty the cache of whoever runs this.
    const cleaning = ' && npm cache clean --force'
    const steps = shipping.steps.map(({ word, rest }) => ({
      word,
      rest: rest.replace(cleaning, ''),
    }))
    expect(steps).not.toEqual(shipping.steps)
    unreachable = installing(() => {
      started = carryOut({ ...shipping, steps }, placesAt(image))
    })
    needsRegistry(unreachable, context)
    const { dependencies, devDependencies } = readManifest()
    expect(installedOf(image, dependencies)).toEqual(Object.keys(dependencies))
    expect(installedOf(image, devDependencies)).toEqual([])
    expect(readdirSync(image).sort()).toEqual(
      ['actions', 'db', 'dist', 'node_modules', 'package-lock.json', 'package.json'].sort(),
    )
    expect(started).toMatchObject({ user: 'node', command: ['serve'] })
    expect(started.env).toEqual({ NODE_ENV: 'production', RV_HOST: '0.0.0.0' })
  })

  it('migrates an empty database', { timeout: 60_000 }, async (context) => {
    needsRegistry(unreachable, context)
    const name = `${new URL(database.url).pathname.slice(1)}_empty`
    await database.sql.unsafe(`create database ${name}`)
    onTestFinished(async () => {
      await database.sql.unsafe(`drop database ${name} with (force)`)
    })
    const url = new URL(database.url)
    url.pathname = `/${name}`
    const [program = '', ...words] = [...started.entrypoint, 'migrate']
    const said = run(program, words, image, { ...started.env, DATABASE_URL: url.href })
    expect(said).toContain('The schema is at version')
    const sql = postgres(url.href, { max: 1 })
    onTestFinished(() => sql.end())
    expect(await sql`select count(*)::int as rows from assessment`).toEqual([{ rows: 0 }])
  })

  it('serves, is healthy while it does, and ends when told to', {
    timeout: 60_000,
  }, async (context) => {
    needsRegistry(unreachable, context)
    const [program = '', ...words] = started.health
    const healthAt = (port: number) => {
      const own = words.map((word) => word.replace(':3000/', `:${port}/`))
      expect(own).not.toEqual(words)
      return spawnSync(program, own, { cwd: image, env: { PATH } }).status
    }
    // Loopback alone, whatever the image listens on.
    const env = { ...started.env, RV_HOST: '127.0.0.1' }
    const port = await serves(image, [...started.entrypoint, ...started.command], env, (own) => {
      expect(healthAt(own)).toBe(0)
    })
    expect(healthAt(port)).toBe(1)
  })

  it.for([
    ['the emulator', ['emulate', '--actions', 'actions']],
    ['lint', ['lint', 'actions/login-verify.js']],
    ['actions', ['actions', 'init']],
  ] as const)('says of %s what was left out', { timeout: 60_000 }, ([, words], context) => {
    needsRegistry(unreachable, context)
    const { code, said } = call(image, words)
    expect(code, said).toBe(1)
    // Several are missing; which is named depends on which was looked for first.
    expect(said).toMatch(/needs \S+, an optional dependency that is not installed here/)
  })

  it('says of traces that they were left out', { timeout: 60_000 }, (context) => {
    needsRegistry(unreachable, context)
    const env = { ...serviceOn(), RV_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const { code, said } = call(image, ['serve'], env)
    expect(code, said).not.toBe(0)
    expect(said).toContain('RV_OTLP_ENDPOINT needs packages that --omit=optional leaves out')
  })
})

describe('the commands for systemd', () => {
  const opt = join(folder, 'opt')
  const commands = blocksFor('installed', NODE).flatMap(commandsOf)

  it('leave what is to be installed', { timeout: 240_000 }, (context) => {
    needsRegistry(unreachable, context)
    const [install = '', build = '', prune = '', ...more] = commands
    expect(more).toEqual([])
    // Those two have run: nobody waits for the same installation twice.
    const runs = building.steps.filter(({ word }) => word === 'RUN').map(({ rest }) => rest)
    expect(runs).toEqual([install, build])
    const { devDependencies, dependencies, optionalDependencies } = readManifest()
    expect(installedOf(built, devDependencies)).toEqual(Object.keys(devDependencies))
    const [program = '', ...words] = prune.split(' ')
    unreachable = installing(() => run(program, words, built, NPM_ENV))
    needsRegistry(unreachable, context)
    const wanted = { ...dependencies, ...optionalDependencies }
    expect(installedOf(built, wanted)).toEqual(Object.keys(wanted))
    // A few are there still: what is installed may use them too, if they are, and nothing of ours does.
    const tools = readLockfile().filter(({ development }) => development)
    const left = tools.filter(({ name }) => existsSync(join(built, 'node_modules', name)))
    const shipped = new Set(readLockfile().flatMap((one) => (one.development ? [] : one.name)))
    expect(left.filter(({ name }) => !shipped.has(name))).toEqual([])
    for (const part of ['node_modules', 'dist', 'db', 'actions', 'package.json'])
      cpSync(join(built, part), join(opt, part), { recursive: true })
  })

  it('leave a service that serves as its unit starts it', { timeout: 60_000 }, async (context) => {
    needsRegistry(unreachable, context)
    const unit = blocks.find(({ text }) => text.includes('[Unit]'))?.text ?? ''
    const [, line = ''] = /^ExecStart=(.+)$/m.exec(unit) ?? []
    const [program, main = '', ...words] = line.split(' ')
    expect([program, words]).toEqual(['/usr/bin/node', ['serve']])
    const installed = main.replace('/opt/redirect-verifier', opt)
    expect(existsSync(installed), main).toBe(true)
    await serves('/', [process.execPath, installed, ...words], { RV_HOST: '127.0.0.1' })
  })

  it('leave the commands that need optional packages', { timeout: 60_000 }, (context) => {
    needsRegistry(unreachable, context)
    const linted = call(opt, ['lint', 'actions/login-verify.js'])
    expect(linted, linted.said).toMatchObject({ code: 0 })
    const written = call(opt, ['actions', 'init', '--help'])
    expect(written, written.said).toMatchObject({ code: 0 })
  })
})

const serviceOn = () => ({ ...serviceEnvironment(ORIGIN), DATABASE_URL: database.url })

/** With nothing of this process's own surroundings. */
function call(place: string, words: readonly string[], env = {}) {
  const main = join(place, 'dist/src/cli/main.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    cwd: place,
    env: { PATH, ...env },
    encoding: 'utf8',
  })
  return { code: status, said: `${stdout}${stderr}` }
}

/** Starts it, sees it alive and ready, and ends it with SIGTERM. Resolves with the port that it had. */
async function serves(
  place: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  meanwhile: (port: number) => void = () => {},
): Promise<number> {
  const shell = openShell()
  const command = `cd "${place}" && exec ${words.map((word) => `"${word}"`).join(' ')}`
  const started = shell.start(command, { ...serviceOn(), ...env })
  const said = await started.saying(/"event":"listening"[^\n]*\n/)
  const port = Number(/"port":(\d+)/.exec(said)?.[1])
  for (const path of ['livez', 'readyz']) {
    const answer = await fetch(`http://127.0.0.1:${port}/${path}`)
    expect([path, answer.status]).toEqual([path, 200])
  }
  meanwhile(port)
  const { code, said: all } = await started.sendTerm()
  expect(code, all).toBe(0)
  expect(all).toContain('"event":"stopped"')
  return port
}
