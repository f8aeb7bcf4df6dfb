/** One row of the fidelity table. */
import type { Switches } from '../../src/emulator/index.ts'

export interface FidelityRow {
  /** What the documents say. */
  readonly claim: string
  /** Seeds by number, or the section of the contract. */
  readonly from: string
  /** Names of the tests that show it, as they stand in the source. */
  readonly tests: readonly string[]
  /** Auth0 does not say which way: this switch chooses. */
  readonly switch?: keyof Switches
  /** What is done instead. */
  readonly notEmulated?: string
}
