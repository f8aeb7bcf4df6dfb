/** The answer to one verification, with everything that explains it. */

export const OUTCOMES = ['allow', 'step_up', 'deny'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** The more severe of two outcomes: rules combine by severity, so their order never matters. */
export const worse = (a: Outcome, b: Outcome): Outcome =>
  OUTCOMES.indexOf(a) >= OUTCOMES.indexOf(b) ? a : b

/** A value that a signal may have; null in a reason stands for unknown. */
export type SignalValue = boolean | number | string | readonly string[]

export interface Reason {
  /** The rule's or floor's id in the policy. */
  readonly rule: string
  /** The code that goes to the Action. */
  readonly code: string
  /** Natural-log odds that this rule added. */
  readonly evidence?: number
  readonly floor?: Outcome
  readonly signals: Readonly<Record<string, SignalValue | null>>
}

export interface Decision {
  /** What the Action is told. */
  readonly outcome: Outcome
  /** What the rules found, before `no_factor` and the mode were applied. */
  readonly assessed: Outcome
  /** Sum of the prior and the evidence in natural-log odds, rounded to 1e-6. */
  readonly score: number
  readonly reasons: readonly Reason[]
  /** Codes for the Action, most severe first, no repeats. */
  readonly codes: readonly string[]
  /** Whether a person has to release this attempt (`no_factor: hold`). */
  readonly needs_review: boolean
  readonly mode: 'monitor' | 'enforce'
  readonly policy_version: number
  /** What rules marked `shadow` would have added; they change nothing. */
  readonly shadow?: readonly Reason[]
}
