/**
 * The verifier on Node: configuration from the environment, one pool of connections, a server with
 * limits, and the chores off the request path (settings, open records, learning, retention).
 * `startNode` is also what the demo and the tests start; run as a program, this file adds signals and
 * the exit code.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { SCHEMA_VERSION } from '../db/schema-version.ts'
import { createAssess } from './verifier/assess.ts'
import { type Config, ConfigError, parseConfig } from './verifier/config.ts'
import { createApp } from './verifier/http/app.ts'
import { logAssessments } from './verifier/http/assessment-log.ts'
import { attempt, createPending, logFailure, repeat } from './verifier/http/background.ts'
import { withinBudget } from './verifier/http/budget.ts'
import { createLoopLag } from './verifier/http/loop-lag.ts'
import { createNodePlatform } from './verifier/http/platform-node.ts'
import { createRateLimits } from './verifier/http/rate-limits.ts'
import { createStoreCheck } from './verifier/http/readiness.ts'
import { createHumanChecks } from './verifier/human-check-tenants.ts'
import { createIdentifiers } from './verifier/identifiers.ts'
import { isHistoryUnread, learnTurn, receiveEvents, type TurnOptions } from './verifier/learn.ts'
import { createLog } from './verifier/log.ts'
import { createPolicies } from './verifier/policies.ts'
import { type Clock, DEFAULT_SETTINGS, type TenantSettings } from './verifier/ports.ts'
import { createPoolStore, type StoreLimits } from './verifier/store/pool-store.ts'
import { settleOpen } from './verifier/sweep.ts'
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
}

export interface NodeService {
  /** The port that is listened on; the configured one unless that was 0. */
  readonly port: number
  /** Settles what other processes left open, now instead of at the next turn. */
  readonly sweep: () => Promise<void>
  /** Finds what was completed and learns from it, now. */
  readonly learn: () => Promise<void>
  /** Forgets what has expired and makes room for new records, now. */
  readonly tidy: () => Promise<void>
  /** Reads names, colours and behaviour of the tenants and their shadow versions anew, now. */
  readonly refresh: () => Promise<void>
  /**
   * Not ready from now on, but serving, for as long as RV_DRAIN_SECONDS says: balancers look elsewhere
   * before the port is closed.
   */
  readonly drain: () => Promise<void>
  /** Refuses new work, finishes what is under way, closes the pool. Safe to call twice. */
  readonly stop: () => Promise<void>
}

/** Slow clients (contract: security notes, threat 26); Node's own limits are minutes. */
const SERVER_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  /** A token and a state of full length, escaped, beside the usual headers. */
  maxHeaderSize: 16 * 1024,
}
const MAX_CONNECTIONS = 10_000
/**
 * On average, lately: beyond it people wait too long here and others should serve. A single pause must
 * not turn them away: Actions ask for readiness before each redirect.
 */
const MAX_LAG_MILLISECONDS = 200
const WARM_MILLISECONDS = 3_000
const REFRESH_MILLISECONDS = 30_000
const SWEEP_MILLISECONDS = 30_000
const LEARN_MILLISECONDS = 60_000
const TIDY_MILLISECONDS = 600_000
/** One connection that no request waits for; nobody waits for its answers either. */
const CHORE_LIMITS: Partial<StoreLimits> = {
  connections: 1,
  waiting: 100,
  waitMilliseconds: 60_000,
  lockMilliseconds: 5_000,
  statementMilliseconds: 30_000,
  deadlineMilliseconds: 40_000,
}
/** In-flight requests have deadlines far below this one. */
const STOP_MILLISECONDS = 10_000
const RANDOM_BYTES = 4096
const IDLE_MILLISECONDS = 50
const CRASH_MILLISECONDS = 5_000

