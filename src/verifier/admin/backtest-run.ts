/**
 * A backtest within the bounds of a service: so many records and so long, and not a moment longer than
 * somebody waits for it. The command line has its own, without bounds.
 */
import { type BacktestReport, createBacktest, type Solution } from '../domain/backtest.ts'
import { compilePolicy } from '../domain/compile.ts'
import type { PolicyDocument } from '../domain/policy.ts'
import type { AdminStore, RecordSelection } from '../ports-admin.ts'
import type { BacktestLimits } from './admin-deps.ts'

export const BACKTEST_LIMITS: BacktestLimits = { records: 200_000, seconds: 60 }

export interface BoundedBacktest {
  /** False: a limit ended it, and the report is of the oldest records alone. */
  readonly complete: boolean
  readonly report: BacktestReport
  /** Null solution: floors alone exceed the wanted rate. */
  readonly target: { readonly rate: number; readonly solution: Solution | null } | null
}

/**
 * `signal` is the client's. May throw `StoreError`; an abort of the client rejects with whatever the
 * store makes of it, since nobody is left to read.
 */
export async function runBacktest(
  store: Pick<AdminStore, 'replay'>,
  selection: RecordSelection,
  document: PolicyDocument,
  options: {
    readonly rate?: number
    readonly limits?: BacktestLimits
    readonly signal: AbortSignal
  },
): Promise<BoundedBacktest> {
  const { records, seconds } = options.limits ?? BACKTEST_LIMITS
  const backtest = createBacktest(compilePolicy(document))
  const full = new AbortController()
  const limits = AbortSignal.any([full.signal, AbortSignal.timeout(seconds * 1000)])
  let read = 0
  try {
    await store.replay(
      selection,
      (record) => {
        // A batch is handed over whole, however the signal stands.
        if (read >= records) return full.abort()
        backtest.add(record)
        read += 1
      },
      AbortSignal.any([options.signal, limits]),
    )
  } catch (error) {
    // The store tells an end on request as a failure; only our own limits are none.
    if (options.signal.aborted || !limits.aborted) throw error
  }
  const { rate } = options
  return {
    complete: !limits.aborted,
    report: backtest.report(),
    target: rate === undefined ? null : { rate, solution: backtest.solve(rate) ?? null },
  }
}
