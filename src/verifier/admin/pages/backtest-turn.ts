/** A backtest for a page: one at a time, and no longer than somebody waits for a page. */
import type { PolicyDocument } from '../../domain/policy.ts'
import type { RecordSelection } from '../../ports-admin.ts'
import type { AdminDeps } from '../admin-deps.ts'
import { BACKTEST_LIMITS, type BoundedBacktest, runBacktest } from '../backtest-run.ts'
import { DAY } from './choices.ts'

export type BacktestRun =
  | { readonly kind: 'busy' }
  | (BoundedBacktest & {
      readonly kind: 'done'
      readonly document: PolicyDocument
      /** Records there were; fewer were judged when it is not complete. */
      readonly of: number
    })

export type RunBacktest = (
  tenant: string,
  document: PolicyDocument,
  options: { readonly days: number; readonly rate?: number; readonly signal: AbortSignal },
) => Promise<BacktestRun>

/** Proxies and people give a page up after half a minute, whatever a program may wait. */
const MOST_SECONDS = 20

export function startBacktests({
  store,
  clock,
  backtestLimits: given = BACKTEST_LIMITS,
}: Pick<AdminDeps, 'store' | 'clock' | 'backtestLimits'>): RunBacktest {
  const limits = { ...given, seconds: Math.min(MOST_SECONDS, given.seconds) }
  let running = false
  return async (tenant, document, { days, ...options }) => {
    if (running) return { kind: 'busy' }
    running = true
    try {
      const until = clock()
      const since = until - days * DAY
      const selection: RecordSelection = { tenant, flow: document.flow, since, until }
      const of = await store.countReplay(selection)
      const done = await runBacktest(store, selection, document, { ...options, limits })
      return { kind: 'done', document, of, ...done }
    } finally {
      running = false
    }
  }
}
