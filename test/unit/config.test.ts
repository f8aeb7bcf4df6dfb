/** The configuration: one accepted environment, and every fault one change away from it. */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from '../../src/verifier/config.ts'
import { testApp } from '../support/app.ts'
import { formOf } from '../support/page.ts'
import {
  CONTINUE_SECRET,
  HOST,
  IDENTIFIER_SECRET,
  PREVIOUS_SESSION_SECRET,
  SESSION_SECRET,
} from '../support/tokens.ts'

type Env = Readonly<Record<string, unknown>>

const OTHER_SESSION = 'v2Kq9sWm4xRb7tZn0cLf5yHj8pDg1aEo6uTi3XkQwVs'
const OTHER_CONTINUE = 'b6Ty1nMc8vXe3qRz9wKj4sLh0gFd7pUa5oIi2PtWxBk'
const DATABASE_URL = 'postgres://verifier:s3cr3t-of-the-database@127.0.0.1:5432/verifier'

const tenantsJson = (...tenants: unknown[]) => JSON.stringify(tenants)
const secretsJson = (secrets: unknown) => JSON.stringify(secrets)

const ACME = { id: 'acme', hosts: [HOST, 'login.acme.example'] }
const ACME_SECRETS = { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] }

const ENV: Env = {
  PATH: '/usr/bin',
  RV_TENANTS: tenantsJson(ACME),
  RV_SECRETS: secretsJson({ acme: ACME_SECRETS }),
  RV_IDENTIFIER_SECRET: IDENTIFIER_SECRET,
  RV_PUBLIC_ORIGIN: 'https://verify.example.com',
  RV_CLIENT_ADDRESS: 'socket',
}

