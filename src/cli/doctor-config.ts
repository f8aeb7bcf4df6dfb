/** What `doctor` makes of a configuration: faults, settings that belong on a developer's machine, hosts. */
import { readFileSync } from 'node:fs'
import { type Config, ConfigError, parseConfig } from '../verifier/config.ts'
import { isLocalName } from '../verifier/config-tenants.ts'
import type { Finding } from './findings.ts'
import type { Surroundings } from './surroundings.ts'

const MOST_NAMED = 20
/** Hosts that are asked at the same time: each is a connection to another place. */
const ASKED_AT_ONCE = 20

export interface ReadConfig {
  readonly config?: Config
  readonly findings: readonly Finding[]
}

export function readConfig(env: Surroundings['env']): ReadConfig {
  const database: readonly Finding[] =
    env.DATABASE_URL || env.DATABASE_URL_FILE
      ? []
      : [{ check: 'configuration', level: 'error', text: 'DATABASE_URL must be set' }]
  try {
    const config = parseConfig(env, (path) => readFileSync(path, 'utf8'))
    return { config, findings: [...database, ...configFindings(config)] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const todo = 'The README lists every variable.'
    return {
      findings: [
        ...database,
        ...error.faults.map(
          (text): Finding => ({ check: 'configuration', level: 'error', text, todo }),
        ),
      ],
    }
  }
}

function configFindings(config: Config): readonly Finding[] {
  const { tenants, warnings } = config
  return [
    {
      check: 'configuration',
      level: 'ok',
      text: `is whole, for ${named([...tenants.keys()], 'tenants')}`,
    },
    ...warnings.map((text): Finding => ({ check: 'configuration', level: 'warning', text })),
    ...secretFindings(config),
    ...developmentFindings(config),
  ]
}

/** What cannot be read as a list is counted; every tenant has findings of its own below. */
const named = (names: readonly string[], what: string) =>
  names.length > MOST_NAMED ? `${names.length.toLocaleString('en-US')} ${what}` : names.join(', ')

function secretFindings(config: Config): readonly Finding[] {
  return [...config.revealSecrets().tenants].map(([tenant, { session, continue: back }]) => {
    const rotating = session.length > 1 || back.length > 1
    return rotating
      ? {
          check: 'secrets',
          level: 'warning',
          tenant,
          text: `${tenant}: a previous secret is still accepted`,
          todo: 'Take it out once the new one has been used alone for an hour: doctor --log FILE tells.',
        }
      : { check: 'secrets', level: 'ok', tenant, text: `${tenant}: strong, and one per direction` }
  })
}

/** Without a local name anywhere this is taken for production. */
function developmentFindings(config: Config): readonly Finding[] {
  const { tenants, publicOrigin, listen, clientAddress } = config
  const localHosts = [...tenants.values()].flatMap(({ continueOrigins }) =>
    [...continueOrigins.keys()].filter(isLocalName),
  )
  const localOrigin = isLocalName(new URL(publicOrigin).hostname)
  const findings: Finding[] = []
  if (localOrigin && localHosts.length === 0)
    findings.push({
      check: 'origin',
      level: 'error',
      text: 'RV_PUBLIC_ORIGIN is a localhost name, and the tenants are real ones',
      todo: 'Name the origin under which browsers reach the verifier.',
    })
  if (localHosts.length > 0 && !localOrigin)
    findings.push({
      check: 'hosts',
      level: 'error',
      text: `RV_TENANTS names ${named(localHosts, 'localhost names')}, and the verifier is public`,
      todo: 'Take localhost names out: whoever controls one of them on some machine gets answers sent there.',
    })
  if (!localOrigin && isDemoDatabase(config))
    findings.push({
      check: 'database',
      level: 'error',
      text: 'DATABASE_URL is that of the demo',
      todo: 'Use a server that is backed up.',
    })
  const behindProxy = clientAddress.kind !== 'socket'
  if (!localOrigin && !behindProxy && isLoopback(listen.host))
    findings.push({
      check: 'address',
      level: 'error',
      text: 'RV_CLIENT_ADDRESS is socket and RV_HOST a loopback address: everybody has the address of the proxy',
      todo: 'Name the proxy: RV_CLIENT_ADDRESS=forwarded:CIDR, or header:NAME.',
    })
  for (const [tenant, { continueOrigins }] of tenants)
    for (const host of continueOrigins.keys())
      if (new URL(publicOrigin).hostname === host)
        findings.push({
          check: 'hosts',
          level: 'error',
          tenant,
          text: `${tenant}: ${host} is the verifier's own host`,
          todo: 'Hosts are those of Auth0: its domain and its custom domains.',
        })
  return findings
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || host.startsWith('127.')

/** The demo's server runs on this machine as the superuser `postgres`, in the database of that name. */
function isDemoDatabase(config: Config): boolean {
  const { databaseUrl } = config.revealSecrets()
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return false
  const { hostname, username, pathname, port } = new URL(databaseUrl)
  return (
    isLoopback(hostname) && username === 'postgres' && pathname === '/postgres' && port !== '5432'
  )
}

/** Whether each host is an Auth0 tenant that calls itself so; asks over the network. */
export async function hostFindings(
  config: Config,
  ask: typeof fetch,
  progress: (done: number, of: number) => void = () => {},
): Promise<readonly Finding[]> {
  const hosts = [...config.tenants.values()].flatMap(({ id, continueOrigins }) =>
    [...continueOrigins].map(([host, origin]) => ({ id, host, origin })),
  )
  const findings: Finding[] = []
  for (let index = 0; index < hosts.length; index += ASKED_AT_ONCE) {
    const some = hosts.slice(index, index + ASKED_AT_ONCE)
    findings.push(...(await Promise.all(some.map((host) => hostFinding(host, ask)))))
    progress(findings.length, hosts.length)
  }
  return findings
}

interface Host {
  readonly id: string
  readonly host: string
  readonly origin: string
}

async function hostFinding({ id, host, origin }: Host, ask: typeof fetch): Promise<Finding> {
  const issuer = await issuerOf(origin, ask)
  if (issuer === `${origin}/`)
    return { check: 'hosts', level: 'ok', tenant: id, text: `${id}: ${host} is an Auth0 tenant` }
  return {
    check: 'hosts',
    level: 'error',
    tenant: id,
    text:
      issuer === undefined
        ? `${id}: ${host} is no OpenID provider that can be reached from here`
        : `${id}: ${host} calls itself something else`,
    todo: 'Is the name right? Answers are sent to no other place.',
  }
}

async function issuerOf(origin: string, ask: typeof fetch): Promise<string | undefined> {
  try {
    const answer = await ask(`${origin}/.well-known/openid-configuration`, {
      redirect: 'error',
      signal: AbortSignal.timeout(5_000),
    })
    const { issuer } = Object(await answer.json()) as { readonly issuer?: unknown }
    return answer.ok && typeof issuer === 'string' ? issuer : undefined
  } catch {
    return undefined
  }
}
