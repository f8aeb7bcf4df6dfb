/**
 * The Actions runtime without HTTP and without a pipeline: it runs one handler of one deployed Action
 * and tells what it did. Which Action comes next, and what a command means, is the tenant's business.
 */
import type { ActionsRuntime, DeployedAction, LegInput, LegResult, TriggerId } from './execution.ts'
import { type Instance, startInstance } from './instance.ts'
import { CACHE_MAX_LIFETIME_MS, INSTANCES_PER_ACTION } from './limits.ts'
import type { CacheRecord, CacheWrite, NoticeKind } from './protocol.ts'
import { startStopwatch } from './stopwatch.ts'
import { DEFAULT_SWITCHES, type RuntimeSwitches } from './switches.ts'

export interface RuntimeOptions {
  /** Those that differ from the defaults; read anew for each leg. */
  readonly switches?: Partial<RuntimeSwitches>
  /** Names that Actions reach on 127.0.0.1 besides every `*.localhost`, e.g. a custom domain. */
  readonly loopbackHosts?: readonly string[]
  /** PEM certificates Actions trust besides Node's own. */
  readonly trustedCertificates?: readonly string[]
  /** Makes each leg's clock stand still at its `nowMs`: whole runs repeat exactly. Default false. */
  readonly frozenClock?: boolean
  /** Told what no leg's result shows: see `NoticeKind`. */
  readonly onNotice?: (notice: RuntimeNotice) => void
}

export interface RuntimeNotice {
  readonly kind: NoticeKind
  readonly action: string
  readonly detail: string
}

export function createRuntime(options: RuntimeOptions = {}): ActionsRuntime {
  const { loopbackHosts = [], trustedCertificates = [], frozenClock = false, onNotice } = options
  const pools = new Map<string, Pool>()
  const caches = new Map<TriggerId, Map<string, StoredRecord>>()
  let legs = 0

  const poolOf = (action: DeployedAction) => {
    const key = `${action.id}@${action.version}`
    let pool = pools.get(key)
    if (pool === undefined) {
      pool = createPool(() =>
        startInstance({ action, loopbackHosts, trustedCertificates }, ({ kind, detail }) =>
          onNotice?.({ kind, action: action.name, detail }),
        ),
      )
      pools.set(key, pool)
    }
    return pool
  }

  const endAll = async () => {
    const ending = [...pools.values()]
    pools.clear()
    await Promise.all(ending.map((pool) => pool.end()))
  }

  return {
    async run(leg) {
      const switches = { ...DEFAULT_SWITCHES, ...options.switches }
      const isContinue = leg.entrypoint.startsWith('onContinue')
      const cache = cacheOf(caches, leg.trigger)
      if (isContinue && switches.cacheAfterRedirect === 'dropped') cache.clear()
      const pool = poolOf(leg.action)
      const mustBeCold =
        switches.instances === 'always_cold' ||
        (switches.instances === 'cold_after_redirect' && isContinue)
      const instance = await pool.take(mustBeCold)
      const stopwatch = startStopwatch()
      const outcome = await instance.run(
        {
          leg: ++legs,
          trigger: leg.trigger,
          entrypoint: leg.entrypoint,
          event: leg.event,
          nowMs: leg.nowMs,
          frozenClock,
          switches,
          cache: liveRecords(cache, leg.nowMs),
          lookups: leg.lookups ?? {},
        },
        leg.budgetMs,
      )
      pool.giveBack(instance)
      for (const write of outcome.cacheWrites) applyWrite(cache, write, leg.nowMs)
      return resultOf(leg, outcome, stopwatch())
    },
    reset: async () => {
      caches.clear()
      await endAll()
    },
    close: endAll,
  }
}

function resultOf(
  { action, entrypoint }: LegInput,
  { commands, log, tokens, error }: Pick<LegResult, 'commands' | 'log' | 'tokens' | 'error'>,
  durationMs: number,
): LegResult {
  return {
    action: action.name,
    entrypoint,
    commands,
    log,
    durationMs,
    tokens,
    ...(error === undefined ? {} : { error }),
  }
}

// --- the cache, one per trigger, shared by all its Actions and all users

interface StoredRecord {
  readonly record: CacheRecord
  readonly storedAtMs: number
}

function cacheOf(
  caches: Map<TriggerId, Map<string, StoredRecord>>,
  trigger: TriggerId,
): Map<string, StoredRecord> {
  let cache = caches.get(trigger)
  if (cache === undefined) {
    cache = new Map()
    caches.set(trigger, cache)
  }
  return cache
}

function liveRecords(
  cache: Map<string, StoredRecord>,
  nowMs: number,
): (readonly [string, CacheRecord])[] {
  for (const [key, { record, storedAtMs }] of cache) {
    const evictedAtMs = Math.min(record.expires_at, storedAtMs + CACHE_MAX_LIFETIME_MS)
    if (evictedAtMs < nowMs) cache.delete(key)
  }
  return [...cache].map(([key, { record }]) => [key, record])
}

function applyWrite(cache: Map<string, StoredRecord>, write: CacheWrite, nowMs: number): void {
  if (write.type === 'delete') cache.delete(write.key)
  else cache.set(write.key, { record: write.record, storedAtMs: nowMs })
}

// --- the instances of one deployed Action

interface Pool {
  /** An idle instance, else a new one, else the next that becomes free. */
  take(cold: boolean): Promise<Instance>
  giveBack(instance: Instance): void
  end(): Promise<void>
}

function createPool(start: () => Instance): Pool {
  const idle: Instance[] = []
  const all = new Set<Instance>()
  const waiting: ((instance: Instance) => void)[] = []

  const startOne = () => {
    const instance = start()
    all.add(instance)
    return instance
  }
  const discard = (instance: Instance) => {
    all.delete(instance)
    return instance.end()
  }

  return {
    async take(cold) {
      if (cold) await Promise.all(idle.splice(0).map(discard))
      for (;;) {
        const instance = idle.pop()
        if (instance === undefined) break
        if (instance.isAlive()) return instance
        all.delete(instance)
      }
      if (all.size < INSTANCES_PER_ACTION) return startOne()
      return new Promise((resolve) => waiting.push(resolve))
    },
    giveBack(instance) {
      if (!all.has(instance)) return
      const usable = instance.isAlive()
      if (!usable) all.delete(instance)
      const next = waiting.shift()
      if (next !== undefined) next(usable ? instance : startOne())
      else if (usable) idle.push(instance)
    },
    async end() {
      await Promise.all([...all].map(discard))
      idle.length = 0
    },
  }
}
