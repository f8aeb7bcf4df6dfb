/** `doctor` on a sound set-up, and on ones with a single thing wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DatabaseLook } from '../../db/diagnosis.ts'
import { activatePolicy } from '../../db/policies.ts'
import { SCHEMA_VERSION } from '../../db/schema-version.ts'
import { hostFindings, readConfig } from '../../src/cli/doctor-config.ts'
import { databaseFindings } from '../../src/cli/doctor-database.ts'
import { keyFindings } from '../../src/cli/doctor-keys.ts'
import { runDoctor } from '../../src/cli/doctor-run.ts'
import { policyFindings, streamFindings } from '../../src/cli/doctor-tenants.ts'
import { type Finding, reportFindings } from '../../src/cli/findings.ts'
import { ambiguousTenant } from '../../src/cli/tenant-choice.ts'
import { createTenant } from '../../src/emulator/index.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { freshDatabase } from '../support/database.ts'
import { run } from './command.ts'

const SESSION = 'session-secret-session-secret-session-0123456789'
const BACK = 'continue-secret-continue-secret-continue-987654321'
const SECRETS = { acme: { session: [SESSION], continue: [BACK] } }
const ENV = {
  DATABASE_URL: 'postgres://verifier:a-password@db.example.com/verifier',
  RV_TENANTS: JSON.stringify([{ id: 'acme', hosts: ['acme.eu.auth0.com'] }]),
  RV_SECRETS: JSON.stringify(SECRETS),
  RV_IDENTIFIER_SECRET: 'identifier-secret-identifier-secret-abcdefghijk',
  RV_PUBLIC_ORIGIN: 'https://verify.example.com',
  RV_CLIENT_ADDRESS: 'forwarded:10.0.0.0/8',
}
const PRIVATE = [SESSION, BACK, ENV.RV_IDENTIFIER_SECRET, 'a-password']

/** What is not good, as `check: text`. */
const wrong = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== 'ok').map(({ check, text }) => `${check}: ${text}`)
const levels = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ check, level }) => [check, level]))

async function diagnosed(env: Readonly<Record<string, string>>, flags = {}) {
  const said: string[] = []
  const write = (text: string) => {
    said.push(text)
  }
  const good = await runDoctor({ json: true, ...flags }, { env, write })
  const text = said.join('')
  for (const secret of PRIVATE) expect(text).not.toContain(secret)
  const { checks } = JSON.parse(text) as { readonly checks: readonly Finding[] }
  return { good, checks }
}

describe('a configuration', () => {
  it('that is sound has nothing wrong with it', () => {
    const { findings } = readConfig(ENV)
    expect(wrong(findings)).toEqual([])
    expect(levels(findings)).toEqual({ configuration: 'ok', secrets: 'ok' })
  })

  it.each([
    ['without a database', { DATABASE_URL: '' }, 'configuration: DATABASE_URL must be set'],
    [
      'with a public origin on this machine',
      { RV_PUBLIC_ORIGIN: 'http://verify.localhost:3000' },
      'origin: RV_PUBLIC_ORIGIN is a localhost name',
    ],
    [
      'with a tenant on this machine',
      { RV_TENANTS: JSON.stringify([{ id: 'acme', hosts: ['tenant.localhost'] }]) },
      'hosts: RV_TENANTS names tenant.localhost',
    ],
    [
      "with the verifier's own host",
      { RV_TENANTS: JSON.stringify([{ id: 'acme', hosts: ['verify.example.com'] }]) },
      "hosts: acme: verify.example.com is the verifier's own host",
    ],
    [
      "with the demo's database",
      { DATABASE_URL: 'postgres://postgres:a-password@127.0.0.1:40123/postgres' },
      'database: DATABASE_URL is that of the demo',
    ],
    [
      'that takes its proxy for everybody',
      { RV_CLIENT_ADDRESS: 'socket' },
      'address: RV_CLIENT_ADDRESS is socket and RV_HOST a loopback address',
    ],
    [
      'in the middle of a rotation',
      {
        RV_SECRETS: JSON.stringify({ acme: { session: [BACK, SESSION], continue: [`${BACK}!`] } }),
      },
      'secrets: acme: a previous secret is still accepted',
    ],
    ['with a variable that nobody knows', { RV_PROT: '80' }, 'configuration: RV_PROT'],
  ])('%s is told so', (_what, change, said) => {
    const { findings } = readConfig({ ...ENV, ...change })
    expect(wrong(findings)).toEqual([expect.stringContaining(said)])
    for (const secret of PRIVATE) expect(JSON.stringify(findings)).not.toContain(secret)
  })

  it('has every fault named at once', () => {
    const { config, findings } = readConfig({ RV_PUBLIC_ORIGIN: 'ftp://x' })
    expect(config).toBeUndefined()
    expect(wrong(findings).length).toBeGreaterThan(4)
  })
})

