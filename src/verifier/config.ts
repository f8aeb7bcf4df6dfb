/**
 * The environment, parsed once and whole: either a `Config`, or every fault at once. Faults name
 * variables, never values. It opens no connection and imports no key.
 */
import {
  ADMIN_PLAIN_VARIABLES,
  ADMIN_SECRET_VARIABLES,
  type AdminConfig,
  type AdminSecrets,
  parseAdmin,
} from './config-admin.ts'
import type { Report } from './config-json.ts'
import {
  type ClientAddressSource,
  type OpenerPolicy,
  parseClientAddress,
  parseDatabaseUrl,
  parseDrainSeconds,
  parseHeaderName,
  parseListenHost,
  parseListenPort,
  parseOpenerPolicy,
  parsePublicOrigin,
} from './config-network.ts'
import { parseRetention } from './config-retention.ts'
import {
  checkSecrets,
  namedSecrets,
  parseSecrets,
  type SecretPair,
  type TenantSecrets,
} from './config-secrets.ts'
import { namedStreamTokens, parseStreamTokens } from './config-stream.ts'
import { parseTelemetry, type TelemetryConfig } from './config-telemetry.ts'
import { parseTenants } from './config-tenants.ts'
import type { Tenant } from './ports.ts'
import type { RetentionPeriods } from './ports-learning.ts'

export type { ClientAddressSource, OpenerPolicy } from './config-network.ts'
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
  readonly openerPolicy: OpenerPolicy
  readonly retention: RetentionPeriods
  readonly listen: { readonly host: string; readonly port: number }
  readonly drainSeconds: number
  /** On Node; a Worker's telemetry is its platform's. */
  readonly telemetry: TelemetryConfig
  /** Absent: there is no such part, and its addresses are unknown ones. */
  readonly admin?: AdminConfig
  /** Not wrong, but worth a look at each start. Safe to log. */
  readonly warnings: readonly string[]
  /** A function, so that printing or serialising a configuration cannot show what it returns. */
  readonly revealSecrets: () => ConfigSecrets
}

export interface ConfigSecrets {
  /** Holds a password. Absent where the platform brings the connection (Hyperdrive). */
  readonly databaseUrl?: string
  /** Key of the pseudonyms: changed without the previous one beside it, it forgets everybody. */
  readonly identifierSecret: string
  /** The one before: what is stored under it is read until it is taken out. */
  readonly previousIdentifierSecret?: string
  /** Tenant id → secrets; one entry for each tenant. */
  readonly tenants: ReadonlyMap<string, TenantSecrets>
  /** Tenant id → what its log stream shows; tenants without a stream are absent. */
  readonly streamTokens: ReadonlyMap<string, SecretPair>
  /** Present where the operator's part is. */
  readonly admin?: AdminSecrets
}

