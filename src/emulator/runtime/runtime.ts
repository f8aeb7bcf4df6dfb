/**
 * The Actions runtime without HTTP and without a pipeline: it runs one handler of one deployed Action
 * and tells what it did. Which Action comes next, and what a command means, is the tenant's business.
 */
import type { ActionsRuntime, DeployedAction, LegInput, LegResult } from './execution.ts'
import { platformError, startInstance } from './instance.ts'
import { createPool, type Pool } from './pool.ts'
import type { NoticeKind } from './protocol.ts'
import { startStopwatch } from './stopwatch.ts'
import { type RuntimeSwitches, readSwitches } from './switches.ts'
import { createTriggerCaches } from './trigger-cache.ts'

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

/** Starts nothing: an instance starts with the first leg of its Action, and never holds the process. */
export function createRuntime(options: RuntimeOptions = {}): ActionsRuntime {
  const { loopbackHosts = [], trustedCertificates = [], frozenClock = false, onNotice } = options
  const pools = new Map<string, Pool>()
  const caches = createTriggerCaches()
  let legs = 0
  let isClosed = false

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
      if (isClosed) return notRun(leg, 'The runtime is closed.')
      const { trigger, entrypoint, event, nowMs, lookups = {} } = leg
      const switches = readSwitches(options.switches ?? {})
      const isContinue = entrypoint.startsWith('onContinue')
      if (isContinue && switches.cacheAfterRedirect === 'dropped') caches.drop(trigger)

      const pool = poolOf(leg.action)
      const mustBeCold =
        switches.instances === 'always_cold' ||
        (switches.instances === 'cold_after_redirect' && isContinue)
      const instance = await pool.take(mustBeCold)
      if (instance === undefined) return notRun(leg, 'The runtime was reset before the leg ran.')

      const elapsedMs = startStopwatch()
      const { cacheWrites, ...outcome } = await instance.run(
        {
          leg: ++legs,
          trigger,
          entrypoint,
          event,
          nowMs,
          frozenClock,
          switches,
          cache: caches.read(trigger, nowMs),
          lookups,
        },
        leg.budgetMs,
      )
      pool.giveBack(instance)
      caches.apply(trigger, cacheWrites, nowMs)
      return { action: leg.action.name, entrypoint, durationMs: elapsedMs(), ...outcome }
    },
    reset: async () => {
      caches.clear()
      await endAll()
    },
    close: async () => {
      isClosed = true
      await endAll()
    },
  }
}

function notRun({ action, entrypoint }: LegInput, message: string): LegResult {
  return {
    action: action.name,
    entrypoint,
    commands: [],
    log: '',
    durationMs: 0,
    tokens: [],
    error: platformError(message),
  }
}