describe('the hosts', () => {
  it('are asked whether they are what they are called', async () => {
    const tenant = createTenant({ host: 'tenant.localhost' })
    onTestFinished(() => tenant.close())
    const { port } = await tenant.listen()
    /** Whoever is asked, this tenant answers. */
    const answer: typeof fetch = () =>
      tenant.fetch(new Request(`${tenant.origin}/.well-known/openid-configuration`))
    const asked = async (origin: string, ask = answer) => {
      const hosts = [{ host: 'tenant.localhost', continue_origin: origin }]
      const tenants = JSON.stringify([{ id: 'acme', hosts }])
      const { config } = readConfig({ ...ENV, RV_TENANTS: tenants })
      if (config === undefined) throw new Error('the configuration has a fault')
      return hostFindings(config, ask)
    }
    expect(wrong(await asked(`http://tenant.localhost:${port}`))).toEqual([])
    expect(wrong(await asked('http://tenant.localhost:1'))).toEqual([
      'hosts: acme: tenant.localhost calls itself something else',
    ])
    const nowhere: typeof fetch = () => Promise.reject(new TypeError('fetch failed'))
    expect(wrong(await asked(`http://tenant.localhost:${port}`, nowhere))).toHaveLength(1)
  })
})

describe('a database', () => {
  const sound: DatabaseLook = {
    serverVersion: 160_004,
    epochSeconds: 1_800_000_000,
    encrypted: true,
    readOnly: false,
    forgetful: false,
    mayChangeTables: false,
    schema: SCHEMA_VERSION,
    records: { unsettled: 0, strays: 0, roomAhead: true, streamAgeSeconds: new Map() },
  }
  const now = sound.epochSeconds
  const of = (change: Partial<DatabaseLook>, at = now) =>
    databaseFindings({ ok: true, look: { ...sound, ...change } }, at)

  it('that is sound has nothing wrong with it', () => {
    expect(wrong(of({}))).toEqual([])
  })

  it.each([
    ['too old', { serverVersion: 140_011 }, 'database', 'error'],
    ['read-only', { readOnly: true }, 'database', 'error'],
    ['forgetful', { forgetful: true }, 'durability', 'error'],
    ['open to changes', { mayChangeTables: true }, 'role', 'warning'],
    ['behind', { schema: SCHEMA_VERSION - 1 }, 'schema', 'error'],
    ['ahead', { schema: SCHEMA_VERSION + 1 }, 'schema', 'warning'],
    ['late', { epochSeconds: now - 2 }, 'clock', 'warning'],
    ['early', { epochSeconds: now + 6 }, 'clock', 'error'],
  ])('that is %s is told so', (_what, change, check, level) => {
    const findings = of(change).filter((finding) => finding.level !== 'ok')
    expect(findings).toMatchObject([{ check, level, todo: expect.any(String) }])
  })

  it('that is not there says what to look at', () => {
    expect(databaseFindings({ ok: false, code: 'ECONNREFUSED' }, now)).toMatchObject([
      { check: 'database', level: 'error', todo: expect.stringContaining('server') },
    ])
  })

  it('is asked as it is', async () => {
    const { url } = await freshDatabase()
    const env = { ...ENV, DATABASE_URL: url }
    const before = await diagnosed(env)
    expect(before.good).toBe(false)
    expect(levels(before.checks)).toMatchObject({ database: 'ok', schema: 'ok', clock: 'ok' })
    expect(wrong(before.checks)).toContainEqual(expect.stringMatching(/^policy: acme has none/))
    for (const document of defaultPolicies('enforce')) await activatePolicy(url, 'acme', document)
    const after = await diagnosed(env)
    expect(levels(after.checks)).toMatchObject({ policy: 'ok', records: 'ok' })
  })

  it('without tables is told to migrate, as a command', async () => {
    const { url } = await freshDatabase()
    const empty = new URL(url)
    empty.pathname = '/template1'
    const { code, stdout } = await run(['doctor'], { ...ENV, DATABASE_URL: empty.href })
    expect(code).toBe(1)
    expect(stdout).toContain('there are no tables yet')
    expect(stdout).toContain('redirect-verifier migrate')
    for (const secret of PRIVATE) expect(stdout).not.toContain(secret)
  })

  it('that refuses the password is told without it', async () => {
    const { url } = await freshDatabase()
    const other = new URL(url)
    other.password = 'a-password'
    const { checks } = await diagnosed({ ...ENV, DATABASE_URL: other.href })
    expect(wrong(checks)).toContain('database: cannot be asked: 28P01')
  })
})