/** Rejects with `ConfigError`, or when the port cannot be had; not when Postgres is down. */
export async function startNode(
  env: Readonly<Record<string, string | undefined>>,
  options: NodeOptions = {},
): Promise<NodeService> {
  const clock = options.clock ?? (() => Math.floor(Date.now() / 1000))
  const write = options.write ?? ((line) => process.stdout.write(`${line}\n`))
  const log = createLog(write, clock)
  const { config, databaseUrl } = readConfig(env)
  log('starting', {
    runtime: 'node',
    tenants: config.tenants.size,
    warnings: config.warnings.length,
  })
  const secrets = config.revealSecrets()
  const tokens = createTokens(config.tenants, await importKeyRings(secrets.tenants))
  const humanChecks = createHumanChecks({
    tenants: config.tenants,
    secrets: secrets.tenants,
    serviceSecret: secrets.identifierSecret,
    publicOrigin: config.publicOrigin,
    random: randomBytes,
    fetch,
  })
  const store = createPoolStore(databaseUrl, options.storeLimits, (open, code) =>
    log('breaker', { open, store_error: code }),
  )
  const chores = createPoolStore(databaseUrl, { ...CHORE_LIMITS, ...options.storeLimits })
  const policies = createPolicies()
  const pending = createPending(log, 'settle')
  let settings: ReadonlyMap<string, TenantSettings> = new Map()
  const lag = createLoopLag(() => performance.now())
  const maxLag = options.maxLagMilliseconds ?? Number.POSITIVE_INFINITY
  let stopping = false

  const check = createStoreCheck({ clock, schemaVersion: SCHEMA_VERSION, log })
  const identifiers = createIdentifiers(secrets.identifierSecret, secrets.previousIdentifierSecret)
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
    settings: (tenantId) => settings.get(tenantId) ?? DEFAULT_SETTINGS,
    platform: createNodePlatform(config),
    humanChecks,
    rateLimits: createRateLimits(() => performance.now()),
    clock,
    stopwatch: () => performance.now(),
    random: createRandom(),
    log,
    publicOrigin: config.publicOrigin,
    openerPolicy: config.openerPolicy,
    ...(secrets.streamTokens.size === 0
      ? {}
      : {
          logStream: {
            tokens: secrets.streamTokens,
            receive: (tenantId, items, now) =>
              receiveEvents({ store: chores, identifiers }, tenantId, items, now),
          },
        }),
    ready: async () => {
      if (stopping) return false
      if (lag.milliseconds() <= maxLag) return await check(store)
      log('readiness', { ready: false, code: 'overloaded' })
      return false
    },
  })

  const refresh = async () => {
    settings = await store.readSettings()
    const unusable = await policies.refreshShadows(store)
    if (unusable > 0) log('failure', { where: 'shadow', error_class: 'PolicyUnusable' })
  }
  const sweep = async () => {
    const start = performance.now()
    const { settled, left } = await settleOpen(store, policies)
    if (settled + left === 0) return
    log('swept', { settled, left, duration_ms: Math.round(performance.now() - start) })
  }
  const checkHistory = async () => {
    const { profileDays } = config.retention
    for (const tenantId of config.tenants.keys()) {
      const unread = await isHistoryUnread(chores, tenantId, identifiers, profileDays)
      if (unread) log('history_unread', { tenant_id: tenantId })
    }
  }
  const tidy = async () => {
    await checkHistory()
    const start = performance.now()
    const { rows, made, dropped } = await chores.tidy(config.retention)
    if (rows + made + dropped === 0) return
    log('purged', { rows, made, dropped, duration_ms: Math.round(performance.now() - start) })
  }
  const learn = async () => {
    for (const tenantId of config.tenants.keys()) {
      const start = performance.now()
      const turn = await learnTurn(chores, tenantId, options.learning)
      if (turn.confirmed + turn.folded === 0) continue
      const duration_ms = Math.round(performance.now() - start)
      log('learned', { tenant_id: tenantId, ...turn, duration_ms })
    }
  }
  // Postgres may come up after us: until then the service answers 503 and is not ready.
  await Promise.race([attempt(log, 'warm', store.warm), patience()])
  await attempt(log, 'settings', refresh)
  void attempt(log, 'history', checkHistory)

  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: SERVER_LIMITS,
  }) as Server
  server.maxConnections = MAX_CONNECTIONS
  // Kept connections would bring their next request to a closed port.
  server.prependListener('request', (_request, response) => {
    if (stopping) response.setHeader('Connection', 'close')
  })
  const port = await listen(server, config.listen).catch(async (error: unknown) => {
    lag.stop()
    await Promise.all([store.close(), chores.close()])
    throw error
  })
  const turns = [
    repeat(REFRESH_MILLISECONDS, () => attempt(log, 'settings', refresh)),
    repeat(SWEEP_MILLISECONDS, () => attempt(log, 'sweep', sweep)),
    repeat(LEARN_MILLISECONDS, () => attempt(log, 'learn', learn)),
    repeat(TIDY_MILLISECONDS, () => attempt(log, 'tidy', tidy)),
  ]
  log('listening', { runtime: 'node', port })

  const end = async () => {
    const start = performance.now()
    stopping = true
    lag.stop()
    await close(server)
    await Promise.all(turns.map((stopTurns) => stopTurns()))
    await pending.settled()
    await Promise.all([store.close(), chores.close()])
    log('stopped', { duration_ms: Math.round(performance.now() - start) })
  }
  let ended: Promise<void> | undefined
  return {
    port,
    sweep,
    learn,
    tidy,
    refresh,
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

/** Asks the system's source for many requests at once. No byte is handed out twice. */
function createRandom(): (bytes: number) => Uint8Array {
  let left: Uint8Array = new Uint8Array()
  return (bytes) => {
    if (left.length < bytes) left = randomBytes(Math.max(bytes, RANDOM_BYTES))
    const taken = left.subarray(0, bytes)
    left = left.subarray(bytes)
    return taken
  }
}

/** A database that is frozen and not down would let a start wait for ever. */
const patience = () => delay(WARM_MILLISECONDS, undefined, { ref: false })

/** Node brings no connection of its own, so here the URL must be configured. */
function readConfig(env: Readonly<Record<string, string | undefined>>): {
  readonly config: Config
  readonly databaseUrl: string
} {
  const missing = env.DATABASE_URL || env.DATABASE_URL_FILE ? [] : ['DATABASE_URL must be set']
  try {
    const config = parseConfig(env, (path) => readFileSync(path, 'utf8'))
    const { databaseUrl } = config.revealSecrets()
    if (databaseUrl !== undefined) return { config, databaseUrl }
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError([...missing, ...error.faults])
    throw error
  }
  throw new ConfigError(missing)
}

function listen(server: Server, { host, port }: Config['listen']): Promise<number> {
  return new Promise((listening, failed) => {
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      listening((server.address() as AddressInfo).port)
    })
  })
}

