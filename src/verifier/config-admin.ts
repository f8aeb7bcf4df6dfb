/**
 * The variables of the operator's part: whether there is one, and how people are known there. Off
 * unless it has a database of its own, under a role of its own. Messages quote no value.
 */
import * as z from 'zod'
import { parseJson, parseShape, type Report } from './config-json.ts'
import { parseDatabaseUrl } from './config-network.ts'
import { isLocalName } from './config-tenants.ts'
import { ROLES, type Role } from './ports-admin.ts'

export interface AdminConfig {
  readonly oidc?: OidcSettings
  readonly access?: AccessSettings
  /** Of people who sign in at the provider; absent: the usual working day. */
  readonly sessionSeconds?: number
}

export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly scope: string
  /** How a client with a secret proves itself; without one it is a public client. */
  readonly clientAuthentication: 'post' | 'basic'
  /** The claim of the ID token that says what somebody is: a text or a list of texts. */
  readonly rolesClaim: string
  /** A value of that claim → role. */
  readonly roles: ReadonlyMap<string, Role>
}

export interface AccessSettings {
  /** `https://<team>.cloudflareaccess.com` */
  readonly issuer: string
  readonly audience: string
  /** E-mail address in lower case → role. */
  readonly emails: ReadonlyMap<string, Role>
  readonly groupsClaim: string
  readonly groups: ReadonlyMap<string, Role>
  /** Of everybody whom the proxy lets through. */
  readonly defaultRole?: Role
}

export interface AdminSecrets {
  /** Absent where the platform brings the connection (Hyperdrive). */
  readonly databaseUrl?: string
  readonly oidcClientSecret?: string
  readonly sessionSecret?: string
}

export const ADMIN_SECRET_VARIABLES = [
  'RV_ADMIN_DATABASE_URL',
  'RV_ADMIN_OIDC_CLIENT_SECRET',
  'RV_ADMIN_SESSION_SECRET',
] as const

export const ADMIN_PLAIN_VARIABLES = [
  'RV_ADMIN_OIDC',
  'RV_ADMIN_ACCESS',
  'RV_ADMIN_SESSION_HOURS',
] as const

const isRole = (word: string): word is Role => (ROLES as readonly string[]).includes(word)
const role = z.enum(ROLES, `must be one of ${ROLES.join(', ')}`)
/** Faults name the map and no entry of it: its keys may be people's addresses. */
const roleMap = z
  .record(z.string(), z.string(), 'must be an object of roles')
  .refine((map) => Object.keys(map).length > 0, 'must name at least one role')
  .refine(
    (map) => Object.values(map).every(isRole),
    `must lead to ${ROLES.join(', ')} and nothing else`,
  )
  .transform((map) => new Map(Object.entries(map) as [string, Role][]))
const text = z.string('must be text').regex(/^[\x21-\x7e]{1,500}$/, 'must be text without spaces')

const issuer = z
  .string('must be text')
  .refine(isIssuer, 'must be an https URL without query or fragment; http only on a localhost name')

/** OpenID Connect Discovery, section 2; development signs in at an emulator on this machine. */
function isIssuer(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, search, hash, username, password } = new URL(value)
  const secure = protocol === 'https:' || (protocol === 'http:' && isLocalName(hostname))
  return secure && search === '' && hash === '' && username === '' && password === ''
}

const OIDC = z.strictObject({
  issuer,
  client_id: text,
  client_authentication: z.enum(['post', 'basic'], 'must be post or basic').default('post'),
  scope: z
    .string('must be text')
    .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, 'must be words with one space between them')
    .refine((scope) => scope.split(' ').includes('openid'), 'must have openid in it')
    .default('openid profile email'),
  roles_claim: text,
  roles: roleMap,
})

const ACCESS = z
  .strictObject({
    team_domain: z
      .string('must be text')
      .regex(
        /^[a-z0-9-]{1,63}\.cloudflareaccess\.com$/,
        'must be such as acme.cloudflareaccess.com',
      ),
    audience: z
      .string('must be text')
      .regex(/^[0-9a-f]{64}$/, 'must be the application’s audience tag, 64 hexadecimal digits'),
    emails: roleMap.exactOptional(),
    groups: roleMap.exactOptional(),
    groups_claim: text.default('groups'),
    default_role: role.exactOptional(),
  })
  .refine(
    ({ emails, groups, default_role }) => (emails ?? groups ?? default_role) !== undefined,
    'must give somebody a role: emails, groups or default_role',
  )

export interface ParsedAdmin {
  readonly config: AdminConfig
  readonly secrets: AdminSecrets
}

/** Where the variables are read: plain ones, secrets (which may stand in files), and the binding. */
export interface AdminSource {
  readonly plain: (name: (typeof ADMIN_PLAIN_VARIABLES)[number]) => string | undefined
  readonly filed: (name: (typeof ADMIN_SECRET_VARIABLES)[number]) => string | undefined
  /** The platform brings the database. */
  readonly isBound: boolean
}