export class ConfigError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`the configuration has ${faults.length} fault(s):\n- ${faults.join('\n- ')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const SECRET_VARIABLES = [
  'DATABASE_URL',
  'RV_SECRETS',
  'RV_IDENTIFIER_SECRET',
  'RV_IDENTIFIER_SECRET_PREVIOUS',
  'RV_LOG_STREAM_TOKENS',
  ...ADMIN_SECRET_VARIABLES,
] as const

const PLAIN_VARIABLES = [
  'RV_TENANTS',
  'RV_PUBLIC_ORIGIN',
  'RV_CLIENT_ADDRESS',
  'RV_COUNTRY_HEADER',
  'RV_ASN_HEADER',
  'RV_OPENER_POLICY',
  'RV_RECORD_DAYS',
  'RV_PROFILE_DAYS',
  'RV_HOST',
  'RV_PORT',
  'RV_DRAIN_SECONDS',
  'RV_METRICS_HOST',
  'RV_METRICS_PORT',
  'RV_OTLP_ENDPOINT',
  ...ADMIN_PLAIN_VARIABLES,
] as const

/**
 * Each of these may also be given as `<NAME>_FILE`, the path of a file that holds it: secrets, which do
 * not belong into an environment that others can read, and the tenants, which outgrow one (Linux passes
 * at most 128 KB in a variable, some 2,000 tenants).
 */
const FILE_VARIABLES = [...SECRET_VARIABLES, 'RV_TENANTS'] as const

const KNOWN: ReadonlySet<string> = new Set([
  ...PLAIN_VARIABLES,
  ...SECRET_VARIABLES,
  ...FILE_VARIABLES.map((name) => `${name}_FILE`),
])

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
  const filed = (name: (typeof FILE_VARIABLES)[number]) => textOrFile(env, name, readFile, fault)

  for (const name of Object.keys(env)) {
    if (name.startsWith('RV_') && !KNOWN.has(name))
      fault(`${shownName(name)} is not a variable of this service`)
  }
  const tenantsText = required('RV_TENANTS', filed('RV_TENANTS'), fault)
  const tenants = tenantsText === undefined ? undefined : parseTenants(tenantsText, fault)
  const secretsText = required('RV_SECRETS', filed('RV_SECRETS'), fault)
  const secrets =
    secretsText === undefined
      ? undefined
      : parseSecrets(secretsText, tenants && new Set(tenants.keys()), fault)
  const streamText = filed('RV_LOG_STREAM_TOKENS')
  const streamTokens =
    streamText === undefined
      ? new Map<string, SecretPair>()
      : parseStreamTokens(streamText, tenants && new Set(tenants.keys()), fault)
  const identifierSecret = required('RV_IDENTIFIER_SECRET', filed('RV_IDENTIFIER_SECRET'), fault)
  const previousIdentifierSecret = filed('RV_IDENTIFIER_SECRET_PREVIOUS')
  const warn: Report = (message) => warnings.push(message)
  const isBound = typeof env.HYPERDRIVE_ADMIN === 'object' && env.HYPERDRIVE_ADMIN !== null
  const admin = parseAdmin({ plain, filed, isBound }, fault, warn)
  const adminSecret = admin?.secrets.sessionSecret
  checkSecrets(
    [
      ...namedSecrets(secrets ?? new Map()),
      ...namedStreamTokens(streamTokens),
      ...(identifierSecret === undefined
        ? []
        : [{ name: 'RV_IDENTIFIER_SECRET', value: identifierSecret }]),
      ...(previousIdentifierSecret === undefined
        ? []
        : [{ name: 'RV_IDENTIFIER_SECRET_PREVIOUS', value: previousIdentifierSecret }]),
      ...(adminSecret === undefined
        ? []
        : [{ name: 'RV_ADMIN_SESSION_SECRET', value: adminSecret }]),
    ],
    fault,
    warn,
  )
  const databaseUrl = parseDatabaseUrl(filed('DATABASE_URL'), fault)
  const publicOrigin = parsePublicOrigin(plain('RV_PUBLIC_ORIGIN'), fault)
  const clientAddress = parseClientAddress(plain('RV_CLIENT_ADDRESS'), fault)
  const countryHeader = parseHeaderName('RV_COUNTRY_HEADER', plain('RV_COUNTRY_HEADER'), fault)
  const asnHeader = parseHeaderName('RV_ASN_HEADER', plain('RV_ASN_HEADER'), fault)
  const openerPolicy = parseOpenerPolicy(plain('RV_OPENER_POLICY'), fault)
  const retention = parseRetention(plain('RV_RECORD_DAYS'), plain('RV_PROFILE_DAYS'), fault)
  const host = parseListenHost(plain('RV_HOST'), fault)
  const port = parseListenPort(plain('RV_PORT'), fault)
  const drainSeconds = parseDrainSeconds(plain('RV_DRAIN_SECONDS'), fault)
  const telemetry = parseTelemetry(
    {
      metricsHost: plain('RV_METRICS_HOST'),
      metricsPort: plain('RV_METRICS_PORT'),
      otlpEndpoint: plain('RV_OTLP_ENDPOINT'),
      port,
    },
    fault,
  )

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
    openerPolicy,
    retention,
    listen: { host, port },
    drainSeconds,
    telemetry,
    ...(admin === undefined ? {} : { admin: admin.config }),
    warnings,
    revealSecrets: () => ({
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      identifierSecret,
      ...(previousIdentifierSecret === undefined ? {} : { previousIdentifierSecret }),
      tenants: secrets,
      streamTokens,
      ...(admin === undefined ? {} : { admin: admin.secrets }),
    }),
  }
}

/** Where names and values were mixed up, a secret stands in a name's place. */
const shownName = (name: string) =>
  /^[A-Z0-9_]{1,40}$/.test(name) ? name : 'A name that begins with RV_ and looks like a value'

/** Workers pass bindings of other types in the same object: only text is a variable. */
function textOf(env: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = env[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function required(name: string, value: string | undefined, fault: Report): string | undefined {
  if (value === undefined) fault(`${name} must be set`)
  return value
}

function textOrFile(
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
    // Editors and `echo` end a file with one line break, which is not part of a secret.
    return readFile(path).replace(/\r?\n$/, '') || undefined
  } catch {
    fault(`${name}_FILE names a file that cannot be read`)
    return direct
  }
}
