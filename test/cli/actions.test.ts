/**
 * `actions …` as an operator runs it, against the Management API of an emulated tenant over HTTPS. The
 * tenant has an Action of somebody else on the same trigger, which nothing here may touch.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { actionNamed, readCatalogue } from '../../src/cli/actions-catalogue.ts'
import { type CheckFlags, runCheck } from '../../src/cli/actions-check.ts'
import {
  type DeployFlags,
  type RemoveFlags,
  runDeploy,
  runRemove,
} from '../../src/cli/actions-deploy.ts'
import { secretsFor } from '../../src/cli/actions-secrets.ts'
import { Failure } from '../../src/cli/failure.ts'
import { lineDiff } from '../../src/cli/line-diff.ts'
import { createNetworkFetch } from '../../src/emulator/http/driver/network.ts'
import { createBrowser, createTenant, type Tenant } from '../../src/emulator/index.ts'
import { run } from './command.ts'

const TRIGGER = 'password-reset-post-challenge'
const OURS = 'password-reset-verify'
const CLIENT = 'Application000000000000000000000'
const EMAIL = 'ada@example.com'
const MINE = readFileSync(
  fileURLToPath(new URL(`../../actions/${OURS}.js`, import.meta.url)),
  'utf8',
)
const FOREIGN = `exports.onExecutePostChallenge = async () => { console.log('foreign') }
exports.onContinuePostChallenge = async () => {}`
const SECRETS = {
  RV_URL: 'https://verify.example.com',
  RV_SESSION_SECRET: 'session-secret-session-secret-session',
  RV_CONTINUE_SECRET: 'continue-secret-continue-secret-contin',
}

interface World {
  readonly tenant: Tenant
  /** For a process: where the tenant is, how to get in, whom to trust. */
  readonly env: Readonly<Record<string, string>>
  /** What a command prints. `Failure` when it fails. */
  deploy(flags?: Partial<DeployFlags>, env?: Env, name?: string): Promise<string>
  remove(flags?: RemoveFlags): Promise<string>
  check(flags?: CheckFlags): Promise<{ readonly good: boolean; readonly said: string }>
  api(path: string, method?: string, body?: unknown): Promise<Record<string, unknown>>
  bound(): Promise<readonly string[]>
}

type Env = Readonly<Record<string, string>>