/** Undefined when the operator's part is off, or after reporting why it cannot be on. */
export function parseAdmin(
  { plain, filed, isBound }: AdminSource,
  fault: Report,
  warn: Report,
): ParsedAdmin | undefined {
  const url = filed('RV_ADMIN_DATABASE_URL')
  const databaseUrl = parseDatabaseUrl(url, fault, 'RV_ADMIN_DATABASE_URL')
  const given = {
    RV_ADMIN_OIDC: plain('RV_ADMIN_OIDC'),
    RV_ADMIN_ACCESS: plain('RV_ADMIN_ACCESS'),
    RV_ADMIN_OIDC_CLIENT_SECRET: filed('RV_ADMIN_OIDC_CLIENT_SECRET'),
    RV_ADMIN_SESSION_SECRET: filed('RV_ADMIN_SESSION_SECRET'),
    RV_ADMIN_SESSION_HOURS: plain('RV_ADMIN_SESSION_HOURS'),
  }
  const oidc = parseOidc(given.RV_ADMIN_OIDC, fault)
  const access = parseAccess(given.RV_ADMIN_ACCESS, fault)
  const sessionSeconds = parseSessionHours(given.RV_ADMIN_SESSION_HOURS, fault)
  const clientSecret = given.RV_ADMIN_OIDC_CLIENT_SECRET
  const sessionSecret = given.RV_ADMIN_SESSION_SECRET
  if (clientSecret !== undefined && !/^[\x21-\x7e]{1,1024}$/.test(clientSecret)) {
    fault('RV_ADMIN_OIDC_CLIENT_SECRET must be the secret alone, without spaces')
  }
  if (url === undefined && !isBound) {
    const named = Object.entries(given).filter(([, value]) => value !== undefined)
    for (const [name] of named) {
      fault(`${name} has no use without RV_ADMIN_DATABASE_URL: there is no admin part without it`)
    }
    return undefined
  }
  const people = given.RV_ADMIN_OIDC !== undefined || given.RV_ADMIN_ACCESS !== undefined
  if (people && sessionSecret === undefined) {
    fault(
      'RV_ADMIN_SESSION_SECRET must be set where people sign in; make one with: openssl rand -base64 48',
    )
  }
  if (clientSecret !== undefined && given.RV_ADMIN_OIDC === undefined) {
    fault('RV_ADMIN_OIDC_CLIENT_SECRET has no use without RV_ADMIN_OIDC')
  }
  if (given.RV_ADMIN_SESSION_HOURS !== undefined && given.RV_ADMIN_OIDC === undefined) {
    fault('RV_ADMIN_SESSION_HOURS has no use without RV_ADMIN_OIDC: nobody else has a session here')
  }
  if (!people) warn('nobody can sign in to the admin part: only its API tokens are accepted')
  return {
    config: {
      ...(oidc === undefined ? {} : { oidc }),
      ...(access === undefined ? {} : { access }),
      ...(sessionSeconds === undefined ? {} : { sessionSeconds }),
    },
    secrets: {
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...(clientSecret === undefined ? {} : { oidcClientSecret: clientSecret }),
      ...(sessionSecret === undefined ? {} : { sessionSecret }),
    },
  }
}

function parseSessionHours(text: string | undefined, fault: Report): number | undefined {
  if (text === undefined) return undefined
  if (/^([1-9]|1\d|2[0-4])$/.test(text)) return Number(text) * 3600
  fault('RV_ADMIN_SESSION_HOURS must be a whole number from 1 to 24')
  return undefined
}

function parseOidc(text: string | undefined, fault: Report): OidcSettings | undefined {
  const value = text === undefined ? undefined : parseJson('RV_ADMIN_OIDC', text, fault)
  const parsed = value === undefined ? undefined : parseShape('RV_ADMIN_OIDC', value, OIDC, fault)
  if (parsed === undefined) return undefined
  return {
    issuer: parsed.issuer,
    clientId: parsed.client_id,
    scope: parsed.scope,
    clientAuthentication: parsed.client_authentication,
    rolesClaim: parsed.roles_claim,
    roles: parsed.roles,
  }
}

function parseAccess(text: string | undefined, fault: Report): AccessSettings | undefined {
  const value = text === undefined ? undefined : parseJson('RV_ADMIN_ACCESS', text, fault)
  const parsed =
    value === undefined ? undefined : parseShape('RV_ADMIN_ACCESS', value, ACCESS, fault)
  if (parsed === undefined) return undefined
  const { emails, groups, default_role: defaultRole } = parsed
  return {
    issuer: `https://${parsed.team_domain}`,
    audience: parsed.audience,
    emails: new Map([...(emails ?? [])].map(([email, own]) => [email.toLowerCase(), own])),
    groupsClaim: parsed.groups_claim,
    groups: groups ?? new Map(),
    ...(defaultRole === undefined ? {} : { defaultRole }),
  }
}
