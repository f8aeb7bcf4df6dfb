/**
 * Whether a verification would succeed now, and `/readyz` that says so without becoming a load of its
 * own: one check at a time, its answer kept for a second. Actions ask it before every redirect.
 */
import type { Log } from '../log.ts'
import { type Clock, type Store, StoreError } from '../ports.ts'

const KEPT_SECONDS = 1
/** The tolerance of session tokens: beyond it, good ones are refused or bad ones live on. */
const MAX_SKEW_SECONDS = 5

/** Never rejects: a check that fails is not ready. */
export function createReadiness(check: () => Promise<boolean>, clock: Clock) {
  let kept: { readonly at: number; readonly ready: boolean } | undefined
  let running: Promise<boolean> | undefined
  const run = async () => {
    try {
      const ready = await check().catch(() => false)
      kept = { at: clock(), ready }
      return ready
    } finally {
      running = undefined
    }
  }
  return async (): Promise<boolean> => {
    // `Math.abs`: a clock set back must not keep an old answer alive.
    if (kept && Math.abs(clock() - kept.at) < KEPT_SECONDS) return kept.ready
    running ??= run()
    return running
  }
}

export interface StoreCheck {
  readonly clock: Clock
  /** How many migrations this build needs. */
  readonly schemaVersion: number
  readonly log: Log
  /** Told of every answer, also of those that are as before. */
  readonly observe?: (found: StoreFound) => void
}

export interface StoreFound {
  readonly ready: boolean
  readonly schema?: string
  /** Ours less the database's. Our clock has whole seconds, so -1 to 0 is no difference. */
  readonly clock_skew_seconds?: number
  readonly store_error?: string
}

/** Asks Postgres for its schema and its clock. Logs when the answer is another than before. */
export function createStoreCheck({ clock, schemaVersion, log, observe }: StoreCheck) {
  let told: string | undefined
  return async (store: Pick<Store, 'check'>): Promise<boolean> => {
    const found = await look(store, clock, schemaVersion)
    observe?.(found)
    const state = `${found.ready} ${found.schema} ${found.store_error}`
    if (state !== told) log('readiness', found)
    told = state
    return found.ready
  }
}

async function look(
  store: Pick<Store, 'check'>,
  clock: Clock,
  schemaVersion: number,
): Promise<StoreFound> {
  try {
    const { schema, epochSeconds } = await store.check()
    const skew = Math.round((clock() - epochSeconds) * 10) / 10
    const ready = Number(schema) >= schemaVersion && Math.abs(skew) <= MAX_SKEW_SECONDS
    return { ready, schema, clock_skew_seconds: skew }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return { ready: false, store_error: error.code }
  }
}
