/**
 * The policy document: versioned rules for one tenant and flow, as stored and as edited.
 * Its schema (`schema/policy-document.ts`) validates it; `compile.ts` turns it into closures.
 */
import type { Outcome, SignalValue } from './decision.ts'
import type { Flow } from './session.ts'

export interface PolicyDocument {
  readonly version: number
  readonly flow: Flow
  /** `monitor`: only hard facts refuse, everything else is answered `allow` and recorded. */
  readonly mode: 'monitor' | 'enforce'
  /** Log odds of an attack before any evidence; added once. */
  readonly prior: number
  /** Inclusive. `deny: null`: evidence alone never denies (decision 8). */
  readonly thresholds: { readonly step_up: number; readonly deny: number | null }
  /** What a step-up becomes when the user has no eligible factor. */
  readonly no_factor: NoFactor
  /** Allowances behind the velocity signals. */
  readonly limits: {
    readonly user: { readonly per_hour: number; readonly burst: number }
    readonly address: { readonly per_hour: number; readonly burst: number }
  }
  readonly floors: readonly FloorRule[]
  readonly rules: readonly EvidenceRule[]
  /** The statistical model of novelty as one more source of evidence; absent: not used. */
  readonly model?: ModelSection
}

/** How `novelty.ts` is weighed. Unknown (no history, too little of it) adds nothing. */
export interface ModelSection {
  /** The nested back-off; the one model there is. */
  readonly use: 'nested'
  /** Strength of the prior, in events: how much history outweighs what everybody does. */
  readonly beta: number
  /** Least and most evidence the model may add, in log odds. */
  readonly cap: readonly [number, number]
  /** Most evidence of one feature: a trip, or a new phone, is one change that people do make. */
  readonly feature_cap: number
  /** Confirmed events below which a user has no model. */
  readonly min_history: number
  readonly group?: string
  readonly reason: string
  readonly shadow?: boolean
}

export type NoFactor = 'deny' | 'hold' | 'form' | 'allow'

interface RuleBase {
  readonly id: string
  readonly when: Condition
  /** The code that goes to the Action: snake_case, never a signal's name in clear. */
  readonly reason: string
  readonly shadow?: boolean
}

export interface FloorRule extends RuleBase {
  readonly floor: Exclude<Outcome, 'allow'>
  /** What the floor becomes when its condition is unknown; `none` must be said, never assumed. */
  readonly on_unknown: Exclude<Outcome, 'allow'> | 'none'
}

export interface EvidenceRule extends RuleBase {
  readonly evidence: number
  /** Evidence added when the condition is unknown. */
  readonly on_unknown: number
  /** Of the rules in one group only the strongest counts: they are one fact seen twice. */
  readonly group?: string
}

/** Three-valued: true, false, or unknown as soon as an undecided part is unknown. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly signal: string; readonly op: Operator; readonly value: SignalValue }

export const OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'includes'] as const
export type Operator = (typeof OPERATORS)[number]
