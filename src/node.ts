/**
 * The verifier on Node: configuration from the environment, one pool of connections, a server with
 * limits, and the chores off the request path (settings, open records, learning, retention).
 * `startNode` is also what the demo and the tests start; run as a program, this file adds signals and
 * the exit code.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { SCHEMA_VERSION } from '../db/schema-version.ts'
import { CHORE_LIMITS, type Chores, createChores } from './node-chores.ts'
import { readNodeConfig } from './node-config.ts'
import { createOutput } from './node-output.ts'
import { runProgram } from './node-program.ts'
import { listen } from './node-server.ts'
import { createTelemetry } from './node-telemetry.ts'
import { createAssess } from './verifier/assess.ts'
import { createApp } from './verifier/http/app.ts'
import { logAssessments } from './verifier/http/assessment-log.ts'
import { attempt, createPending } from './verifier/http/background.ts'
import { withinBudget } from './verifier/http/budget.ts'
import { createLoopLag } from './verifier/http/loop-lag.ts'
import { mountAdmin } from './verifier/http/mount.ts'
import { createNodePlatform } from './verifier/http/platform-node.ts'
import { createRateLimits } from './verifier/http/rate-limits.ts'
import { createStoreCheck } from './verifier/http/readiness.ts'
import { createHumanChecks } from './verifier/human-check-tenants.ts'
import { createIdentifiers } from './verifier/identifiers.ts'
import { receiveEvents, type TurnOptions } from './verifier/learn.ts'
import { createLog } from './verifier/log.ts'
import { createPolicies } from './verifier/policies.ts'
import type { Clock } from './verifier/ports.ts'
import { createPoolStore, DEFAULT_LIMITS, type StoreLimits } from './verifier/store/pool-store.ts'
import { importKeyRings } from './verifier/token/key-ring.ts'
import { createTokens } from './verifier/token/tokens.ts'

export interface NodeOptions {
  /** Gets each line of the log. Default: standard output. */
  readonly write?: (line: string) => void
  /** Epoch seconds. Default: the wall clock. */
  readonly clock?: Clock
  readonly storeLimits?: Partial<StoreLimits>
  /**
   * Lag of the event loop beyond which the service is not ready. Default: not looked at, because a
   * process that does other work as well may stall of it.
   */
  readonly maxLagMilliseconds?: number
  /** How long events are left before they are looked at, and how many at once. */
  readonly learning?: Partial<TurnOptions>
  /** Stands at the top of the operators' pages. Default: nothing. */
  readonly adminNotice?: string
}

export interface NodeService extends Pick<Chores, 'refresh' | 'sweep' | 'learn' | 'tidy'> {
  /** The port that is listened on; the configured one unless that was 0. */
  readonly port: number
  /** The port of the metrics, where they are configured. */
  readonly metricsPort: number | undefined
  /**
   * Not ready from now on, but serving, for as long as RV_DRAIN_SECONDS says: balancers look elsewhere
   * before the port is closed.
   */
  readonly drain: () => Promise<void>
  /** Refuses new work, finishes what is under way, closes the pool. Safe to call twice. */
  readonly stop: () => Promise<void>
}

/**
 * On average, lately: beyond it people wait too long here and others should serve. A single pause must
 * not turn them away: Actions ask for readiness before each redirect.
 */
const MAX_LAG_MILLISECONDS = 200
const WARM_MILLISECONDS = 3_000
const RANDOM_BYTES = 4096

const wallClock: Clock = () => Math.floor(Date.now() / 1000)
const standardOutput = createOutput((text) => process.stdout.write(text), process)

