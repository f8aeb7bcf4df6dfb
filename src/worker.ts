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
import { withinBudget } from './verifier/http/budget.ts'
import { workersPlatform } from './verifier/http/platform-workers.ts'
import { createRateLimits } from './verifier/http/rate-limits.ts'
import { createStoreCheck } from './verifier/http/readiness.ts'
import type { HumanCheck } from './verifier/human-check.ts'
import { createHumanChecks } from './verifier/human-check-tenants.ts'
import { createIdentifiers } from './verifier/identifiers.ts'
import { dueTenants, learnTurn, receiveEvents, unreadHistories } from './verifier/learn.ts'
import { createLog } from './verifier/log.ts'
import { createPolicies } from './verifier/policies.ts'
import {
  DEFAULT_SETTINGS,
  type Identifiers,
  type Store,
  StoreError,
  type TenantSettings,
  type Tokens,
} from './verifier/ports.ts'
import type { Learning, Retention } from './verifier/ports-learning.ts'
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
  readonly streamTokens: ReadonlyMap<string, readonly string[]>
  readonly humanChecks: ReadonlyMap<string, HumanCheck>
}

const REFRESH_SECONDS = 30
/** How long an isolate that could not read the settings serves without before it asks again. */
const RETRY_SECONDS = 5
const READY_SECONDS = 1
/** Statements of one isolate at once; Hyperdrive's own pool is behind them. */
const STATEMENTS = 100
/**
 * Statements that a request without a valid token may cause, health checks and settings, have a count of
 * their own: a burst of them must not use up the places of verifications.
 */
const ERRANDS = 8
/** Above the deadline of a request's statement. */
const FORGET_SECONDS = 3
/** Chores have a count of their own, longer deadlines, and nobody who waits. */
const CHORES = 4
const CHORE_DEADLINE_MILLISECONDS = 20_000
const FORGET_CHORE_SECONDS = 30

const clock = () => Math.floor(Date.now() / 1000)
const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
const log = createLog((line) => console.log(line), clock)
const admission = createCounter(STATEMENTS, { clock, seconds: FORGET_SECONDS })
const errandAdmission = createCounter(ERRANDS, { clock, seconds: FORGET_SECONDS })
const choreAdmission = createCounter(CHORES, { clock, seconds: FORGET_CHORE_SECONDS })
const policies = createPolicies()
const rateLimits = createRateLimits(() => Date.now())
const check = createStoreCheck({ clock, schemaVersion: SCHEMA_VERSION, log })

let shadowsAskedAt = Number.NEGATIVE_INFINITY
let service: Service | undefined
let settings: ReadonlyMap<string, TenantSettings> | undefined
let settingsAskedAt = Number.NEGATIVE_INFINITY
let settingsFailedAt = Number.NEGATIVE_INFINITY
let readiness: { readonly at: number; readonly ready: boolean } | undefined
let readinessAskedAt = Number.NEGATIVE_INFINITY

export default {
  async fetch(request: Request, env: Env, execution: Execution): Promise<Response> {
    const made = await makeService(env)
    if (made === undefined) return misconfigured()
    if (new URL(request.url).pathname === '/verify') await keepSettings(env, execution)
    return await appOf(made, env, execution).fetch(request, env)
  },

  /** What requests left open, what was completed, and what has expired. */
  async scheduled(_controller: unknown, env: Env, execution: Execution): Promise<void> {
    const store = createRequestStore(env.HYPERDRIVE.connectionString, {
      admission: choreAdmission,
      deadlineMilliseconds: CHORE_DEADLINE_MILLISECONDS,
    })
    const sweep = async () => {
      const { settled, left } = await settleOpen(store, policies)
      if (settled + left > 0) log('swept', { settled, left })
    }
    execution.waitUntil(
      attempt(log, 'sweep', sweep)
        .then(() => attempt(log, 'learn', () => learn(env, store)))
        .then(() => attempt(log, 'tidy', () => tidy(env, store))),
    )
  },
}

async function learn(env: Env, store: Learning): Promise<void> {
  const made = await makeService(env)
  if (made === undefined) return
  for (const tenantId of await dueTenants(store, made.config.tenants.keys())) {
    const turn = await learnTurn(store, tenantId)
    if (turn.confirmed + turn.folded > 0) log('learned', { tenant_id: tenantId, ...turn })
  }
}

async function tidy(env: Env, store: Learning & Retention): Promise<void> {
  const made = await makeService(env)
  if (made === undefined) return
  const { profileDays } = made.config.retention
  const { identifiers, config } = made
  const unread = await unreadHistories(store, config.tenants.keys(), identifiers, profileDays)
  for (const tenantId of unread) log('history_unread', { tenant_id: tenantId })
  const tidied = await store.tidy(made.config.retention)
  if (tidied.rows + tidied.made + tidied.dropped > 0) log('purged', { ...tidied })
}

