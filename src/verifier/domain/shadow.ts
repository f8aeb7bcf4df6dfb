/**
 * What other policy versions would have decided, beside the one that did. Evaluated on the same facts in
 * the same request, stored with the record, and never part of any answer.
 */
import type { CompiledDocument } from './compile.ts'
import type { Outcome } from './decision.ts'
import type { Facts } from './facts.ts'

/** Keys as stored. */
export interface ShadowVerdict {
  readonly policy_version: number
  readonly outcome: Outcome
  readonly assessed: Outcome
  readonly score: number
  /** Ids of the rules and floors that counted, most severe first. */
  readonly rules: readonly string[]
}

/** One verdict per version, in the order of their numbers. */
export function evaluateShadows(
  policies: readonly Pick<CompiledDocument, 'decide'>[],
  facts: Facts,
): readonly ShadowVerdict[] {
  return policies
    .map((policy) => {
      const { policy_version, outcome, assessed, score, reasons } = policy.decide(facts)
      return { policy_version, outcome, assessed, score, rules: reasons.map(({ rule }) => rule) }
    })
    .sort((a, b) => a.policy_version - b.policy_version)
}
