/**
 * The environment, parsed once and whole: either a `Config`, or every fault at once. Faults name
 * variables, never values. It opens no connection and imports no key.
 */
import { type AddressRange, parseRange } from './address.ts'
import type { Report } from './config-json.ts'
import { checkSecrets, namedSecrets, parseSecrets, type TenantSecrets } from './config-secrets.ts'
import { isLocalName, parseTenants } from './config-tenants.ts'
import type { Tenant } from './ports.ts'

export type { SecretPair, TenantSecrets } from './config-secrets.ts'

export interface Config {
  /** Tenant id → tenant. */
  readonly tenants: ReadonlyMap<string, Tenant>
  /** Where browsers reach this service, such as `https://verify.example.com`. No trailing slash. */
  readonly publicOrigin: string
  readonly clientAddress: ClientAddressSource
  /** Lower-case names of headers that a CDN in front sets. */
  readonly countryHeader?: string
  readonly asnHeader?: string
  readonly listen: { readonly host: string; readonly port: number }
  /** Not wrong, but worth a look at each start. Safe to log. */
  readonly warnings: readonly string[]
  /** A function, so that printing or serialising a configuration cannot show what it returns. */
  readonly revealSecrets: () => ConfigSecrets
}

export interface ConfigSecrets {
  /** Holds a password. Absent where the platform brings the connection (Hyperdrive). */
  readonly databaseUrl?: string
  /** Key of the pseudonyms: changing it forgets every user, address and device. */
  readonly identifierSecret: string
  /** Tenant id → secrets; one entry for each tenant. */
  readonly tenants: ReadonlyMap<string, TenantSecrets>
}

/** Where the client's address is read from; nothing else is believed. */
export type ClientAddressSource =
  | { readonly kind: 'socket' }
  /** One header that the platform sets and no client can, such as `cf-connecting-ip`. Lower case. */
  | { readonly kind: 'header'; readonly name: string }
  /** `X-Forwarded-For`, read from the right as long as the hop is in one of the ranges. */
  | { readonly kind: 'forwarded'; readonly trusted: readonly AddressRange[] }

