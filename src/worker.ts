/**
 * The verifier on Cloudflare Workers. Configuration, keys and policies live as long as the isolate;
 * the database client belongs to one request, is never shared and never ended: the runtime closes it.
 * What the isolate keeps are values, never promises, because a promise of one request must not be
 * awaited by another.
 */
import { SCHEMA_VERSION } from '../db/schema-version.ts'
import { createAssess } from './verifier/assess.ts'
import { type Config, ConfigError, parseConfig } from './verifier/config.ts'
import { createApp } from './verifier/http/app.ts'
import { logAssessments } from './verifier/http/assessment-log.ts'
import { attempt, logFailure } from './verifier/http/background.ts'
import { workersPlatform } from './verifier/http/platform-workers.ts'
import { createStoreCheck } from './verifier/http/readiness.ts'
import { createIdentifiers } from './verifier/identifiers.ts'
import { createLog } from './verifier/log.ts'
import { createPolicies } from './verifier/policies.ts'
import {
  DEFAULT_SETTINGS,
  type Identifiers,
  type Retention,
  type Store,
  type TenantSettings,
  type Tokens,
} from './verifier/ports.ts'
import { createCounter } from './verifier/store/admission.ts'
import { createRequestStore } from './verifier/store/request-store.ts'
import { settleOpen } from './verifier/sweep.ts'
import { importKeyRings } from './verifier/token/key-ring.ts'
import { createTokens } from './verifier/token/tokens.ts'

/** Variables and secrets are text; `HYPERDRIVE` is the binding of wrangler.toml. */
interface Env extends Readonly<Record<string, unknown>> {
  readonly HYPERDRIVE: { readonly connectionString: string }
}

interface Execution {
  waitUntil(work: Promise<unknown>): void
}

/** What the configuration is made into, once. */
interface Service {
  readonly config: Config
  readonly tokens: Tokens
  readonly identifiers: Identifiers
}

const REFRESH_SECONDS = 30
const READY_SECONDS = 1
/** Statements of one isolate at once; Hyperdrive's own pool is behind them. */
const STATEMENTS = 100

const clock = () => Math.floor(Date.now() / 1000)
const log = createLog((line) => console.log(line), clock)
const admission = createCounter(STATEMENTS)
const policies = createPolicies()
const check = createStoreCheck({ clock, schemaVersion: SCHEMA_VERSION, log })

let service: Service | undefined
let settings: ReadonlyMap<string, TenantSettings> = new Map()
let settingsAt = Number.NEGATIVE_INFINITY
let readiness = { at: Number.NEGATIVE_INFINITY, ready: false }

export default {
  async fetch(request: Request, env: Env, execution: Execution): Promise<Response> {
    const made = await makeService(env)
    if (made === undefined) return misconfigured()
    const store = createRequestStore(env.HYPERDRIVE.connectionString, { admission })
    refreshSettings(env, execution)
    return await appOf(made, store, execution).fetch(request, env)
  },

  /** What requests left open when they died before the write-back; then what has expired. */
  async scheduled(_controller: unknown, env: Env, execution: Execution): Promise<void> {
    const store = createRequestStore(env.HYPERDRIVE.connectionString, { admission })
    const sweep = async () => {
      const { settled, left } = await settleOpen(store, policies)
      if (settled + left > 0) log('swept', { settled, left })
    }
    execution.waitUntil(
      attempt(log, 'sweep', sweep).then(() => attempt(log, 'tidy', () => tidy(env, store))),
    )
  },
}

async function tidy(env: Env, store: Retention): Promise<void> {
  const made = await makeService(env)
  if (made === undefined) return
  const tidied = await store.tidy(made.config.retention)
  if (tidied.rows + tidied.made + tidied.dropped > 0) log('purged', { ...tidied })
}

/** Two first requests may both make one; both are good, and the later one stays. */
async function makeService(env: Env): Promise<Service | undefined> {
  if (service !== undefined) return service
  try {
    const config = parseConfig(env)
    const secrets = config.revealSecrets()
    const tokens = createTokens(config.tenants, await importKeyRings(secrets.tenants))
    service = { config, tokens, identifiers: createIdentifiers(secrets.identifierSecret) }
    log('starting', {
      runtime: 'workers',
      tenants: config.tenants.size,
      warnings: config.warnings.length,
    })
    return service
  } catch (error) {
    logFailure(log, 'config', error)
    // Names variables, never values: the operator reads it in the platform's log.
    if (error instanceof ConfigError) console.error(error.message)
    return undefined
  }
}

function appOf({ config, tokens, identifiers }: Service, store: Store, execution: Execution) {
  return createApp({
    tokens,
    assess: createAssess({
      store,
      tokens,
      identifiers,
      policies,
      tenants: config.tenants,
      newId: () => crypto.randomUUID(),
      defer: (work) => execution.waitUntil(attempt(log, 'settle', () => work)),
      observe: logAssessments(log),
    }),
    tenants: config.tenants,
    settings: (tenantId) => settings.get(tenantId) ?? DEFAULT_SETTINGS,
    platform: workersPlatform,
    clock,
    // The platform's clock stands still while code runs; it moves with input and output.
    stopwatch: () => Date.now(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    log,
    publicOrigin: config.publicOrigin,
    openerPolicy: config.openerPolicy,
    ready: () => isReady(store),
  })
}

async function isReady(store: Store): Promise<boolean> {
  if (Math.abs(clock() - readiness.at) < READY_SECONDS) return readiness.ready
  const ready = await check(store)
  readiness = { at: clock(), ready }
  return ready
}

/**
 * Beside the answer and on a connection of its own, so that no verification waits for it. Until the
 * first one has come the pages have no name and no colour.
 */
function refreshSettings(env: Env, execution: Execution): void {
  if (Math.abs(clock() - settingsAt) < REFRESH_SECONDS) return
  settingsAt = clock()
  const store = createRequestStore(env.HYPERDRIVE.connectionString, { admission })
  const refresh = async () => {
    settings = await store.readSettings()
  }
  execution.waitUntil(attempt(log, 'settings', refresh))
}

const misconfigured = () =>
  new Response('{"status":"unavailable"}', {
    status: 503,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  })
