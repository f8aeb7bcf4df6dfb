/**
 * What the Node entry does off the request path: settings, records that others left open, learning,
 * retention. Each can be asked for now, and comes round at intervals.
 */
import type { Config } from './verifier/config.ts'
import { attempt, repeat } from './verifier/http/background.ts'
import { forEachDue, learnTurn, type TurnOptions, unreadHistories } from './verifier/learn.ts'
import type { Log } from './verifier/log.ts'
import type { createPolicies } from './verifier/policies.ts'
import { DEFAULT_SETTINGS, type Identifiers, type TenantSettings } from './verifier/ports.ts'
import type { createPoolStore, StoreLimits } from './verifier/store/pool-store.ts'
import { settleOpen } from './verifier/sweep.ts'

type PoolStore = ReturnType<typeof createPoolStore>

export interface ChoreParts {
  readonly config: Config
  /** The requests' own. */
  readonly store: PoolStore
  /** With `CHORE_LIMITS`, so that no request waits for a chore. */
  readonly choreStore: PoolStore
  readonly identifiers: Identifiers
  readonly policies: ReturnType<typeof createPolicies>
  readonly log: Log
  /** Milliseconds. */
  readonly stopwatch: () => number
  /** How long events are left before they are looked at, and how many at once. */
  readonly learning: Partial<TurnOptions> | undefined
}

export interface Chores {
  /** What was read last; without a reading the defaults. */
  readonly settings: (tenantId: string) => TenantSettings
  /** Reads names, colours and behaviour of the tenants and their shadow versions anew, now. */
  readonly refresh: () => Promise<void>
  /** Settles what other processes left open, now instead of at the next turn. */
  readonly sweep: () => Promise<void>
  /** Finds what was completed and learns from it, now. */
  readonly learn: () => Promise<void>
  /** Forgets what has expired and makes room for new records, now. */
  readonly tidy: () => Promise<void>
  /** Looks for history that no configured secret reads, and logs it. */
  readonly checkHistory: () => Promise<void>
  /** From now on at intervals. The returned function ends them all and waits for those under way. */
  readonly begin: () => () => Promise<void>
}

const REFRESH_MILLISECONDS = 30_000
const SWEEP_MILLISECONDS = 30_000
const LEARN_MILLISECONDS = 60_000
const TIDY_MILLISECONDS = 600_000
/** One connection that no request waits for; nobody waits for its answers either. */
export const CHORE_LIMITS: Partial<StoreLimits> = {
  connections: 1,
  waiting: 100,
  waitMilliseconds: 60_000,
  lockMilliseconds: 5_000,
  statementMilliseconds: 30_000,
  deadlineMilliseconds: 40_000,
}

export function createChores(parts: ChoreParts): Chores {
  const { config, store, choreStore, identifiers, policies, log, stopwatch } = parts
  let settings: ReadonlyMap<string, TenantSettings> = new Map()

  const refresh = async () => {
    settings = await store.readSettings()
    const unusable = await policies.refreshShadows(store)
    if (unusable > 0) log('failure', { where: 'shadow', error_class: 'PolicyUnusable' })
  }
  const sweep = async () => {
    const start = stopwatch()
    const { settled, left } = await settleOpen(store, policies)
    if (settled + left === 0) return
    log('swept', { settled, left, duration_ms: Math.round(stopwatch() - start) })
  }
  const checkHistory = async () => {
    const { profileDays } = config.retention
    const tenantIds = config.tenants.keys()
    const unread = await unreadHistories(choreStore, tenantIds, identifiers, profileDays)
    for (const tenantId of unread) log('history_unread', { tenant_id: tenantId })
  }
  const tidy = async () => {
    await checkHistory()
    const start = stopwatch()
    const { rows, made, dropped } = await choreStore.tidy(config.retention)
    if (rows + made + dropped === 0) return
    log('purged', { rows, made, dropped, duration_ms: Math.round(stopwatch() - start) })
  }
  const learnOf = async (tenantId: string) => {
    const start = stopwatch()
    const turn = await learnTurn(choreStore, tenantId, parts.learning)
    if (turn.confirmed + turn.folded === 0) return
    const duration_ms = Math.round(stopwatch() - start)
    log('learned', { tenant_id: tenantId, ...turn, duration_ms })
  }
  const learn = () => forEachDue(choreStore, config.tenants.keys(), learnOf, parts.learning)
  return {
    settings: (tenantId) => settings.get(tenantId) ?? DEFAULT_SETTINGS,
    refresh,
    sweep,
    learn,
    tidy,
    checkHistory,
    begin: () => {
      const turns = [
        repeat(REFRESH_MILLISECONDS, () => attempt(log, 'settings', refresh)),
        repeat(SWEEP_MILLISECONDS, () => attempt(log, 'sweep', sweep)),
        repeat(LEARN_MILLISECONDS, () => attempt(log, 'learn', learn)),
        repeat(TIDY_MILLISECONDS, () => attempt(log, 'tidy', tidy)),
      ]
      return async () => {
        await Promise.all(turns.map((end) => end()))
      }
    },
  }
}
