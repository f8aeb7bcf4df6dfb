/**
 * The handlers of a Worker. Configuration, keys and policies live as long as the isolate; the database
 * client belongs to one request, is never shared and never ended: the runtime closes it.
 */
import { SCHEMA_VERSION } from '../db/schema-version.ts'
import { createAssess } from './verifier/assess.ts'
import { createApp } from './verifier/http/app.ts'
import { logAssessments } from './verifier/http/assessment-log.ts'
import { attempt } from './verifier/http/background.ts'
import { ASSESS_MILLISECONDS, withinBudget } from './verifier/http/budget.ts'
import { isAdminUrl } from './verifier/http/mount.ts'
import { workersPlatform } from './verifier/http/platform-workers.ts'
import { createRateLimits } from './verifier/http/rate-limits.ts'
import { createStoreCheck } from './verifier/http/readiness.ts'
import { receiveEvents } from './verifier/learn.ts'
import { createLog } from './verifier/log.ts'
import { createPolicies } from './verifier/policies.ts'
import type { Clock } from './verifier/ports.ts'
import { type Admission, createCounter } from './verifier/store/admission.ts'
import { createRequestStore } from './verifier/store/request-store.ts'
import type { WorkerAdmin } from './worker-admin.ts'
import { runChores } from './worker-chores.ts'
import { createMemory } from './worker-memory.ts'
import { type Env, makeService, type Service } from './worker-service.ts'

/** What the platform gives. */
export interface WorkerOptions {
  readonly clock: Clock
  /** Milliseconds. */
  readonly stopwatch: () => number
  readonly random: (bytes: number) => Uint8Array<ArrayBuffer>
  readonly newId: () => string
  /** Gets each line of the log. */
  readonly write: (line: string) => void
  readonly limits?: Partial<WorkerLimits>
}

/** How long a request may wait, for what. */
export interface WorkerLimits {
  /** For a connection. */
  readonly connectSeconds: number
  /** For one statement, with its connection. */
  readonly deadlineMilliseconds: number
  /** For a verification, whatever it is made of. */
  readonly assessMilliseconds: number
}

/** What a request leaves behind to be finished after its answer. */
export interface Execution {
  waitUntil(work: Promise<unknown>): void
}

/** Far below the patience of people and proxies: who was not answered presses again. */
const LIMITS: WorkerLimits = {
  connectSeconds: 1,
  deadlineMilliseconds: 1500,
  assessMilliseconds: ASSESS_MILLISECONDS,
}
/** Statements of one isolate at once; Hyperdrive's own pool is behind them. */
const STATEMENTS = 100
/**
 * Statements that a request without a valid token may cause, health checks and settings, have a count of
 * their own: a burst of them must not use up the places of verifications.
 */
const ERRANDS = 8
/** Chores have a count of their own, longer deadlines, and nobody who waits. */
const CHORES = 4
const CHORE_DEADLINE_MILLISECONDS = 20_000
const FORGET_CHORE_SECONDS = 30

export function createWorker(options: WorkerOptions) {
  const { clock, stopwatch, random, newId } = options
  const limits = { ...LIMITS, ...options.limits }
  /** Above the deadline of a request's statement. */
  const forgetSeconds = Math.ceil(limits.deadlineMilliseconds / 1000) + 1
  const log = createLog(options.write, clock)
  const choreAdmission = createCounter(CHORES, { clock, seconds: FORGET_CHORE_SECONDS })
  const policies = createPolicies()
  const rateLimits = createRateLimits(stopwatch)
  const check = createStoreCheck({ clock, schemaVersion: SCHEMA_VERSION, log })
  const memory = createMemory({ clock, log, policies, check, forgetSeconds })
  let service: Service | undefined
  let admin: WorkerAdmin | undefined

  const { connectSeconds, deadlineMilliseconds } = limits
  const storeWith = (admission: Admission) => (env: Env) =>
    createRequestStore(env.HYPERDRIVE.connectionString, {
      admission,
      connectSeconds,
      deadlineMilliseconds,
    })
  const requestStore = storeWith(createCounter(STATEMENTS, { clock, seconds: forgetSeconds }))
  const errandStore = storeWith(createCounter(ERRANDS, { clock, seconds: forgetSeconds }))

  /** Two first requests may both make one; both are good, and the later one stays. */
  const serviceOf = async (env: Env) => {
    service ??= await makeService(env, random, log)
    return service
  }

  const keepSettings = (env: Env, execution: Execution) =>
    memory.keepSettings(
      () => errandStore(env),
      (work) => execution.waitUntil(work),
    )

  /** A value once it is made: requests wait for their own import and not for each other's. */
  const adminOf = async ({ config, identifiers }: Service) => {
    const { createWorkerAdmin } = await import('./worker-admin.ts')
    admin ??= createWorkerAdmin({
      config,
      settings: memory.settings,
      identifiers,
      clock,
      stopwatch,
      random,
      newId,
      log,
    })
    return admin
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
          newId,
          readShadows: () => memory.keepShadows(store),
          defer: (work) => execution.waitUntil(attempt(log, 'settle', () => work)),
          observe: logAssessments(log),
        }),
        limits.assessMilliseconds,
      ),
      tenants: config.tenants,
      settings: memory.settings,
      platform: workersPlatform,
      humanChecks,
      rateLimits,
      clock,
      stopwatch,
      random,
      newId,
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
      ready: () => memory.isReady(() => errandStore(env)),
    })
  }

  return {
    async fetch(request: Request, env: Env, execution: Execution): Promise<Response> {
      const made = await serviceOf(env)
      if (made === undefined) return misconfigured()
      if (made.config.admin !== undefined && isAdminUrl(request.url)) {
        await keepSettings(env, execution)
        return await (await adminOf(made))(request, env.HYPERDRIVE_ADMIN?.connectionString)
      }
      if (new URL(request.url).pathname === '/verify') await keepSettings(env, execution)
      return await appOf(made, env, execution).fetch(request, env)
    },

    /** What requests left open, what was completed, and what has expired. */
    async scheduled(_controller: unknown, env: Env, execution: Execution): Promise<void> {
      const store = createRequestStore(env.HYPERDRIVE.connectionString, {
        admission: choreAdmission,
        deadlineMilliseconds: CHORE_DEADLINE_MILLISECONDS,
      })
      const chores = { store, policies, service: () => serviceOf(env), log }
      execution.waitUntil(runChores(chores))
    },
  }
}

const misconfigured = () =>
  new Response('{"status":"unavailable"}', {
    status: 503,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  })