const requestStore = (env: Env) =>
  createRequestStore(env.HYPERDRIVE.connectionString, { admission })

const errandStore = (env: Env) =>
  createRequestStore(env.HYPERDRIVE.connectionString, { admission: errandAdmission })

/** Two first requests may both make one; both are good, and the later one stays. */
async function makeService(env: Env): Promise<Service | undefined> {
  if (service !== undefined) return service
  try {
    const config = parseConfig(env)
    const secrets = config.revealSecrets()
    const tokens = createTokens(config.tenants, await importKeyRings(secrets.tenants))
    service = {
      config,
      tokens,
      identifiers: createIdentifiers(secrets.identifierSecret, secrets.previousIdentifierSecret),
      streamTokens: secrets.streamTokens,
      humanChecks: createHumanChecks({
        tenants: config.tenants,
        secrets: secrets.tenants,
        serviceSecret: secrets.identifierSecret,
        publicOrigin: config.publicOrigin,
        random,
        // Bare `fetch` refuses to be called as anything's method here.
        fetch: (input, init) => fetch(input, init),
      }),
    }
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

function appOf(
  { config, tokens, identifiers, streamTokens, humanChecks }: Service,
  env: Env,
  execution: Execution,
) {
  const store = requestStore(env)
  return createApp({
    tokens,
    assess: withinBudget(
      createAssess({
        store,
        tokens,
        identifiers,
        policies,
        tenants: config.tenants,
        newId: () => crypto.randomUUID(),
        readShadows: () => keepShadows(store),
        defer: (work) => execution.waitUntil(attempt(log, 'settle', () => work)),
        observe: logAssessments(log),
      }),
    ),
    tenants: config.tenants,
    settings: (tenantId) => settings?.get(tenantId) ?? DEFAULT_SETTINGS,
    platform: workersPlatform,
    humanChecks,
    rateLimits,
    clock,
    // The platform's clock stands still while code runs; it moves with input and output.
    stopwatch: () => Date.now(),
    random,
    log,
    publicOrigin: config.publicOrigin,
    openerPolicy: config.openerPolicy,
    ...(streamTokens.size === 0
      ? {}
      : {
          logStream: {
            tokens: streamTokens,
            receive: (tenantId, items, now) =>
              receiveEvents({ store, identifiers }, tenantId, items, now),
          },
        }),
    ready: () => isReady(env),
  })
}

/** While one request asks, the others hear the last answer: anybody may send them, as many as they like. */
async function isReady(env: Env): Promise<boolean> {
  const since = (at: number) => Math.abs(clock() - at)
  if (readiness !== undefined) {
    if (since(readiness.at) < READY_SECONDS) return readiness.ready
    if (since(readinessAskedAt) < FORGET_SECONDS) return readiness.ready
  }
  readinessAskedAt = clock()
  const ready = await check(errandStore(env))
  readiness = { at: clock(), ready }
  readinessAskedAt = Number.NEGATIVE_INFINITY
  return ready
}

/**
 * The first requests of an isolate read the tenants' names and wishes before they are answered, each for
 * itself: without them pages have no name, and a tenant's wish for a click would be ignored wherever
 * isolates are short-lived. Later they are refreshed beside an answer, on a connection of its own.
 */
async function keepSettings(env: Env, execution: Execution): Promise<void> {
  if (settings === undefined) {
    if (Math.abs(clock() - settingsFailedAt) >= RETRY_SECONDS) await readSettings(errandStore(env))
  } else if (Math.abs(clock() - settingsAskedAt) >= REFRESH_SECONDS) {
    settingsAskedAt = clock()
    execution.waitUntil(readSettings(errandStore(env)))
  }
}

async function readSettings(store: Store): Promise<void> {
  try {
    settings = await store.readSettings()
    settingsAskedAt = clock()
  } catch (error) {
    // Refused for its number says nothing of Postgres: the next request may ask.
    if (error instanceof StoreError && error.kind === 'overloaded') return
    settingsFailedAt = clock()
    logFailure(log, 'settings', error)
  }
}

/** After an answer and before its record is written back, so that an isolate of one request watches too. */
async function keepShadows(store: Store): Promise<void> {
  if (Math.abs(clock() - shadowsAskedAt) < REFRESH_SECONDS) return
  await attempt(log, 'shadow', async () => {
    const unusable = await policies.refreshShadows(store)
    if (unusable > 0) log('failure', { where: 'shadow', error_class: 'PolicyUnusable' })
  })
  shadowsAskedAt = clock()
}

const misconfigured = () =>
  new Response('{"status":"unavailable"}', {
    status: 503,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  })
