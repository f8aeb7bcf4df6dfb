/**
 * Settles records that a process left open: it died between the commit and the write-back, or the
 * write-back failed. Judges from what is stored, so it finds the answer that was given.
 */
import { engineChanged, judge, settlementOf } from './judge.ts'
import type { Policies } from './policies.ts'
import { type OpenAssessment, type Store, StoreError } from './ports.ts'

/** Older than every request's deadline, so that the sweep never races a living request. */
const OPEN_SECONDS = 60
const ROWS_PER_SWEEP = 500

export interface SweepResult {
  readonly settled: number
  /** Records that were met whose policy this build cannot compile; they stay open for one that can. */
  readonly left: number
}

/**
 * The oldest first. One that fails must not keep those behind it open, turn after turn, and neither may a
 * policy that this build cannot compile, however many records wait for it; a database that is not there
 * keeps all. Rejects with a failure, at the end.
 */
export async function settleOpen(
  store: Store,
  policies: Pick<Policies, 'compiled' | 'shadows'>,
): Promise<SweepResult> {
  const unusable = new Set<number>()
  const failures: unknown[] = []
  let settled = 0
  let left = 0
  for (let more = true; more; ) {
    const known = unusable.size
    const open = await store.readUnsettled(OPEN_SECONDS, ROWS_PER_SWEEP, [...unusable])
    for (const assessment of open) {
      try {
        if (await settleOne(assessment, unusable, store, policies)) settled += 1
        else left += 1
      } catch (error) {
        if (error instanceof StoreError && error.kind !== 'unknown') throw error
        failures.push(error)
      }
    }
    more = open.length === ROWS_PER_SWEEP && unusable.size > known
  }
  if (failures.length > 0) throw failures[0]
  return { settled, left }
}

/** False: this build cannot compile its policy, which is then among the unusable ones. */
async function settleOne(
  assessment: OpenAssessment,
  unusable: Set<number>,
  store: Store,
  policies: Pick<Policies, 'compiled' | 'shadows'>,
): Promise<boolean> {
  if (unusable.has(assessment.policyId)) return false
  const policy = await policies.compiled(assessment, undefined, store)
  if (policy === undefined) {
    unusable.add(assessment.policyId)
    return false
  }
  const decision =
    judge(assessment, policy) ?? engineChanged(assessment.facts, policy.document.version)
  await store.settle(settlementOf(assessment, decision, policies))
  return true
}
