/** A backtest for a page: one at a time, and no longer than somebody waits for a page. */
import { type BacktestReport, createBacktest, type Solution } from '../../domain/backtest.ts'
import { compilePolicy } from '../../domain/compile.ts'
import type { PolicyDocument } from '../../domain/policy.ts'
import type { RecordSelection } from '../../ports-admin.ts'
import type { AdminDeps } from '../admin-deps.ts'
import { DAY } from './choices.ts'

export type BacktestRun =
  | { readonly kind: 'busy' }
  | {
      readonly kind: 'done'
      readonly report: BacktestReport
      readonly document: PolicyDocument
      /** Records there were; fewer were judged when it is not complete. */
      readonly of: number
      readonly complete: boolean
      /** `solution` undefined: floors alone exceed the wanted rate. */
      readonly target?: { readonly rate: number; readonly solution: Solution | undefined }
    }

export type RunBacktest = (
  tenant: string,
  document: PolicyDocument,
  options: { readonly days: number; readonly rate?: number },
) => Promise<BacktestRun>

/** Proxies and people give a page up after half a minute, whatever a program may wait. */
const MOST_SECONDS = 20
const MOST_RECORDS = 200_000

export function startBacktests({
  store,
  clock,
  backtestLimits: limits,
}: Pick<AdminDeps, 'store' | 'clock' | 'backtestLimits'>): RunBacktest {
  const seconds = Math.min(MOST_SECONDS, limits?.seconds ?? MOST_SECONDS)
  const most = limits?.records ?? MOST_RECORDS
  let running = false
  return async (tenant, document, { days, rate }) => {
    if (running) return { kind: 'busy' }
    running = true
    try {
      const until = clock()
      const selection: RecordSelection = {
        tenant,
        flow: document.flow,
        since: until - days * DAY,
        until,
      }
      const of = await store.countReplay(selection)
      const backtest = createBacktest(compilePolicy(document))
      const enough = new AbortController()
      const signal = AbortSignal.any([AbortSignal.timeout(seconds * 1000), enough.signal])
      let judged = 0
      const complete = await store
        .replay(
          selection,
          (record) => {
            if (judged >= most) return enough.abort()
            judged += 1
            backtest.add(record)
          },
          signal,
        )
        .then(() => !signal.aborted)
        .catch((error: unknown) => {
          // Being stopped is not a failure: what was judged until then is shown as such.
          if (signal.aborted) return false
          throw error
        })
      return {
        kind: 'done',
        report: backtest.report(),
        document,
        of,
        complete,
        ...(rate === undefined ? {} : { target: { rate, solution: backtest.solve(rate) } }),
      }
    } finally {
      running = false
    }
  }
}