function faultsOf(changes: Env, readFile?: (path: string) => string): readonly string[] {
  try {
    parseConfig({ ...ENV, ...changes }, readFile)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const tenantFaults = (tenant: unknown) => faultsOf({ RV_TENANTS: tenantsJson(tenant) })
const secretFaults = (secrets: unknown) => faultsOf({ RV_SECRETS: secretsJson({ acme: secrets }) })

describe('the configuration', () => {
  it('is accepted with the five variables that have no default', () => {
    const config = parseConfig(ENV)
    expect(config).toEqual({
      tenants: new Map([
        [
          'acme',
          {
            id: 'acme',
            continueOrigins: new Map([
              [HOST, `https://${HOST}`],
              ['login.acme.example', 'https://login.acme.example'],
            ]),
            tokenParameter: 'session_token',
            whenUnavailable: 'retry',
          },
        ],
      ]),
      publicOrigin: 'https://verify.example.com',
      clientAddress: { kind: 'socket' },
      openerPolicy: 'same-origin',
      retention: { recordDays: 90, profileDays: 400 },
      listen: { host: '127.0.0.1', port: 3000 },
      drainSeconds: 0,
      telemetry: {},
      warnings: [],
      revealSecrets: expect.any(Function),
    })
    expect(config.revealSecrets()).toEqual({
      identifierSecret: IDENTIFIER_SECRET,
      tenants: new Map([['acme', ACME_SECRETS]]),
      streamTokens: new Map(),
    })
  })

  it('takes every setting that can be given', () => {
    const config = parseConfig({
      ...ENV,
      DATABASE_URL,
      RV_TENANTS: tenantsJson({
        ...ACME,
        token_parameter: 'rv_token',
        continue_issuer: 'https://verify.example.com/',
        when_unavailable: 'step_up',
      }),
      RV_CLIENT_ADDRESS: 'forwarded:10.0.0.0/8, 2001:db8::/32',
      RV_COUNTRY_HEADER: 'CF-IPCountry',
      RV_ASN_HEADER: 'X-ASN',
      RV_OPENER_POLICY: 'unsafe-none',
      RV_RECORD_DAYS: '14',
      RV_PROFILE_DAYS: '3650',
      RV_HOST: '0.0.0.0',
      RV_PORT: '0',
      RV_METRICS_HOST: '10.0.0.5',
      RV_METRICS_PORT: '9464',
      RV_OTLP_ENDPOINT: 'http://collector:4318/',
    })
    expect(config.telemetry).toEqual({
      metrics: { host: '10.0.0.5', port: 9464 },
      otlpEndpoint: 'http://collector:4318',
    })
    expect(config.tenants.get('acme')).toMatchObject({
      tokenParameter: 'rv_token',
      continueIssuer: 'https://verify.example.com/',
      whenUnavailable: 'step_up',
    })
    expect(config.clientAddress).toMatchObject({
      kind: 'forwarded',
      trusted: [{ text: '10.0.0.0/8' }, { text: '2001:db8::/32' }],
    })
    expect([config.countryHeader, config.asnHeader]).toEqual(['cf-ipcountry', 'x-asn'])
    expect(config.openerPolicy).toBe('unsafe-none')
    expect(config.retention).toEqual({ recordDays: 14, profileDays: 3650 })
    expect(config.listen).toEqual({ host: '0.0.0.0', port: 0 })
    expect(config.revealSecrets().databaseUrl).toBe(DATABASE_URL)
  })

  it('treats an empty variable as not set', () => {
    expect(parseConfig({ ...ENV, RV_PORT: '', RV_ASN_HEADER: '' }).listen.port).toBe(3000)
    expect(faultsOf({ RV_TENANTS: '' })).toContain('RV_TENANTS must be set')
  })

  it('is read beside bindings that are not text', () => {
    expect(() => parseConfig({ ...ENV, HYPERDRIVE: { connectionString: 'x' } })).not.toThrow()
  })

  it('shows no secret when it is printed, serialised or refused', () => {
    const secrets = [SESSION_SECRET, CONTINUE_SECRET, IDENTIFIER_SECRET, 's3cr3t-of-the-database']
    const config = parseConfig({ ...ENV, DATABASE_URL })
    const error = (() => {
      try {
        return parseConfig({ ...ENV, DATABASE_URL, RV_PORT: 'x' })
      } catch (thrown) {
        return thrown
      }
    })()
    const texts = [config, error].flatMap((value) => [
      JSON.stringify(value),
      inspect(value, { depth: 20, showHidden: true }),
      String(value),
    ])
    for (const secret of secrets) for (const text of texts) expect(text).not.toContain(secret)
  })
})

const STREAM = 'w4Hq1xZt7nYc0vRk5mBf8sLj2pDg6aEo9uTi3XyQwVs'
const OTHER_STREAM = 'w4Hq1xZt7nYc0vRk5mBf8sLj2pDg6aEo9uTi3XyQwVt'

it('takes the previous secret of the pseudonyms beside the current one, and refuses a bad one', () => {
  const previous = (value: string) => ({ RV_IDENTIFIER_SECRET_PREVIOUS: value })
  const { previousIdentifierSecret } = parseConfig({
    ...ENV,
    ...previous(OTHER_SESSION),
  }).revealSecrets()
  expect(previousIdentifierSecret).toBe(OTHER_SESSION)
  expect(faultsOf(previous(IDENTIFIER_SECRET))).toEqual([
    expect.stringMatching(/^RV_IDENTIFIER_SECRET_PREVIOUS equals RV_IDENTIFIER_SECRET:/),
  ])
  expect(faultsOf(previous('short'))).toEqual([
    expect.stringMatching(/^RV_IDENTIFIER_SECRET_PREVIOUS must have at least 32/),
  ])
})

describe('the tokens of log streams', () => {
  const tokens = (value: unknown) => ({ RV_LOG_STREAM_TOKENS: JSON.stringify(value) })
  it.each([
    ['one token', STREAM, [STREAM]],
    ['a list of one', [STREAM], [STREAM]],
    ['the current and the previous one', [STREAM, OTHER_STREAM], [STREAM, OTHER_STREAM]],
  ])('are read as %s', (_case, value, expected) => {
    const { streamTokens } = parseConfig({ ...ENV, ...tokens({ acme: value }) }).revealSecrets()
    expect(streamTokens).toEqual(new Map([['acme', expected]]))
  })

  it('may stand in a file', () => {
    const { RV_LOG_STREAM_TOKENS } = tokens({ acme: STREAM })
    const env = { ...ENV, RV_LOG_STREAM_TOKENS_FILE: '/run/stream' }
    const { streamTokens } = parseConfig(env, () => RV_LOG_STREAM_TOKENS).revealSecrets()
    expect(streamTokens.get('acme')).toEqual([STREAM])
  })

  it.each([
    ['no JSON', { RV_LOG_STREAM_TOKENS: 'x' }, 'RV_LOG_STREAM_TOKENS must be valid JSON'],
    ['a list', tokens([STREAM]), 'RV_LOG_STREAM_TOKENS must be an object of tenants'],
    ['a number', tokens({ acme: 7 }), 'RV_LOG_STREAM_TOKENS.acme must be a token'],
    ['an empty list', tokens({ acme: [] }), 'RV_LOG_STREAM_TOKENS.acme must be a token'],
    ['three', tokens({ acme: [STREAM, OTHER_STREAM, 'x'] }), 'RV_LOG_STREAM_TOKENS.acme must be'],
    ['the word Bearer', tokens({ acme: `Bearer ${STREAM}` }), 'must have no spaces'],
    [
      'a short one',
      tokens({ acme: 'short' }),
      'RV_LOG_STREAM_TOKENS.acme[0] must have at least 32',
    ],
    ['another tenant', tokens({ [STREAM]: STREAM }), 'entry 1 is not for a tenant'],
    ['another secret', tokens({ acme: SESSION_SECRET }), 'equals RV_SECRETS.acme.session[0]'],
    ['one token twice', tokens({ acme: [STREAM, STREAM] }), 'equals RV_LOG_STREAM_TOKENS.acme[0]'],
  ])('are refused as %s, and not shown', (_case, changes, message) => {
    const faults = faultsOf(changes)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(message)
    expect(faults[0]).not.toContain(STREAM)
  })

  it('are not shown where one stands in the place of its tenant, with a fault of its own', () => {
    for (const value of ['Bearer acme', ['a', 'b', 'c'], 7]) {
      const faults = faultsOf(tokens({ [STREAM]: value }))
      expect(faults).toHaveLength(2)
      expect(faults.join()).not.toContain(STREAM)
    }
  })
})

it('no link may carry the session token under a name that our own form uses', async () => {
  const page = await (await testApp().open()).text()
  const names = Object.keys(formOf(page).fields).filter((name) => name !== 'session_token')
  expect(names.length).toBeGreaterThan(3)
  for (const name of names) {
    expect(tenantFaults({ ...ACME, token_parameter: name })).toEqual([
      expect.stringMatching(/^RV_TENANTS\[0\]\.token_parameter must not be /),
    ])
  }
})

describe('every fault', () => {
  it('is reported, not the first one only', () => {
    expect(faultsOf(Object.fromEntries(Object.keys(ENV).map((name) => [name, undefined])))).toEqual(
      [
        'RV_TENANTS must be set',
        'RV_SECRETS must be set',
        'RV_IDENTIFIER_SECRET must be set',
        expect.stringMatching(/^RV_PUBLIC_ORIGIN /),
        expect.stringMatching(/^RV_CLIENT_ADDRESS /),
      ],
    )
  })

  it('stands in the message, one per line', () => {
    expect(() => parseConfig({})).toThrow(/5 fault[\s\S]*RV_TENANTS[\s\S]*RV_CLIENT_ADDRESS/)
  })

  it('is found in the secrets even when the tenants are at fault', () => {
    const faults = faultsOf({
      RV_TENANTS: '[',
      RV_SECRETS: secretsJson({ acme: { session: ['short'] } }),
    })
    expect(faults).toEqual([
      'RV_TENANTS must be valid JSON',
      'RV_SECRETS.entry 1.continue must be a list: the current secret, then perhaps the previous',
    ])
  })

  it.each<readonly [string, Env, string]>([
    ['a variable that does not exist', { RV_PROT: '3000' }, 'RV_PROT'],
    ['a plain variable as a file', { RV_PUBLIC_ORIGIN_FILE: '/x' }, 'RV_PUBLIC_ORIGIN_FILE'],
    ['tenants that are no JSON', { RV_TENANTS: '[{' }, 'RV_TENANTS must be valid JSON'],
    ['tenants that are no list', { RV_TENANTS: '{}' }, 'RV_TENANTS must be a list'],
    ['no tenant', { RV_TENANTS: '[]' }, 'RV_TENANTS must name'],
    ['secrets that are no JSON', { RV_SECRETS: '{' }, 'RV_SECRETS must be valid JSON'],
    ['secrets that are a list', { RV_SECRETS: '[]' }, 'RV_SECRETS must be an object'],
    [
      'an origin with a path',
      { RV_PUBLIC_ORIGIN: 'https://verify.example.com/v' },
      'RV_PUBLIC_ORIGIN',
    ],
    [
      'an origin with a slash',
      { RV_PUBLIC_ORIGIN: 'https://verify.example.com/' },
      'RV_PUBLIC_ORIGIN',
    ],
    [
      'an origin with a user',
      { RV_PUBLIC_ORIGIN: 'https://a@verify.example.com' },
      'RV_PUBLIC_ORIGIN',
    ],
    ['plain http', { RV_PUBLIC_ORIGIN: 'http://verify.example.com' }, 'RV_PUBLIC_ORIGIN'],
    [
      'http on a name that ends like localhost',
      { RV_PUBLIC_ORIGIN: 'http://evillocalhost' },
      'RV_PUBLIC_ORIGIN',
    ],
    [
      'http on loopback by number',
      { RV_PUBLIC_ORIGIN: 'http://127.0.0.1:3000' },
      'RV_PUBLIC_ORIGIN',
    ],
    ['another scheme', { RV_PUBLIC_ORIGIN: 'ftp://verify.example.com' }, 'RV_PUBLIC_ORIGIN'],
    ['no source of the address', { RV_CLIENT_ADDRESS: undefined }, 'RV_CLIENT_ADDRESS'],
    ['a source that does not exist', { RV_CLIENT_ADDRESS: 'x-forwarded-for' }, 'RV_CLIENT_ADDRESS'],
    [
      'X-Forwarded-For believed as it comes',
      { RV_CLIENT_ADDRESS: 'header:X-Forwarded-For' },
      'RV_CLIENT_ADDRESS',
    ],
    ['no header name', { RV_CLIENT_ADDRESS: 'header:' }, 'RV_CLIENT_ADDRESS'],
    ['no range', { RV_CLIENT_ADDRESS: 'forwarded:' }, 'RV_CLIENT_ADDRESS: range 1'],
    [
      'one wrong range',
      { RV_CLIENT_ADDRESS: 'forwarded:10.0.0.0/8,10.0.0.1/8' },
      'RV_CLIENT_ADDRESS: range 2',
    ],
    [
      'every address trusted',
      { RV_CLIENT_ADDRESS: 'forwarded:0.0.0.0/0' },
      'RV_CLIENT_ADDRESS: range 1',
    ],
    ['a header name with a colon', { RV_COUNTRY_HEADER: 'a:b' }, 'RV_COUNTRY_HEADER'],
    ['an opener policy that is none', { RV_OPENER_POLICY: 'none' }, 'RV_OPENER_POLICY'],
    ['records kept too shortly', { RV_RECORD_DAYS: '13' }, 'RV_RECORD_DAYS'],
    ['profiles kept for no number', { RV_PROFILE_DAYS: '1e3' }, 'RV_PROFILE_DAYS'],
    ['a port that is none', { RV_PORT: '65536' }, 'RV_PORT'],
    ['a port with a sign', { RV_PORT: '-1' }, 'RV_PORT'],
    ['a drain of more than a minute', { RV_DRAIN_SECONDS: '61' }, 'RV_DRAIN_SECONDS'],
    ['a drain that is no number', { RV_DRAIN_SECONDS: '5s' }, 'RV_DRAIN_SECONDS'],
    ['a host to listen on that is none', { RV_HOST: 'a b' }, 'RV_HOST'],
    ['metrics on no port', { RV_METRICS_PORT: '65536' }, 'RV_METRICS_PORT'],
    ['metrics on the public port', { RV_METRICS_PORT: '3000' }, 'RV_METRICS_PORT'],
    ['metrics on no host', { RV_METRICS_PORT: '1', RV_METRICS_HOST: 'a b' }, 'RV_METRICS_HOST'],
    ['a host for metrics without a port', { RV_METRICS_HOST: '::1' }, 'RV_METRICS_HOST'],
    ['a collector without a scheme', { RV_OTLP_ENDPOINT: 'collector:4318' }, 'RV_OTLP_ENDPOINT'],
    ['a collector with a password', { RV_OTLP_ENDPOINT: 'http://a:b@c' }, 'RV_OTLP_ENDPOINT'],
    ['a collector with a query', { RV_OTLP_ENDPOINT: 'http://c/?key=1' }, 'RV_OTLP_ENDPOINT'],
    ['a database that is not Postgres', { DATABASE_URL: 'mysql://db/app' }, 'DATABASE_URL'],
    ['a database that is no URL', { DATABASE_URL: 'db' }, 'DATABASE_URL'],
  ])('%s', (_, changes, text) => {
    const faults = faultsOf(changes)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(text)
  })

  it.each([
    'http://localhost:3000',
    'http://verify.localhost:3000',
    'https://verify.example.com:8443',
  ])('is not the origin %s', (origin) => {
    expect(parseConfig({ ...ENV, RV_PUBLIC_ORIGIN: origin }).publicOrigin).toBe(origin)
  })
})

describe('a tenant', () => {
  it.each<readonly [string, unknown, string]>([
    ['no object', 'acme', '[0]'],
    ['without id', { hosts: [HOST] }, '[0].id'],
    ['with an id in capitals', { ...ACME, id: 'Acme' }, '[0].id'],
    ['with an id that could be a path', { ...ACME, id: '../acme' }, '[0].id'],
    ['without hosts', { id: 'acme' }, '[0].hosts'],
    ['with no host', { ...ACME, hosts: [] }, '[0].hosts'],
    ['with a URL for a host', { ...ACME, hosts: [`https://${HOST}`] }, '[0].hosts[0].host'],
    ['with a host and a slash', { ...ACME, hosts: [`${HOST}/`] }, '[0].hosts[0].host'],
    ['with a host and a port', { ...ACME, hosts: [HOST, `${HOST}:443`] }, '[0].hosts[1].host'],
    ['with a host and a dot', { ...ACME, hosts: [`${HOST}.`] }, '[0].hosts[0].host'],
    ['with a host in capitals', { ...ACME, hosts: ['ACME.auth0.com'] }, '[0].hosts[0].host'],
    ['with a wildcard', { ...ACME, hosts: ['*.auth0.com'] }, '[0].hosts[0].host'],
    ['with an address for a host', { ...ACME, hosts: ['203.0.113.7'] }, '[0].hosts[0].host'],
    ['with one label', { ...ACME, hosts: ['auth0'] }, '[0].hosts[0].host'],
    ['with a host that is not ASCII', { ...ACME, hosts: ['аcme.auth0.com'] }, '[0].hosts[0].host'],
    ['with a host and a line break', { ...ACME, hosts: [`${HOST}\n`] }, '[0].hosts[0].host'],
    ['with the same host twice', { ...ACME, hosts: [HOST, HOST] }, '[0].hosts[1]'],
    ['with the parameter state', { ...ACME, token_parameter: 'state' }, '[0].token_parameter'],
    [
      'with a parameter that needs escaping',
      { ...ACME, token_parameter: 'a&b' },
      '[0].token_parameter',
    ],
    ['with an empty issuer', { ...ACME, continue_issuer: '' }, '[0].continue_issuer'],
    [
      'that allows while Postgres is down',
      { ...ACME, when_unavailable: 'allow' },
      '[0].when_unavailable',
    ],
    ['with a key that is misspelt', { ...ACME, when_unavailble: 'retry' }, '[0]'],
  ])('%s is refused', (_, tenant, path) => {
    const faults = tenantFaults(tenant).filter((fault) => fault.startsWith('RV_TENANTS'))
    expect(faults).toHaveLength(1)
    expect(faults[0]?.startsWith(`RV_TENANTS${path} `)).toBe(true)
  })

  it.each<readonly [string, unknown]>([
    ['another host', { host: HOST, continue_origin: 'https://evil.example' }],
    ['plain http', { host: HOST, continue_origin: `http://${HOST}` }],
    ['a port', { host: HOST, continue_origin: `https://${HOST}:8443` }],
    ['localhost', { host: HOST, continue_origin: 'http://localhost:3000' }],
    [
      'a host that ends like localhost',
      { host: 'evil.localhost.example', continue_origin: 'http://evil.localhost.example' },
    ],
    [
      'another name, from a localhost name',
      { host: 'acme.localhost', continue_origin: 'http://other.localhost:3000' },
    ],
    [
      'a real host, from a localhost name',
      { host: 'acme.localhost', continue_origin: `https://${HOST}` },
    ],
    [
      'a path, on a localhost name',
      { host: 'acme.localhost', continue_origin: 'http://acme.localhost:3000/x' },
    ],
    [
      'a user, on a localhost name',
      { host: 'acme.localhost', continue_origin: 'http://a@acme.localhost' },
    ],
    [
      'another scheme, on a localhost name',
      { host: 'acme.localhost', continue_origin: 'ftp://acme.localhost' },
    ],
  ])('never sends its users to %s', (_, host) => {
    const faults = tenantFaults({ ...ACME, hosts: [host] })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain('RV_TENANTS[0].hosts[0].continue_origin')
  })

  it.each([
    ['acme.localhost', 'http://acme.localhost:3000'],
    ['localhost', 'https://localhost:3443'],
    [HOST, `https://${HOST}`],
  ])('%s may send its users to %s', (host, origin) => {
    const hosts = [{ host, continue_origin: origin }]
    const config = parseConfig({ ...ENV, RV_TENANTS: tenantsJson({ ...ACME, hosts }) })
    expect(config.tenants.get('acme')?.continueOrigins).toEqual(new Map([[host, origin]]))
  })

  it('shares neither its id nor a host with another', () => {
    expect(faultsOf({ RV_TENANTS: tenantsJson(ACME, { ...ACME, hosts: ['b.example'] }) })).toEqual([
      'RV_TENANTS[1].id repeats [0].id',
    ])
    const faults = faultsOf({
      RV_TENANTS: tenantsJson(ACME, { id: 'b', hosts: ['b.example', HOST] }),
    })
    expect(faults).toContain('RV_TENANTS[1].hosts[1] repeats [0].hosts[0]')
  })
})

describe('a secret', () => {
  it.each<readonly [string, unknown, string]>([
    [
      '31 bytes',
      { ...ACME_SECRETS, session: [SESSION_SECRET.slice(0, 31)] },
      'session[0] must have at least 32 bytes',
    ],
    ['nothing', { ...ACME_SECRETS, session: [''] }, 'session[0] must have at least 32 bytes'],
    [
      'a short previous one',
      { ...ACME_SECRETS, session: [SESSION_SECRET, 'x'] },
      'session[1] must have at least 32 bytes',
    ],
    [
      'a space behind',
      { ...ACME_SECRETS, session: [`${SESSION_SECRET} `] },
      'session[0] must not begin or end',
    ],
    [
      'a line break behind',
      { ...ACME_SECRETS, continue: [`${CONTINUE_SECRET}\n`] },
      'continue[0] must not begin or end',
    ],
    [
      'a byte order mark in front',
      { ...ACME_SECRETS, continue: [`\ufeff${CONTINUE_SECRET}`] },
      'continue[0] must not begin or end',
    ],
    [
      'a public one',
      { ...ACME_SECRETS, session: ['The Approov Base64 encoded secret'] },
      'session[0] is in a public list',
    ],
    [
      'one for both directions',
      { ...ACME_SECRETS, continue: [SESSION_SECRET] },
      'continue[0] equals RV_SECRETS.acme.session[0]',
    ],
    [
      'current and previous alike',
      { ...ACME_SECRETS, session: [SESSION_SECRET, SESSION_SECRET] },
      'session[1] equals',
    ],
    [
      'the one of the identifiers',
      { ...ACME_SECRETS, session: [IDENTIFIER_SECRET] },
      'RV_IDENTIFIER_SECRET equals RV_SECRETS.acme.session[0]',
    ],
    [
      'three of them',
      { ...ACME_SECRETS, session: [SESSION_SECRET, PREVIOUS_SESSION_SECRET, OTHER_SESSION] },
      'session must hold',
    ],
    ['none of them', { ...ACME_SECRETS, session: [] }, 'session must hold'],
    [
      'text instead of a list',
      { ...ACME_SECRETS, session: SESSION_SECRET },
      'session must be a list',
    ],
    ['a number', { ...ACME_SECRETS, session: [12] }, 'session[0] must be text'],
    ['one direction only', { session: [SESSION_SECRET] }, 'continue must be a list'],
    [
      'a direction that does not exist',
      { ...ACME_SECRETS, sesion: [OTHER_SESSION] },
      'has a key that is not known',
    ],
    ['nothing but null', null, 'RV_SECRETS.acme must be given'],
  ])('is refused: %s', (_, secrets, text) => {
    const faults = secretFaults(secrets)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(text)
  })

  it('counts in bytes, not in characters', () => {
    const session = (secret: string) => secretFaults({ ...ACME_SECRETS, session: [secret] })
    expect(session(`${'é'.repeat(15)}e`)).toEqual([expect.stringContaining('at least 32 bytes')])
    expect(session('é'.repeat(16))).toEqual([])
  })

  it('must be another one in every tenant', () => {
    const tenants = tenantsJson(ACME, { id: 'other', hosts: ['other.us.auth0.com'] })
    const both = (session: string) =>
      faultsOf({
        RV_TENANTS: tenants,
        RV_SECRETS: secretsJson({
          acme: ACME_SECRETS,
          other: { session: [session], continue: [OTHER_CONTINUE] },
        }),
      })
    expect(both(OTHER_SESSION)).toEqual([])
    expect(both(SESSION_SECRET)).toEqual([
      expect.stringContaining('RV_SECRETS.other.session[0] equals RV_SECRETS.acme.session[0]'),
    ])
  })

  it('must be there for every tenant, and for nobody else', () => {
    expect(faultsOf({ RV_SECRETS: '{}' })).toEqual([expect.stringContaining('RV_SECRETS.acme')])
    const extra = secretsJson({ acme: ACME_SECRETS, [OTHER_SESSION]: ACME_SECRETS })
    const faults = faultsOf({ RV_SECRETS: extra })
    expect(faults[0]).toBe('RV_SECRETS: entry 2 is not for a tenant of RV_TENANTS')
    expect(faults.join()).not.toContain(OTHER_SESSION)
  })

  it('is never quoted, wherever it slipped to', () => {
    const misplaced = [
      faultsOf({ RV_SECRETS: `{"acme": ${OTHER_SESSION}}` }),
      faultsOf({ RV_SECRETS: OTHER_SESSION }),
      faultsOf({ RV_SECRETS: secretsJson({ acme: { ...ACME_SECRETS, [OTHER_SESSION]: 1 } }) }),
      faultsOf({
        RV_SECRETS: secretsJson({ acme: { session: { [OTHER_SESSION]: 1 }, continue: 1 } }),
      }),
      faultsOf({ RV_TENANTS: tenantsJson({ ...ACME, [OTHER_SESSION]: 1 }) }),
      faultsOf({ RV_TENANTS: tenantsJson({ ...ACME, when_unavailable: OTHER_SESSION }) }),
      faultsOf({
        RV_PORT: OTHER_SESSION,
        RV_HOST: `${OTHER_SESSION}!`,
        DATABASE_URL: OTHER_SESSION,
      }),
      faultsOf({ RV_PUBLIC_ORIGIN: OTHER_SESSION, RV_CLIENT_ADDRESS: OTHER_SESSION }),
    ]
    for (const faults of misplaced) {
      expect(faults).not.toEqual([])
      expect(faults.join('\n')).not.toContain(OTHER_SESSION)
    }
  })

  it.each([
    `RV_${OTHER_SESSION}`,
    `RV_${'A'.repeat(38)}`,
    'RV_short-and-secret',
    'RV_IDENTIFIER_SECRET=hunter2',
  ])('is not quoted where it stands in the place of a name: %s', (name) => {
    const faults = faultsOf({ [name]: 'x' })
    expect(faults).toEqual([
      'A name that begins with RV_ and looks like a value is not a variable of this service',
    ])
  })

  it('is told from a name, which is quoted for whoever mistyped it', () => {
    const name = `RV_${'A'.repeat(37)}`
    expect(faultsOf({ [name]: 'x' })).toEqual([`${name} is not a variable of this service`])
  })

  it('that is long but monotonous is a warning', () => {
    const { warnings } = parseConfig({
      ...ENV,
      RV_SECRETS: secretsJson({ acme: { ...ACME_SECRETS, session: ['0101210'.repeat(9)] } }),
    })
    expect(warnings).toEqual([expect.stringContaining('RV_SECRETS.acme.session[0]')])
    expect(warnings.join()).not.toContain('0101210')
  })

  it('may have a previous one in each direction', () => {
    const config = parseConfig({
      ...ENV,
      RV_SECRETS: secretsJson({
        acme: {
          session: [SESSION_SECRET, PREVIOUS_SESSION_SECRET],
          continue: [CONTINUE_SECRET, OTHER_CONTINUE],
        },
      }),
    })
    expect(config.revealSecrets().tenants.get('acme')).toEqual({
      session: [SESSION_SECRET, PREVIOUS_SESSION_SECRET],
      continue: [CONTINUE_SECRET, OTHER_CONTINUE],
    })
  })
})

describe('a secret in a file', () => {
  const files: Readonly<Record<string, string>> = {
    '/run/secrets/identifiers': `${IDENTIFIER_SECRET}\n`,
    '/run/secrets/tokens': `${ENV.RV_SECRETS}\r\n`,
    '/run/secrets/database': DATABASE_URL,
    '/run/secrets/two-breaks': `${IDENTIFIER_SECRET}\n\n`,
    '/run/secrets/empty': '\n',
  }
  const readFile = (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
    return text
  }
  const withFile = (path: string, changes: Env = { RV_IDENTIFIER_SECRET: undefined }) =>
    faultsOf({ RV_IDENTIFIER_SECRET_FILE: path, ...changes }, readFile)

  it('is read without the line break that ends the file', () => {
    const config = parseConfig(
      {
        ...ENV,
        RV_SECRETS: undefined,
        RV_IDENTIFIER_SECRET: undefined,
        RV_SECRETS_FILE: '/run/secrets/tokens',
        RV_IDENTIFIER_SECRET_FILE: '/run/secrets/identifiers',
        DATABASE_URL_FILE: '/run/secrets/database',
      },
      readFile,
    )
    expect(config.revealSecrets()).toEqual({
      databaseUrl: DATABASE_URL,
      identifierSecret: IDENTIFIER_SECRET,
      tenants: new Map([['acme', ACME_SECRETS]]),
      streamTokens: new Map(),
    })
  })

  it('is refused with a second line break, which nobody sees', () => {
    expect(withFile('/run/secrets/two-breaks')).toEqual([expect.stringContaining('white space')])
  })

  it('is refused beside the variable itself', () => {
    expect(withFile('/run/secrets/identifiers', {})).toEqual([expect.stringContaining('both set')])
  })

  it('is refused when it is not there, without its path', () => {
    const faults = withFile('/run/secrets/gone')
    expect(faults[0]).toContain('RV_IDENTIFIER_SECRET_FILE')
    expect(faults.join()).not.toContain('/run/secrets/gone')
  })

  it('is refused when it is empty', () => {
    expect(withFile('/run/secrets/empty')).toEqual(['RV_IDENTIFIER_SECRET must be set'])
  })

  it('is refused where there are no files', () => {
    const faults = faultsOf({ RV_IDENTIFIER_SECRET: undefined, RV_IDENTIFIER_SECRET_FILE: '/x' })
    expect(faults[0]).toContain('no files')
  })
})

describe('tenants from a file', () => {
  const files: Readonly<Record<string, string>> = {
    '/etc/tenants.json': `${ENV.RV_TENANTS}\n`,
    '/etc/empty': '\n',
    '/etc/broken.json': '[{"id":"acme"',
    '/etc/foreign.json': tenantsJson(ACME, { id: 'globex', hosts: [`evil.${HOST}/`] }),
  }
  const readFile = (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
    return text
  }
  const fromFile = (path: string, changes: Env = { RV_TENANTS: undefined }) =>
    faultsOf({ RV_TENANTS_FILE: path, ...changes }, readFile)

  it('are those that the variable would hold', () => {
    const env = { ...ENV, RV_TENANTS: undefined, RV_TENANTS_FILE: '/etc/tenants.json' }
    expect(parseConfig(env, readFile).tenants).toEqual(parseConfig(ENV).tenants)
  })

  it.each<readonly [string, string, string]>([
    ['is empty', '/etc/empty', 'RV_TENANTS must be set'],
    ['is no JSON', '/etc/broken.json', 'RV_TENANTS must be valid JSON'],
    [
      'names a host that is none',
      '/etc/foreign.json',
      'RV_TENANTS[1].hosts[0].host must be a bare host',
    ],
    ['is not there', '/etc/gone', 'RV_TENANTS_FILE names a file that cannot be read'],
  ])('are refused when the file %s, without its path', (_case, path, expected) => {
    const faults = fromFile(path)
    expect(faults[0]).toContain(expected)
    expect(faults.join()).not.toContain(path)
  })

  it('are refused beside the variable itself', () => {
    expect(fromFile('/etc/tenants.json', {})).toEqual([expect.stringContaining('both set')])
  })

  it('are refused where there are no files', () => {
    const faults = faultsOf({ RV_TENANTS: undefined, RV_TENANTS_FILE: '/x' })
    expect(faults[0]).toBe('RV_TENANTS_FILE cannot be used here: this platform has no files')
  })

  it('may be ten thousand, each with a key of its own', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `tenant-${index}`)
    const many: Readonly<Record<string, string>> = {
      tenants: tenantsJson(...ids.map((id) => ({ id, hosts: [`${id}.eu.auth0.com`] }))),
      secrets: secretsJson(
        Object.fromEntries(
          ids.map((id) => [
            id,
            { session: [`${id} ${SESSION_SECRET}`], continue: [`${id} ${CONTINUE_SECRET}`] },
          ]),
        ),
      ),
    }
    const config = parseConfig(
      {
        ...ENV,
        RV_TENANTS: undefined,
        RV_SECRETS: undefined,
        RV_TENANTS_FILE: 'tenants',
        RV_SECRETS_FILE: 'secrets',
      },
      (path) => many[path] ?? '',
    )
    expect(config.tenants.size).toBe(10_000)
    expect(config.revealSecrets().tenants.size).toBe(10_000)
    expect(config.tenants.get('tenant-9999')?.continueOrigins).toEqual(
      new Map([['tenant-9999.eu.auth0.com', 'https://tenant-9999.eu.auth0.com']]),
    )
  })
})
