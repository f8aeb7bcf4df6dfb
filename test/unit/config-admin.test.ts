/** The variables of the operator's part: off without its database, and every fault at once. */
import { describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from '../../src/verifier/config.ts'
import { serviceEnvironment } from '../support/environment.ts'

const DATABASE = 'postgres://admin:a-password@db.example/verifier'
const SESSION = 'an-admin-session-secret-of-48-characters-0123456'
const OIDC = {
  issuer: 'https://acme.eu.auth0.com/',
  client_id: 'abc',
  roles_claim: 'https://verify.example.com/roles',
  roles: { security: 'admin', support: 'operator' },
}
const ACCESS = {
  team_domain: 'acme.cloudflareaccess.com',
  audience: 'a'.repeat(64),
  emails: { 'Ada@example.com': 'admin' },
}

type Variables = Readonly<Record<string, unknown>>

const parse = (variables: Variables) =>
  parseConfig({ ...serviceEnvironment('https://verify.example.com'), ...variables })

function faultsOf(variables: Variables): readonly string[] {
  try {
    parse(variables)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const ON = {
  RV_ADMIN_DATABASE_URL: DATABASE,
  RV_ADMIN_OIDC: JSON.stringify(OIDC),
  RV_ADMIN_SESSION_SECRET: SESSION,
}
const withOidc = (changes: object) => ({
  ...ON,
  RV_ADMIN_OIDC: JSON.stringify({ ...OIDC, ...changes }),
})
const withAccess = (changes: object) => ({
  ...ON,
  RV_ADMIN_ACCESS: JSON.stringify({ ...ACCESS, ...changes }),
})

describe('the operator’s part', () => {
  it('is off without a database of its own', () => {
    const config = parse({})
    expect(config.admin).toBeUndefined()
    expect(config.revealSecrets().admin).toBeUndefined()
  })

  it('is on with one, for API tokens alone, which is worth a look', () => {
    const config = parse({ RV_ADMIN_DATABASE_URL: DATABASE })
    expect(config.admin).toEqual({})
    expect(config.revealSecrets().admin).toEqual({ databaseUrl: DATABASE })
    expect(config.warnings).toContain(
      'nobody can sign in to the admin part: only its API tokens are accepted',
    )
  })

  it('is on where the platform binds one', () => {
    const config = parse({ HYPERDRIVE_ADMIN: { connectionString: DATABASE } })
    expect(config.admin).toEqual({})
    expect(config.revealSecrets().admin).toEqual({})
  })

  it('knows people by a provider, and by Access in front', () => {
    const { admin, warnings } = parse({ ...ON, RV_ADMIN_ACCESS: JSON.stringify(ACCESS) })
    expect(admin?.oidc).toEqual({
      issuer: 'https://acme.eu.auth0.com/',
      clientId: 'abc',
      clientAuthentication: 'post',
      scope: 'openid profile email',
      rolesClaim: 'https://verify.example.com/roles',
      roles: new Map([
        ['security', 'admin'],
        ['support', 'operator'],
      ]),
    })
    expect(admin?.access).toEqual({
      issuer: 'https://acme.cloudflareaccess.com',
      audience: 'a'.repeat(64),
      emails: new Map([['ada@example.com', 'admin']]),
      groups: new Map(),
      groupsClaim: 'groups',
    })
    expect(warnings).toEqual([])
  })

  it('says how long a session lasts only where that is given', () => {
    expect(parse(ON).admin?.sessionSeconds).toBeUndefined()
    for (const hours of [1, 8, 10, 24]) {
      const { admin } = parse({ ...ON, RV_ADMIN_SESSION_HOURS: `${hours}` })
      expect(admin?.sessionSeconds).toBe(hours * 3600)
    }
  })

  it.each(['0', '25', '240', '-1', '1.5', '08', '8h', ' 8', '1e1', '0x8', 'eight', '٨'])(
    'refuses a session of %j hours',
    (hours) => {
      expect(faultsOf({ ...ON, RV_ADMIN_SESSION_HOURS: hours })).toEqual([
        'RV_ADMIN_SESSION_HOURS must be a whole number from 1 to 24',
      ])
    },
  )

  it('shows its secrets to nobody who prints the configuration', () => {
    const printed = JSON.stringify(parse({ ...ON, RV_ADMIN_OIDC_CLIENT_SECRET: 'a-client-secret' }))
    for (const secret of ['a-password', SESSION, 'a-client-secret'])
      expect(printed).not.toContain(secret)
  })

  it.each<[string, Variables, string]>([
    [
      'a provider without a database',
      { RV_ADMIN_OIDC: JSON.stringify(OIDC) },
      'RV_ADMIN_OIDC has no use without RV_ADMIN_DATABASE_URL',
    ],
    [
      'another kind of database',
      { RV_ADMIN_DATABASE_URL: 'mysql://db' },
      'RV_ADMIN_DATABASE_URL must be a URL that begins with postgres://',
    ],
    [
      'people without a session secret',
      { ...ON, RV_ADMIN_SESSION_SECRET: '' },
      'RV_ADMIN_SESSION_SECRET must be set',
    ],
    [
      'a short session secret',
      { ...ON, RV_ADMIN_SESSION_SECRET: 'short' },
      'RV_ADMIN_SESSION_SECRET must have at least 32 bytes',
    ],
    [
      'a session secret that is another secret',
      { ...ON, RV_ADMIN_SESSION_SECRET: serviceEnvironment('x').RV_IDENTIFIER_SECRET },
      'equals',
    ],
    [
      'a client secret without a provider',
      { ...ON, RV_ADMIN_OIDC: '', RV_ADMIN_OIDC_CLIENT_SECRET: 'x' },
      'RV_ADMIN_OIDC_CLIENT_SECRET has no use without RV_ADMIN_OIDC',
    ],
    [
      'a session length without a provider',
      {
        ...ON,
        RV_ADMIN_OIDC: '',
        RV_ADMIN_ACCESS: JSON.stringify(ACCESS),
        RV_ADMIN_SESSION_HOURS: '1',
      },
      'RV_ADMIN_SESSION_HOURS has no use without RV_ADMIN_OIDC',
    ],
    [
      'a session length without a database',
      { RV_ADMIN_SESSION_HOURS: '1' },
      'RV_ADMIN_SESSION_HOURS has no use without RV_ADMIN_DATABASE_URL',
    ],
    [
      'a client secret with a space',
      { ...ON, RV_ADMIN_OIDC_CLIENT_SECRET: 'a b' },
      'RV_ADMIN_OIDC_CLIENT_SECRET must be the secret alone',
    ],
    ['no JSON', { ...ON, RV_ADMIN_OIDC: '{' }, 'RV_ADMIN_OIDC must be valid JSON'],
    ['an unknown key', withOidc({ rolesclaim: 'x' }), 'RV_ADMIN_OIDC has a key that is not known'],
    ['an issuer without TLS', withOidc({ issuer: 'http://acme.example' }), 'RV_ADMIN_OIDC.issuer'],
    [
      'an issuer with a query',
      withOidc({ issuer: 'https://acme.example/?x' }),
      'RV_ADMIN_OIDC.issuer',
    ],
    ['a scope without openid', withOidc({ scope: 'profile' }), 'RV_ADMIN_OIDC.scope'],
    ['a role that is none', withOidc({ roles: { x: 'root' } }), 'RV_ADMIN_OIDC.roles must lead to'],
    ['no role at all', withOidc({ roles: {} }), 'RV_ADMIN_OIDC.roles must name at least one'],
    [
      'a team of another domain',
      withAccess({ team_domain: 'acme.example.com' }),
      'RV_ADMIN_ACCESS.team_domain',
    ],
    ['an audience that is no tag', withAccess({ audience: 'x' }), 'RV_ADMIN_ACCESS.audience'],
    [
      'Access that gives nobody a role',
      { ...ON, RV_ADMIN_ACCESS: JSON.stringify({ ...ACCESS, emails: undefined }) },
      'RV_ADMIN_ACCESS must give somebody a role',
    ],
    [
      'a role of Access that is none',
      withAccess({ emails: { 'eve@example.com': 'root' } }),
      'RV_ADMIN_ACCESS.emails must lead to',
    ],
  ])('refuses %s', (_what, variables, expected) => {
    const faults = faultsOf(variables)
    expect(faults.filter((fault) => fault.includes(expected))).toHaveLength(1)
    for (const value of ['eve@example.com', 'a-password', SESSION])
      expect(faults.join()).not.toContain(value)
  })

  it('names every fault at once', () => {
    const faults = faultsOf({
      RV_ADMIN_DATABASE_URL: 'x',
      RV_ADMIN_OIDC: '[]',
      RV_ADMIN_ACCESS: '{}',
      RV_ADMIN_SESSION_SECRET: 'short',
    })
    for (const name of ['DATABASE_URL', 'OIDC', 'ACCESS', 'SESSION_SECRET'])
      expect(faults.some((fault) => fault.startsWith(`RV_ADMIN_${name}`))).toBe(true)
  })
})
