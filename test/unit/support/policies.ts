/** Policies and observations by hand: a registry whose signals say what the test says they say. */
import { compilePolicy } from '../../../src/verifier/domain/compile.ts'
import type { Decision, SignalValue } from '../../../src/verifier/domain/decision.ts'
import type { Facts } from '../../../src/verifier/domain/facts.ts'
import type {
  EvidenceRule,
  FloorRule,
  PolicyDocument,
} from '../../../src/verifier/domain/policy.ts'
import type { SignalRegistry } from '../../../src/verifier/domain/signals/registry.ts'
import { known, type SignalKind, unknown } from '../../../src/verifier/domain/signals/signal.ts'
import { factsOf } from './facts.ts'

/** An observation; `undefined` is unknown. */
export type Observations = Readonly<Record<string, SignalValue | undefined>>

export function registryOf(observations: Observations): SignalRegistry {
  return new Map(
    Object.entries(observations).map(([name, value]) => [
      name,
      {
        name,
        family: 'context',
        kind: kindOf(value),
        meaning: '',
        unknownWhen: '',
        byDefault: '',
        source: '',
        observe: () => (value === undefined ? unknown('not_seen') : known(value)),
      },
    ]),
  )
}

const kindOf = (value: SignalValue | undefined): SignalKind =>
  Array.isArray(value) ? 'texts' : typeof value === 'string' ? 'text' : (typeof value as 'number')

export function policyOf(changes: Partial<PolicyDocument> = {}): PolicyDocument {
  return {
    version: 7,
    flow: 'password_reset',
    mode: 'enforce',
    prior: -5,
    thresholds: { step_up: -2.5, deny: null },
    no_factor: 'hold',
    limits: { user: { per_hour: 5, burst: 5 }, address: { per_hour: 30, burst: 10 } },
    floors: [],
    rules: [],
    ...changes,
  }
}

export const floorOf = (changes: Partial<FloorRule> = {}): FloorRule => ({
  id: 'floor',
  when: { signal: 'a', op: 'eq', value: true },
  floor: 'step_up',
  on_unknown: 'none',
  reason: 'floor_code',
  ...changes,
})

export const ruleOf = (changes: Partial<EvidenceRule> = {}): EvidenceRule => ({
  id: 'rule',
  when: { signal: 'a', op: 'eq', value: true },
  evidence: 1,
  on_unknown: 0,
  reason: 'rule_code',
  ...changes,
})

/** With a factor enrolled, so that a step-up stays one, unless the facts say otherwise. */
export const decisionOf = (
  document: PolicyDocument,
  observations: Observations,
  facts: Facts = factsOf({ token: { factors: ['otp'] } }),
): Decision => compilePolicy(document, registryOf(observations)).decide(facts)
