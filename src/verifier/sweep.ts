/**
 * Settles records that a process left open: it died between the commit and the write-back, or the
 * write-back failed. Judges from what is stored, so it finds the answer that was given.
 */
import { engineChanged, judge, settlementOf } from './judge.ts'
import type { Policies } from './policies.ts'
import type { Store } from './ports.ts'

/** Older than every request's deadline, so that the sweep never races a living request. */
const OPEN_SECONDS = 60
const ROWS_PER_SWEEP = 500

export interface SweepResult {
  readonly settled: number
  /** Records whose policy this build cannot compile; they stay open for one that can. */
  readonly left: number
}

export async function settleOpen(
  store: Store,
  policies: Pick<Policies, 'compiled' | 'shadows'>,
): Promise<SweepResult> {
  const open = await store.readUnsettled(OPEN_SECONDS, ROWS_PER_SWEEP)
  let settled = 0
  for (const assessment of open) {
    const policy = await policies.compiled(assessment, undefined, store)
    if (policy === undefined) continue
    const decision =
      judge(assessment, policy) ?? engineChanged(assessment.facts, policy.document.version)
    await store.settle(settlementOf(assessment, decision, policies))
    settled += 1
  }
  return { settled, left: open.length - settled }
}