describe('policies and streams', () => {
  const version = {
    tenant: 'acme',
    id: 1,
    version: 1,
    status: 'active' as const,
    created_at: '2026-01-01T00:00:00Z',
  }

  it('are looked at for each tenant and flow', () => {
    const [reset, login] = defaultPolicies('monitor')
    const both = [
      { ...version, flow: 'password_reset' as const, body: reset },
      { ...version, flow: 'login' as const, body: login },
    ]
    expect(wrong(policyFindings(['acme'], both))).toEqual([])
    expect(wrong(policyFindings(['acme'], both.slice(0, 1)))).toEqual([
      'policy: acme has none for login',
    ])
    expect(wrong(policyFindings(['other'], both))).toHaveLength(1)
    const broken = [{ ...version, flow: 'login' as const, body: { rules: 1 } }]
    expect(wrong(policyFindings(['acme'], broken))).toContainEqual(
      expect.stringContaining('not one that this build understands'),
    )
  })

  it('are quiet or alive', () => {
    expect(wrong(streamFindings(['acme'], new Map([['acme', 60]])))).toEqual([])
    expect(wrong(streamFindings(['acme'], new Map([['acme', 90_000]])))).toHaveLength(1)
    expect(wrong(streamFindings(['acme'], new Map()))).toHaveLength(1)
  })
})

describe('the keys in a log', () => {
  const line = (time: number, key_index: number) =>
    JSON.stringify({ time, event: 'assessment', tenant_id: 'acme', key_index })
  const inLog = (lines: readonly string[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-log-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'verifier.log')
    writeFileSync(file, lines.join('\n'))
    return keyFindings(file, 10_000)
  }

  it('are counted for the last hour', () => {
    expect(inLog([line(9_000, 0), line(9_500, 0), line(6_000, 1)])).toMatchObject([
      { level: 'ok', text: 'acme: 2 by the current secret, none by another' },
    ])
    expect(inLog([line(9_000, 0), line(9_500, 1)])).toMatchObject([
      { level: 'warning', text: 'acme: 1 of 2 by the previous secret' },
    ])
  })

  it('are nothing in a log of other lines', () => {
    expect(
      inLog(['{"key_index":', 'text', line(1, 0), '{"event":"x","key_index":0}']),
    ).toMatchObject([{ level: 'warning' }])
  })
})

