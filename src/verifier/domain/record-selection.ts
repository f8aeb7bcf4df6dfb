/** Which stored verifications are looked at again, and what a watched policy found in them. */
import type { Outcome } from './decision.ts'
import type { Flow } from './session.ts'

export interface RecordSelection {
  readonly tenant: string
  readonly flow: Flow
  /** Epoch seconds, inclusive; absent: from the first record on. */
  readonly since?: number
  /** Epoch seconds, exclusive; absent: to the last one. */
  readonly until?: number
}

/** How often a shadow version found this where the active one of the day found that. */
export interface ShadowCount {
  readonly active: Outcome
  readonly shadow: Outcome
  readonly records: number
  readonly users: number
}