export class ConfigError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`the configuration has ${faults.length} fault(s):\n- ${faults.join('\n- ')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/** Each of these may also be given as `<NAME>_FILE`, the path of a file that holds it. */
const SECRET_VARIABLES = ['DATABASE_URL', 'RV_SECRETS', 'RV_IDENTIFIER_SECRET'] as const

const PLAIN_VARIABLES = [
  'RV_TENANTS',
  'RV_PUBLIC_ORIGIN',
  'RV_CLIENT_ADDRESS',
  'RV_COUNTRY_HEADER',
  'RV_ASN_HEADER',
  'RV_HOST',
  'RV_PORT',
] as const

const KNOWN: ReadonlySet<string> = new Set([
  ...PLAIN_VARIABLES,
  ...SECRET_VARIABLES,
  ...SECRET_VARIABLES.map((name) => `${name}_FILE`),
])

/** Loopback: being reachable from elsewhere is a choice. */
const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 3000

/**
 * Throws `ConfigError` with every fault. An empty variable counts as not set. Without `readFile` no
 * `<NAME>_FILE` is accepted.
 */
export function parseConfig(
  env: Readonly<Record<string, unknown>>,
  readFile?: (path: string) => string,
): Config {
  const faults: string[] = []
  const warnings: string[] = []
  const fault: Report = (message) => faults.push(message)
  const plain = (name: (typeof PLAIN_VARIABLES)[number]) => textOf(env, name)
  const secret = (name: (typeof SECRET_VARIABLES)[number]) => readSecret(env, name, readFile, fault)

  for (const name of Object.keys(env)) {
    if (name.startsWith('RV_') && !KNOWN.has(name))
      fault(`${name} is not a variable of this service`)
  }
  const tenantsText = required('RV_TENANTS', plain('RV_TENANTS'), fault)
  const tenants = tenantsText === undefined ? undefined : parseTenants(tenantsText, fault)
  const secretsText = required('RV_SECRETS', secret('RV_SECRETS'), fault)
  // Without tenants there is nothing to compare the entries with; their own fault is reported.
  const secrets =
    secretsText === undefined || tenants === undefined
      ? undefined
      : parseSecrets(secretsText, new Set(tenants.keys()), fault)
  const identifierSecret = required('RV_IDENTIFIER_SECRET', secret('RV_IDENTIFIER_SECRET'), fault)
  checkSecrets(
    [
      ...namedSecrets(secrets ?? new Map()),
      ...(identifierSecret === undefined
        ? []
        : [{ name: 'RV_IDENTIFIER_SECRET', value: identifierSecret }]),
    ],
    fault,
    (message) => warnings.push(message),
  )
  const databaseUrl = parseDatabaseUrl(secret('DATABASE_URL'), fault)
  const publicOrigin = parsePublicOrigin(plain('RV_PUBLIC_ORIGIN'), fault)
  const clientAddress = parseClientAddress(plain('RV_CLIENT_ADDRESS'), fault)
  const countryHeader = parseHeader('RV_COUNTRY_HEADER', plain('RV_COUNTRY_HEADER'), fault)
  const asnHeader = parseHeader('RV_ASN_HEADER', plain('RV_ASN_HEADER'), fault)
  const port = parsePort(plain('RV_PORT'), fault)

  if (
    faults.length > 0 ||
    tenants === undefined ||
    secrets === undefined ||
    identifierSecret === undefined ||
    publicOrigin === undefined ||
    clientAddress === undefined
  ) {
    throw new ConfigError(faults)
  }
  return {
    tenants,
    publicOrigin,
    clientAddress,
    ...(countryHeader === undefined ? {} : { countryHeader }),
    ...(asnHeader === undefined ? {} : { asnHeader }),
    listen: { host: plain('RV_HOST') ?? DEFAULT_HOST, port },
    warnings,
    revealSecrets: () => ({
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      identifierSecret,
      tenants: secrets,
    }),
  }
}

/** Workers pass bindings of other types in the same object: only text is a variable. */
function textOf(env: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = env[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function required(name: string, value: string | undefined, fault: Report): string | undefined {
  if (value === undefined) fault(`${name} must be set`)
  return value
}

function readSecret(
  env: Readonly<Record<string, unknown>>,
  name: string,
  readFile: ((path: string) => string) | undefined,
  fault: Report,
): string | undefined {
  const direct = textOf(env, name)
  const path = textOf(env, `${name}_FILE`)
  if (path === undefined) return direct
  if (direct !== undefined) fault(`${name} and ${name}_FILE are both set: give one of them`)
  if (readFile === undefined) {
    fault(`${name}_FILE cannot be used here: this platform has no files`)
    return direct
  }
  try {
    // Editors and `echo` end a file with one line break, which is not part of the secret.
    return readFile(path).replace(/\r?\n$/, '') || undefined
  } catch {
    fault(`${name}_FILE names a file that cannot be read`)
    return direct
  }
}

function parseDatabaseUrl(value: string | undefined, fault: Report): string | undefined {
  if (value === undefined) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return value
  fault('DATABASE_URL must be a URL that begins with postgres:// or postgresql://')
  return undefined
}

/** Secure cookies need a secure context: https, or a localhost name. */
function parsePublicOrigin(value: string | undefined, fault: Report): string | undefined {
  const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined
  const secure =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocalName(url.hostname))
  if (url !== undefined && secure && value === url.origin) return url.origin
  fault(
    'RV_PUBLIC_ORIGIN must be an origin without a path, such as https://verify.example.com; http only on a localhost name',
  )
  return undefined
}

function parseClientAddress(
  value: string | undefined,
  fault: Report,
): ClientAddressSource | undefined {
  if (value === 'socket') return { kind: 'socket' }
  if (value?.startsWith('header:')) {
    const name = parseHeader('RV_CLIENT_ADDRESS', value.slice('header:'.length), fault)
    if (name === undefined) return undefined
    if (name !== 'x-forwarded-for' && name !== 'forwarded') return { kind: 'header', name }
    fault(
      'RV_CLIENT_ADDRESS must not be that header: use forwarded: and the ranges of your proxies',
    )
    return undefined
  }
  if (value?.startsWith('forwarded:')) {
    const texts = value.slice('forwarded:'.length).split(',')
    const trusted = texts.map((text) => parseRange(text.trim()))
    if (!trusted.includes(undefined)) {
      return { kind: 'forwarded', trusted: trusted.filter((range) => range !== undefined) }
    }
    for (const [index, range] of trusted.entries()) {
      if (range === undefined) {
        fault(
          `RV_CLIENT_ADDRESS: range ${index + 1} must be such as 10.0.0.0/8, with no bits set below its length`,
        )
      }
    }
    return undefined
  }
  fault('RV_CLIENT_ADDRESS must be socket, header:<name> or forwarded:<range>,<range>')
  return undefined
}

/** RFC 9110 section 5.6.2: a token. */
function parseHeader(name: string, value: string | undefined, fault: Report): string | undefined {
  if (value === undefined) return undefined
  if (/^[A-Za-z0-9-]{1,64}$/.test(value)) return value.toLowerCase()
  fault(`${name} must name a header: letters, digits and hyphens`)
  return undefined
}

/** Port 0 lets the system choose one. */
function parsePort(value: string | undefined, fault: Report): number {
  if (value === undefined) return DEFAULT_PORT
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  fault('RV_PORT must be a number from 0 to 65535')
  return DEFAULT_PORT
}