/** Rejects with `ConfigError`, or when the port cannot be had; not when Postgres is down. */
export async function startNode(
  env: Readonly<Record<string, string | undefined>>,
  options: NodeOptions = {},
): Promise<NodeService> {
  const clock = options.clock ?? wallClock
  const stopwatch = () => performance.now()
  const { config, databaseUrl } = readNodeConfig(env)
  const telemetry = await createTelemetry({
    config: config.telemetry,
    tenants: [...config.tenants.keys()],
    connections: options.storeLimits?.connections ?? DEFAULT_LIMITS.connections,
    stopwatch,
    random: randomBytes,
  })
  const log = createLog(options.write ?? standardOutput, clock, telemetry.hear)
  log('starting', {
    runtime: 'node',
    tenants: config.tenants.size,
    warnings: config.warnings.length,
  })
  const secrets = config.revealSecrets()
  const tokens = telemetry.tokens(
    createTokens(config.tenants, await importKeyRings(secrets.tenants)),
  )
  const humanChecks = createHumanChecks({
    tenants: config.tenants,
    secrets: secrets.tenants,
    serviceSecret: secrets.identifierSecret,
    publicOrigin: config.publicOrigin,
    random: randomBytes,
    fetch,
  })
  const store = telemetry.store(
    createPoolStore(databaseUrl, options.storeLimits, (open, code) =>
      log('breaker', { open, store_error: code }),
    ),
  )
  const choreStore = createPoolStore(databaseUrl, { ...CHORE_LIMITS, ...options.storeLimits })
  const policies = createPolicies()
  const pending = createPending(log, 'settle')
  const lag = createLoopLag(stopwatch)
  const maxLag = options.maxLagMilliseconds ?? Number.POSITIVE_INFINITY
  let stopping = false

  const check = createStoreCheck({
    clock,
    schemaVersion: SCHEMA_VERSION,
    log,
    observe: telemetry.noteCheck,
  })
  const ready = async () => {
    if (stopping) return false
    if (lag.milliseconds() <= maxLag) return await check(store)
    log('readiness', { ready: false, code: 'overloaded' })
    return false
  }
  const identifiers = createIdentifiers(secrets.identifierSecret, secrets.previousIdentifierSecret)
  const chores = createChores({
    config,
    store,
    choreStore,
    identifiers,
    policies,
    log,
    stopwatch,
    learning: options.learning,
  })
  const app = createApp({
    tokens,
    assess: withinBudget(
      createAssess({
        store,
        tokens,
        identifiers,
        policies,
        tenants: config.tenants,
        newId: randomUUID,
        defer: pending.add,
        observe: logAssessments(log),
      }),
    ),
    tenants: config.tenants,
    settings: chores.settings,
    platform: createNodePlatform(config),
    humanChecks,
    rateLimits: createRateLimits(stopwatch),
    clock,
    stopwatch,
    random: createRandom(),
    newId: randomUUID,
    log,
    publicOrigin: config.publicOrigin,
    openerPolicy: config.openerPolicy,
    ...(secrets.streamTokens.size === 0
      ? {}
      : {
          logStream: {
            tokens: secrets.streamTokens,
            receive: (tenantId, items, now) =>
              receiveEvents({ store: choreStore, identifiers }, tenantId, items, now),
          },
        }),
    ready,
  })

  const admin =
    config.admin === undefined
      ? undefined
      : (await import('./node-admin.ts')).createNodeAdmin({
          config,
          settings: chores.settings,
          identifiers,
          clock,
          stopwatch,
          random: randomBytes,
          newId: randomUUID,
          log,
          ...(options.adminNotice === undefined ? {} : { notice: options.adminNotice }),
        })

  // Postgres may come up after us: until then the service answers 503 and is not ready.
  await Promise.race([attempt(log, 'warm', store.warm), patience()])
  await attempt(log, 'settings', chores.refresh)
  void attempt(log, 'history', chores.checkHistory)

  const closeStores = () => Promise.all([store.close(), choreStore.close(), admin?.close()])
  const giveUp = async (error: unknown) => {
    lag.stop()
    await Promise.all([closeStores(), telemetry.end()])
    throw error
  }
  const metricsPort = await telemetry
    .begin({ ready, loopLagMilliseconds: lag.milliseconds })
    .catch(giveUp)
  const serve = telemetry.serve(mountAdmin(app.fetch, admin?.fetch))
  const server = await listen(serve, config.listen, () => stopping).catch(giveUp)
  const endChores = chores.begin()
  log('listening', { runtime: 'node', port: server.port })

  const end = async () => {
    const start = stopwatch()
    stopping = true
    lag.stop()
    await server.close()
    await endChores()
    await pending.settled()
    await Promise.all([closeStores(), telemetry.end()])
    log('stopped', { duration_ms: Math.round(stopwatch() - start) })
  }
  let ended: Promise<void> | undefined
  return {
    port: server.port,
    metricsPort,
    refresh: chores.refresh,
    sweep: chores.sweep,
    learn: chores.learn,
    tidy: chores.tidy,
    drain: async () => {
      stopping = true
      await delay(config.drainSeconds * 1000)
    },
    stop: () => {
      ended ??= end()
      return ended
    },
  }
}

/** The program: the service until a signal ends it, with an exit code. */
export async function runNode(): Promise<void> {
  await runProgram(createLog(standardOutput, wallClock), () =>
    startNode(process.env, { maxLagMilliseconds: MAX_LAG_MILLISECONDS }),
  )
}

/** Asks the system's source for many requests at once. No byte is handed out twice. */
function createRandom(): (bytes: number) => Uint8Array {
  let drawn: Uint8Array = new Uint8Array()
  let used = 0
  return (bytes) => {
    if (drawn.length - used < bytes) {
      drawn = randomBytes(Math.max(bytes, RANDOM_BYTES))
      used = 0
    }
    const start = used
    used += bytes
    return drawn.subarray(start, used)
  }
}

/** A database that is frozen and not down would let a start wait for ever. */
const patience = () => delay(WARM_MILLISECONDS, undefined, { ref: false })

const started = process.argv[1]
if (started !== undefined && existsSync(started)) {
  if (realpathSync(started) === fileURLToPath(import.meta.url)) await runNode()
}
