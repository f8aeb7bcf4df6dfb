/**
 * The decision that belongs to a stored record: the same for the first request, a repeat and the
 * sweep, because it is computed from what is stored and from nothing else.
 */
import type { Decision } from './domain/decision.ts'
import { eligibleFactors } from './domain/factors.ts'
import type { Facts } from './domain/facts.ts'
import { evaluateShadows } from './domain/shadow.ts'
import type { Policies } from './policies.ts'
import type { CompiledPolicy, OpenAssessment, Settlement } from './ports.ts'

/**
 * Names the code that computes decisions. Change it with any change to a signal, to the compiler or to
 * `decide`: a record opened under another name is never decided anew (amendment 9).
 */
export const ENGINE_VERSION = '4'

/** Undefined: another engine opened this record and nobody settled it. */
export function judge(assessment: OpenAssessment, policy: CompiledPolicy): Decision | undefined {
  if (assessment.decision !== undefined) return assessment.decision
  if (assessment.engineVersion !== ENGINE_VERSION) return undefined
  return policy.decide(assessment.facts)
}

/** The decision as it is written back, with what the shadow versions would have made of the same facts. */
export function settlementOf(
  { tenantId, id, openedAt, flow, facts }: OpenAssessment,
  decision: Decision,
  policies: Pick<Policies, 'shadows'>,
): Settlement {
  const settlement = { tenantId, id, openedAt, decision }
  const shadows = policies.shadows(tenantId, flow)
  if (shadows.length === 0) return settlement
  try {
    return { ...settlement, shadow: evaluateShadows(shadows, facts) }
  } catch {
    // A version on trial must not cost the record its decision.
    return settlement
  }
}

/** The answer for a record whose engine is gone: friction, never `allow`. */
export const engineChanged = (facts: Facts, policyVersion: number): Decision =>
  withoutPolicy('engine_changed', facts.request.token, policyVersion)

/** Step-up where a factor may be left, denial where none is (amendments 2 and 10). */
export function withoutPolicy(
  code: 'engine_changed' | 'unavailable',
  token: Facts['request']['token'],
  policyVersion: number,
): Decision {
  const eligible = eligibleFactors(token.factors, token.first_challenge)
  const outcome = eligible?.length === 0 ? 'deny' : 'step_up'
  return {
    outcome,
    assessed: 'step_up',
    score: 0,
    reasons: [{ rule: code, code, floor: 'step_up', signals: {} }],
    codes: [code],
    needs_review: false,
    mode: 'enforce',
    policy_version: policyVersion,
  }
}