async function open(): Promise<World> {
  const tenant = createTenant({
    host: 'localhost',
    clients: [{ client_id: CLIENT, name: 'Application' }],
    users: [{ email: EMAIL, password: 'Old-password-1' }],
  })
  const { port, certificate = '' } = await tenant.listen({ https: true })
  const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-actions-'))
  const authority = join(folder, 'certificate.pem')
  writeFileSync(authority, certificate)
  onTestFinished(async () => {
    await tenant.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const env = {
    AUTH0_DOMAIN: `localhost:${port}`,
    AUTH0_MANAGEMENT_TOKEN: tenant.managementToken,
    NODE_EXTRA_CA_CERTS: authority,
  }
  const network = createNetworkFetch([certificate], 10_000)
  const around = (more: Env) => {
    const said: string[] = []
    const write = (text: string) => {
      said.push(text)
    }
    const fetch: typeof globalThis.fetch = (input, init) => network(new Request(input, init))
    return { said, surroundings: { env: { ...env, ...more }, write, fetch } }
  }
  const api: World['api'] = async (path, method = 'GET', body) => {
    const answer = await tenant.fetch(
      new Request(`${tenant.origin}/api/v2/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${tenant.managementToken}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
    return answer.json() as Promise<Record<string, unknown>>
  }
  return {
    tenant,
    env,
    deploy: async (flags = {}, more = SECRETS, name = OURS) => {
      const { said, surroundings } = around(more)
      await runDeploy(name, { set: [], bind: true, ...flags }, surroundings)
      return said.join('')
    },
    remove: async (flags = {}) => {
      const { said, surroundings } = around({})
      await runRemove(OURS, flags, surroundings)
      return said.join('')
    },
    check: async (flags = {}) => {
      const { said, surroundings } = around({})
      const good = await runCheck(OURS, flags, surroundings)
      return { good, said: said.join('') }
    },
    api,
    bound: async () => {
      const { bindings } = await api(`actions/triggers/${TRIGGER}/bindings`)
      return (bindings as { display_name: string }[]).map((one) => one.display_name)
    },
  }
}

async function withForeign(world: World): Promise<void> {
  const supported_triggers = [{ id: TRIGGER, version: 'v1' }]
  const created = await world.api('actions/actions', 'POST', {
    name: 'foreign',
    supported_triggers,
    code: FOREIGN,
  })
  world.tenant.clock.advanceSeconds(1)
  await world.api(`actions/actions/${created.id}/deploy`, 'POST')
  await world.api(`actions/triggers/${TRIGGER}/bindings`, 'PATCH', {
    bindings: [{ ref: { type: 'action_name', value: 'foreign' }, display_name: 'Somebody else' }],
  })
}

/** What a person sees who opens the link of a reset for the application. */
async function openedReset({ tenant, api }: World): Promise<string> {
  const { ticket } = await api('tickets/password-change', 'POST', {
    user_id: tenant.users.get(EMAIL)?.user_id,
    client_id: CLIENT,
  })
  const browser = createBrowser({ routes: { [tenant.origin]: tenant.fetch } })
  await browser.visit(String(ticket))
  return `${browser.page.title} ${browser.page.text}`
}

const foundOf = async (world: World, name: string) => {
  const { actions } = await world.api(`actions/actions?actionName=${name}`)
  return (actions as Record<string, unknown>[])[0]
}

describe('actions deploy', () => {
  it('as a command creates, deploys and appends; a second time it changes nothing', async () => {
    const { env, bound } = await open()
    const done = await run(['actions', 'deploy'], { ...env, ...SECRETS })
    expect(done).toMatchObject({ code: 0, stderr: '' })
    for (const secret of Object.values(SECRETS)) expect(done.stdout).not.toContain(secret)
    expect(await bound()).toEqual([OURS])
    const again = await run(['actions', 'deploy', '--json'], env)
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, steps: [] })
    const refused = await run(['actions', 'deploy'], { ...env, AUTH0_MANAGEMENT_TOKEN: 'x' })
    expect(refused).toMatchObject({
      code: 1,
      stderr: 'The Management API answered 401: Invalid token\n',
    })
  })

  it('appends behind what is bound, which stays as it is', async () => {
    const world = await open()
    await withForeign(world)
    const before = await foundOf(world, 'foreign')

    const dry = await world.deploy({ dryRun: true })
    expect(dry).toContain('would')
    expect(dry).toContain('bind it, after Somebody else')
    expect(await foundOf(world, OURS)).toBeUndefined()
    expect(await world.bound()).toEqual(['Somebody else'])

    await world.deploy({ set: ['RV_CLIENTS=one two'] })
    expect(await world.bound()).toEqual(['Somebody else', OURS])
    const deployed = await foundOf(world, OURS)
    expect(deployed).toMatchObject({ code: MINE, all_changes_deployed: true, runtime: 'node22' })
    const names = [...Object.keys(SECRETS), 'RV_CLIENTS', 'RV_MODE', 'RV_WHEN_DOWN']
    const secrets = names.map((name) => expect.objectContaining({ name }))
    expect(deployed?.secrets).toEqual(expect.arrayContaining(secrets))

    expect(await world.deploy({}, {})).toContain('no change')
    expect(await foundOf(world, OURS)).toEqual(deployed)
    expect(await world.bound()).toEqual(['Somebody else', OURS])
    expect(await foundOf(world, 'foreign')).toEqual(before)
  })

  it('starts in observe mode and goes to enforce only when told so', async () => {
    const world = await open()
    const env = { ...SECRETS, RV_URL: 'http://localhost:9' }
    await world.deploy({}, env)
    expect(await openedReset(world)).toContain('Choose a new password')

    const enforce = 'RV_MODE=enforce'
    await expect(world.deploy({ set: [enforce] }, env)).rejects.toThrow('--secrets')
    const partly = world.deploy({ secrets: true, set: [enforce] }, env)
    await expect(partly).rejects.toThrow('--set RV_WHEN_DOWN=…')
    expect(await openedReset(world)).toContain('Choose a new password')
    const done = await world.deploy({ secrets: true, set: [enforce, 'RV_WHEN_DOWN=deny'] }, env)
    expect(done).toContain('set its secrets: RV_URL')
    expect(await openedReset(world)).not.toContain('Choose a new password')
    expect(await world.deploy({}, {})).toContain('no change')
    expect(await openedReset(world)).not.toContain('Choose a new password')
  })

  it('shows what differs line by line, and puts it right', async () => {
    const world = await open()
    await world.deploy()
    const { id } = (await foundOf(world, OURS)) ?? {}
    await world.api(`actions/actions/${id}`, 'PATCH', { code: `${MINE}// edited by hand\n` })
    const dry = await world.deploy({ dryRun: true }, {})
    expect(dry).toContain('change its code: 1 lines differ')
    expect(dry).toMatch(/- +\d+ {2}\/\/ edited by hand/)
    expect(await foundOf(world, OURS)).toMatchObject({ all_changes_deployed: false })
    await world.deploy({}, {})
    expect(await foundOf(world, OURS)).toMatchObject({ code: MINE, all_changes_deployed: true })
  })

  it("leaves an Action of the same name alone that is somebody else's", async () => {
    const world = await open()
    await world.api('actions/actions', 'POST', {
      name: OURS,
      supported_triggers: [{ id: TRIGGER, version: 'v1' }],
      code: FOREIGN,
    })
    const before = await foundOf(world, OURS)
    await expect(world.deploy()).rejects.toThrow('somebody else')
    await expect(world.remove()).rejects.toThrow('somebody else')
    expect({ ...(await foundOf(world, OURS)), status: '', built_at: '' }).toEqual({
      ...before,
      status: '',
      built_at: '',
    })
  })

  it('refuses to bind the form beside the Action that it takes the place of', async () => {
    const world = await open()
    await world.deploy()
    const form = 'password-reset-recovery-form'
    const second = world.deploy({}, { ...SECRETS, RV_FORM_ID: 'ap_1' }, form)
    await expect(second).rejects.toThrow(`actions remove ${OURS}`)
    expect(await world.bound()).toEqual([OURS])
    expect(await foundOf(world, form)).toBeUndefined()
  })

  it('creates nothing without its secrets', async () => {
    const world = await open()
    await expect(world.deploy({}, {})).rejects.toThrow('RV_SESSION_SECRET')
    expect(await foundOf(world, OURS)).toBeUndefined()
    expect(await world.bound()).toEqual([])
  })
})

describe('the secrets of an Action', () => {
  const action = actionNamed(readCatalogue(), OURS)
  const given = (env: Readonly<Record<string, string>>, ...set: readonly string[]) =>
    secretsFor(action, { env, set, defaults: true })

  it('are those given, and the usual ones', () => {
    expect(given(SECRETS, 'RV_MODE=off', 'RV_CLIENTS=a=b')).toEqual([
      ...Object.entries(SECRETS).map(([name, value]) => ({ name, value })),
      { name: 'RV_MODE', value: 'off' },
      { name: 'RV_WHEN_DOWN', value: 'deny' },
      { name: 'RV_CLIENTS', value: 'a=b' },
    ])
  })

  it('hold the one before while it is given, and only then', () => {
    const before = { RV_CONTINUE_SECRET_PREVIOUS: 'previous-secret-previous-secret-previ' }
    const names = (env: Env) => given(env).map(({ name }) => name)
    expect(names({ ...SECRETS, ...before })).toContain('RV_CONTINUE_SECRET_PREVIOUS')
    expect(names({ ...SECRETS, RV_CONTINUE_SECRET_PREVIOUS: '' })).toEqual(names(SECRETS))
  })

  it.each([
    ['missing', {}, [], 'RV_SESSION_SECRET'],
    ['equal', { ...SECRETS, RV_CONTINUE_SECRET: SECRETS.RV_SESSION_SECRET }, [], 'differ'],
    ['short before', { ...SECRETS, RV_CONTINUE_SECRET_PREVIOUS: 'short' }, [], 'PREVIOUS needs'],
    [
      'used in the other direction before',
      { ...SECRETS, RV_CONTINUE_SECRET_PREVIOUS: SECRETS.RV_SESSION_SECRET },
      [],
      'PREVIOUS must differ',
    ],
    [
      'not replaced at all',
      { ...SECRETS, RV_CONTINUE_SECRET_PREVIOUS: SECRETS.RV_CONTINUE_SECRET },
      [],
      'PREVIOUS must differ',
    ],
    ['short', { ...SECRETS, RV_SESSION_SECRET: 'short' }, [], '32 characters'],
    ['for plain http', { ...SECRETS, RV_URL: 'http://verify.example.com' }, [], 'https'],
    ['for a look-alike', { ...SECRETS, RV_URL: 'http://localhost.evil.example' }, [], 'https'],
    ['of an unknown mode', SECRETS, ['RV_MODE=on'], 'RV_MODE'],
    ['an argument', SECRETS, ['RV_SESSION_SECRET=x'], 'environment'],
    ['no name and value', SECRETS, ['RV_MODE'], 'NAME=VALUE'],
    ['in no file', { ...SECRETS, RV_URL_FILE: '/nowhere/at/all' }, [], 'RV_URL_FILE'],
  ])('are refused when %s', (_what, env, set, said) => {
    expect(() => given(env, ...set)).toThrow(said)
    try {
      given(env, ...set)
    } catch (error) {
      expect(error).toBeInstanceOf(Failure)
      for (const secret of Object.values(SECRETS)) expect(String(error)).not.toContain(secret)
    }
  })
})

describe('actions check', () => {
  it('sees a reset pass the verifier, and one without client_id pass it by', async () => {
    const world = await open()
    const url = await withReadiness()
    await world.deploy({}, { ...SECRETS, RV_URL: url })
    const user = world.tenant.users.get(EMAIL)?.user_id ?? ''
    const named = await world.check({ user, client: CLIENT })
    expect(named.said).toContain(`is sent to ${url}`)
    expect(named.good).toBe(true)
    const silent = await world.check({ user, json: true })
    expect(silent.good).toBe(false)
    expect(JSON.parse(silent.said)).toMatchObject({
      ok: false,
      checks: [
        { check: 'deployed', level: 'ok' },
        { check: 'code', level: 'ok' },
        { check: 'bound', level: 'ok' },
        { check: 'reset', level: 'error', todo: expect.stringContaining('client_id') },
      ],
    })
  })

  it('finds an Action that is not there, and one that is not bound', async () => {
    const world = await open()
    expect(await world.check()).toMatchObject({
      good: false,
      said: expect.stringContaining('is not there'),
    })
    await world.deploy({ bind: false })
    expect(await world.check()).toMatchObject({
      good: false,
      said: expect.stringContaining('it never runs'),
    })
  })
})

describe('actions remove', () => {
  it('undoes a deploy and leaves the rest; a second time it changes nothing', async () => {
    const world = await open()
    await withForeign(world)
    await world.deploy()
    expect(await world.remove({ dryRun: true })).toContain('would')
    expect(await world.bound()).toEqual(['Somebody else', OURS])
    await world.remove()
    expect(await world.bound()).toEqual(['Somebody else'])
    expect(await foundOf(world, OURS)).toBeUndefined()
    expect(await world.remove()).toContain('no change')
  })
})

describe('actions init', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-init-'))
    return () => rmSync(folder, { recursive: true, force: true })
  })
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')

  it('writes one Action with its description, which deploys from there', async () => {
    const { code } = await run(['actions', 'init', '--to', folder])
    expect(code).toBe(0)
    expect(read(`${OURS}.js`)).toBe(MINE)
    expect(read('tenant.yaml').match(/- name: [a-z-]+$/gm)).toEqual([`- name: ${OURS}`])
    writeFileSync(join(folder, `${OURS}.js`), `${MINE}// our own line\n`)
    const world = await open()
    await world.deploy({ from: folder })
    expect(await foundOf(world, OURS)).toMatchObject({ code: `${MINE}// our own line\n` })
  })

  it('writes over nothing that is there', async () => {
    const { code, stderr } = await run(['actions', 'init', '--to', folder])
    expect(code).toBe(2)
    expect(stderr).toContain(`${OURS}.js`)
    expect(read(`${OURS}.js`)).toContain('our own line')
  })

  it('writes a Terraform module that names every secret and appends its binding', async () => {
    const to = join(folder, 'terraform')
    expect(
      (await run(['actions', 'init', 'login-verify', '--to', to, '--format', 'terraform'])).code,
    ).toBe(0)
    const main = read('terraform/main.tf')
    const used = [...main.matchAll(/var\.(\w+)/g)].map(([, name]) => name)
    const declared = [...read('terraform/variables.tf').matchAll(/^variable "(\w+)"/gm)]
    expect(declared.map(([, name]) => name)).toEqual([...new Set(used)])
    // Present only while it is given: an empty secret beside the others would be a fault of the setup.
    expect(main).toMatch(
      /dynamic "secrets" \{\s+for_each = nonsensitive\(var\.(\w+_previous) == ""\)/,
    )
    expect(used).toContain('rv_session_secret')
    expect(main).toContain('resource "auth0_trigger_action"')
    expect(main).not.toContain('resource "auth0_trigger_actions"')
    for (const text of [main, read('terraform/variables.tf')])
      expect(text.split('{').length).toBe(text.split('}').length)
  })

  it('knows its own Actions only', async () => {
    const { code, stderr } = await run(['actions', 'init', 'nothing', '--to', folder])
    expect(code).toBe(2)
    expect(stderr).toContain('login-verify')
  })
})

describe('what differs between two texts', () => {
  it.each([
    ['a\nb\nc', 'a\nc', ['-2 b']],
    ['a\nc', 'a\nb\nc', ['+2 b']],
    ['a\nb', 'a\nx', ['-2 b', '+2 x']],
    ['', 'a', ['-1 ', '+1 a']],
    ['a\na\nb', 'a\nb', ['-2 a']],
    ['same', 'same', []],
  ])('%j and %j', (before, after, expected) => {
    const said = lineDiff(before, after).map(
      ({ kind, line, text }) => `${kind === 'added' ? '+' : '-'}${line} ${text}`,
    )
    expect(said.sort()).toEqual([...expected].sort())
  })
})

/** A verifier as far as an Action asks for its readiness. */
async function withReadiness(): Promise<string> {
  const { createServer } = await import('node:http')
  const server = createServer((_request, response) => response.writeHead(200).end())
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.close()
  })
  const { port } = server.address() as { port: number }
  return `http://localhost:${port}`
}