describe('ten thousand tenants', () => {
  const COUNT = 10_000
  const ids = Array.from({ length: COUNT }, (_, index) => `tenant-${index}`)
  const [reset, login] = defaultPolicies('enforce')
  const [watching] = defaultPolicies('monitor')
  const versionOf = (tenant: string, body: unknown, flow: 'password_reset' | 'login') => ({
    ...{ tenant, id: 1, version: 1, status: 'active' as const, created_at: '2026-01-01T00:00:00Z' },
    ...{ flow, body },
  })
  /** All with both policies but the first `without`, and the last `monitored` only watching resets. */
  const findings = (without: number, monitored = 0) =>
    policyFindings(
      ids,
      ids
        .slice(without)
        .flatMap((id, index, { length }) => [
          versionOf(id, index < length - monitored ? reset : watching, 'password_reset'),
          versionOf(id, login, 'login'),
        ]),
    )
  const read = (found: readonly Finding[], json = false) => {
    const said: string[] = []
    const good = reportFindings(found, json, (text) => said.push(text))
    return { good, lines: said.join('').trimEnd().split('\n') }
  }

  it('are one line for people when all is well', () => {
    expect(read(findings(0))).toEqual({
      good: true,
      lines: ['  ✓ policy         10,000 tenants: all well', 'Nothing is wrong.'],
    })
  })

  it('are counted with those that only watch', () => {
    expect(read(findings(0, 7)).lines[0]).toBe(
      '  ✓ policy         10,000 tenants: all well, 7 of them only watching (monitor)',
    )
  })

  it('are counted but for those with something wrong, each of which is named', () => {
    const { good, lines } = read(findings(3))
    expect(good).toBe(false)
    expect(lines).toHaveLength(3 * 2 + 2)
    for (const id of ids.slice(0, 3))
      expect(lines.join('\n')).toContain(`✗ policy         ${id} has`)
    expect(lines).toContain('  ✓ policy         9,997 tenants: all well')
    expect(lines.at(-1)).toBe('3 wrong.')
  })

  it('with too many things wrong are told how many more there are', () => {
    const { lines } = read(findings(5000))
    expect(lines.length).toBeLessThan(50)
    expect(lines).toContain('  ✗ policy         and 4,980 more like these')
    expect(lines.at(-1)).toBe('5,000 wrong.')
  })

  it('hide no other kind of fault behind a common one', () => {
    const other = versionOf('odd', { rules: 1 }, 'login')
    const { lines } = read([...findings(5000), ...policyFindings(['odd'], [other])])
    expect(lines.join('\n')).toContain('odd: version 1 for login is not one that this build')
  })

  it('are all there for programs', () => {
    const { lines } = read(findings(3, 7), true)
    const { checks, errors } = JSON.parse(lines.join(''))
    expect(errors).toBe(3)
    expect(checks).toHaveLength(2 * (COUNT - 3) + 3)
    expect(checks).toEqual(findings(3, 7).map(({ aside: _, ...finding }) => finding))
  })

  it('are told once what to do where it is the same for some', () => {
    const quiet = streamFindings(['acme', 'globex'], new Map())
    expect(read(quiet).lines).toEqual([
      '  ! log stream     acme: nothing has come yet',
      '  ! log stream     globex: nothing has come yet',
      expect.stringContaining('Look at the stream in Auth0'),
      'Nothing is wrong, 2 worth a look.',
    ])
  })

  it('of a configuration are counted, and each has its secrets looked at', () => {
    const tenants = ids.slice(0, 21)
    const secretOf = (id: string, way: string) => `${way}-of-${id}-0123456789-abcdefghijklmnopqrst`
    const { findings: found } = readConfig({
      ...ENV,
      RV_TENANTS: JSON.stringify(tenants.map((id) => ({ id, hosts: [`${id}.eu.auth0.com`] }))),
      RV_SECRETS: JSON.stringify(
        Object.fromEntries(
          tenants.map((id) => [
            id,
            { session: [secretOf(id, 'session')], continue: [secretOf(id, 'continue')] },
          ]),
        ),
      ),
    })
    expect(found).toHaveLength(22)
    expect(read(found).lines).toEqual([
      '  ✓ configuration  is whole, for 21 tenants',
      '  ✓ secrets        21 tenants: all well',
      'Nothing is wrong.',
    ])
  })

  it('of which one must be named are not all listed', () => {
    const { message } = ambiguousTenant(ids)
    expect(message).toContain('tenant-0, tenant-1,')
    expect(message).toContain('tenant-19 and 9,980 more.')
    expect(message).not.toContain('tenant-20')
    expect(ambiguousTenant(['acme', 'globex']).message).toMatch(/--tenant: acme, globex\.$/)
  })

  it('have their hosts asked a few at a time', async () => {
    const hosts = ids.slice(0, 60).map((id) => ({ host: `${id}.eu.auth0.com` }))
    const { config } = readConfig(ENV)
    const [acme] = [...(config?.tenants.values() ?? [])]
    if (config === undefined || acme === undefined) throw new Error('the configuration has a fault')
    const continueOrigins = new Map(hosts.map(({ host }) => [host, `https://${host}`]))
    let asking = 0
    let most = 0
    const ask = async (url: string | URL | Request) => {
      asking += 1
      most = Math.max(most, asking)
      await new Promise((later) => setImmediate(later))
      asking -= 1
      return Response.json({ issuer: `${new URL(String(url)).origin}/` })
    }
    const many = { ...config, tenants: new Map([['acme', { ...acme, continueOrigins }]]) }
    expect(wrong(await hostFindings(many, ask))).toEqual([])
    expect(most).toBe(20)
  })
})