/**
 * Ends idle connections at once and busy ones after their answer, or at the deadline. Node closes those
 * that are idle now; one that becomes idle later would be kept for the client's next request.
 */
function close(server: Server): Promise<void> {
  return new Promise((closed) => {
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_MILLISECONDS)
    const deadline = setTimeout(() => server.closeAllConnections(), STOP_MILLISECONDS)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(deadline)
      closed()
    })
  })
}

/** The program: the service until a signal ends it, with an exit code. */
export async function runNode(): Promise<void> {
  const log = createLog(
    (line) => process.stdout.write(`${line}\n`),
    () => Math.floor(Date.now() / 1000),
  )
  let service: NodeService | undefined
  let leaving = false
  const leave = async (code: number, milliseconds: number) => {
    if (leaving) return process.exit(code)
    leaving = true
    if (code === 0) await service?.drain()
    // A stop that hangs must not keep a process that no longer serves.
    setTimeout(() => process.exit(code), milliseconds).unref()
    await service?.stop()
    process.exit(code)
  }
  // After an exception that nobody caught the state is unknown: stop accepting, and let a new process
  // start from nothing.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logFailure(log, 'process', error)
      void leave(1, CRASH_MILLISECONDS)
    })
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log('stopping', { signal })
      void leave(0, STOP_MILLISECONDS + CRASH_MILLISECONDS)
    })
  }
  try {
    service = await startNode(process.env, { maxLagMilliseconds: MAX_LAG_MILLISECONDS })
  } catch (error) {
    process.stderr.write(`redirect-verifier cannot start: ${startFault(error)}\n`)
    await leave(1, CRASH_MILLISECONDS)
  }
}

/** Only what was written for the reader: other messages may hold what they failed on. */
function startFault(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall === 'listen') return `${code}: choose another RV_HOST or RV_PORT`
  return error instanceof Error ? error.name : 'an unknown failure'
}

const started = process.argv[1]
if (started !== undefined && existsSync(started)) {
  if (realpathSync(started) === fileURLToPath(import.meta.url)) await runNode()
}
