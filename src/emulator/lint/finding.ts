/** What a rule is and what it says when it does not hold. */
import type { ActionSource } from './action-source.ts'
import type { Node } from './syntax.ts'

export interface Finding {
  readonly rule: string
  /** An `error` lets somebody through, loses a user or leaks; a `warning` depends on the tenant. */
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** From 1. */
  readonly line: number
  /** From 1, in characters. */
  readonly column: number
  readonly why: string
  readonly fix: string
  /** Where the behaviour is written. */
  readonly source: string
}

export interface Rule {
  readonly id: string
  readonly severity: Finding['severity']
  readonly why: string
  readonly fix: string
  readonly source: string
  /** Every place where the rule does not hold. */
  readonly check: (action: ActionSource) => readonly Fault[]
}

export interface Fault {
  readonly at: Node
  readonly message: string
}
