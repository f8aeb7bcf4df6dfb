/**
 * The whole round trip on this machine, over real sockets: the verifier, and an emulated tenant that
 * runs the reference Action. What the demo shows and the round-trip suite asserts on. It neither
 * starts nor migrates a database.
 */
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type SettingsSeed, seed } from '../../db/seed.ts'
import {
  type ActionSpec,
  createTenant,
  type Tenant,
  type TenantOptions,
} from '../emulator/index.ts'
import { type NodeOptions, type NodeService, startNode } from '../node.ts'
import type { PolicyDocument } from '../verifier/domain/policy.ts'
import { Failure } from './failure.ts'

export interface RoundTripOptions {
  readonly databaseUrl: string
  /** The verifier's name for the tenant. */
  readonly tenantId: string
  readonly secrets: RoundTripSecrets
  readonly policies: readonly PolicyDocument[]
  readonly settings?: SettingsSeed
  /** Further keys of the tenant's entry in RV_TENANTS, such as `token_parameter`. */
  readonly tenantEntry?: Readonly<Record<string, unknown>>
  /** Further variables of the verifier, in place of those given here. */
  readonly env?: Readonly<Record<string, string>>
  readonly node?: NodeOptions
  /** In place of the verifier on Node, which `node` is for: starts another one on RV_PORT. */
  readonly serve?: Serve
  /** The emulated tenant: users, applications, switches. */
  readonly tenant?: TenantOptions
  /** In place of the reference Action alone; the answer of `referenceAction` belongs among them. */
  readonly actions?: (reference: ActionSpec) => readonly ActionSpec[]
  /** Secrets of the Action in place of the usual ones; undefined takes one away. */
  readonly actionSecrets?: ActionSecrets
  readonly ports?: { readonly tenant?: PortChoice; readonly verifier?: PortChoice }
}

/** Where to listen; without one on any free port. */
export interface PortChoice {
  readonly port: number
  /** Taken by somebody else it is a fault; otherwise another port will do. */
  readonly required: boolean
}

/** Gets every variable of the verifier, DATABASE_URL among them. */
export type Serve = (env: Readonly<Record<string, string>>) => Promise<RunningVerifier>

export type RunningVerifier = Pick<NodeService, 'port' | 'stop'>

export interface RoundTripSecrets {
  /** Current, then perhaps the previous one; the Action holds `actionKeys` of them. */
  readonly session: readonly string[]
  readonly continue: readonly string[]
  readonly identifier: string
}

export type ActionSecrets = Readonly<Record<string, string | undefined>>

export interface RoundTrip {
  readonly tenant: Tenant
  readonly tenantId: string
  /** `http://tenant.localhost:PORT` and `http://verify.localhost:PORT`. */
  readonly origins: { readonly tenant: string; readonly verifier: string }
  readonly verifier: {
    /** The running one; throws while it is stopped. */
    service(): RunningVerifier
    stop(): Promise<void>
    /** On the same port; `env` replaces single variables from now on. */
    start(env?: Readonly<Record<string, string>>): Promise<void>
  }
  /** Deploys the Action anew with these secrets; its next leg starts cold. */
  deploy(secrets?: ActionSecrets): void
  close(): Promise<void>
}

const TENANT_NAME = 'tenant.localhost'
const VERIFIER_NAME = 'verify.localhost'
const TRIGGER = 'password-reset-post-challenge'

/** Beside the sources, and one folder further up from the compiled file. */
const ACTION_FILE = fileURLToPath(
  new URL(
    import.meta.url.includes('/dist/src/cli/')
      ? '../../../actions/password-reset-verify.js'
      : '../../actions/password-reset-verify.js',
    import.meta.url,
  ),
)

export async function startRoundTrip(options: RoundTripOptions): Promise<RoundTrip> {
  const { databaseUrl, tenantId, secrets } = options
  await seed(databaseUrl, [
    { id: tenantId, policies: options.policies, settings: options.settings ?? {} },
  ])
  const tenant = createTenant({ host: TENANT_NAME, ...options.tenant })
  let service: RunningVerifier | undefined
  const { serve = (env) => startNode(env, options.node) } = options
  try {
    const { origin: tenantOrigin } = await onPort('tenant', options.ports?.tenant, (port) =>
      tenant.listen({ port }),
    )
    let env: Readonly<Record<string, string>> = {
      DATABASE_URL: databaseUrl,
      RV_TENANTS: JSON.stringify([
        {
          id: tenantId,
          hosts: [{ host: TENANT_NAME, continue_origin: tenantOrigin }],
          ...options.tenantEntry,
        },
      ]),
      RV_SECRETS: JSON.stringify({
        [tenantId]: { session: secrets.session, continue: secrets.continue },
      }),
      RV_IDENTIFIER_SECRET: secrets.identifier,
      RV_CLIENT_ADDRESS: 'forwarded:127.0.0.0/8',
      ...options.env,
    }
    const startVerifier = (port: number) => {
      const at = { RV_PORT: `${port}`, RV_PUBLIC_ORIGIN: `http://${VERIFIER_NAME}:${port}` }
      return serve({ ...env, ...at })
    }
    // The verifier must know its own origin, hence its port, before it listens.
    service = await onPort('verifier', options.ports?.verifier, async (port) =>
      startVerifier(port === 0 ? await freePort() : port),
    )
    const { port } = service
    const verifierOrigin = `http://${VERIFIER_NAME}:${port}`

    const deploy = (given: ActionSecrets = {}) => {
      const reference = referenceAction({
        RV_URL: verifierOrigin,
        RV_SESSION_SECRET: secrets.session[0],
        RV_CONTINUE_SECRET: secrets.continue[0],
        RV_MODE: 'enforce',
        ...options.actionSecrets,
        ...given,
      })
      tenant.setActions(TRIGGER, options.actions?.(reference) ?? [reference])
    }
    deploy()

    const stop = async () => {
      await service?.stop()
      service = undefined
    }
    return {
      tenant,
      tenantId,
      origins: { tenant: tenantOrigin, verifier: verifierOrigin },
      verifier: {
        service: () => {
          if (service === undefined) throw new Error('The verifier is stopped.')
          return service
        },
        stop,
        start: async (changes = {}) => {
          env = { ...env, ...changes }
          service ??= await startVerifier(port)
        },
      },
      deploy,
      close: async () => {
        await Promise.all([stop(), tenant.close()])
      },
    }
  } catch (error) {
    await Promise.all([service?.stop(), tenant.close()])
    throw error
  }
}

/** The reference Action as it would be deployed: the file as it stands, with these secrets. */
function referenceAction(secrets: ActionSecrets): ActionSpec {
  const set = Object.entries(secrets).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return { name: 'password-reset-verify', file: ACTION_FILE, secrets: Object.fromEntries(set) }
}

/** Somebody may take a free port between our finding and our binding it. */
const ATTEMPTS = 5

export async function onPort<T>(
  what: string,
  choice: PortChoice | undefined,
  start: (port: number) => Promise<T>,
): Promise<T> {
  let port = choice?.port ?? 0
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(port)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      if (choice?.required)
        throw new Failure(`The ${what}'s port ${port} is taken; choose another.`)
      if (attempt === ATTEMPTS) throw error
      port = 0
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer().once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => found(port))
    })
  })
}
