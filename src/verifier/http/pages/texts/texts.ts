/**
 * Every sentence that the pages say, as one table per language. A table that lacks one does not
 * compile. Plain text: no markup, no name of a signal, nothing that says why a person was stopped.
 */
import type { Flow } from '../../../domain/session.ts'

export interface Texts {
  /** The button that goes on. */
  readonly goOn: string
  readonly pressGoOn: string
  /** The spoken name of the bar that moves while something is under way. */
  readonly working: string
  readonly moment: string
  readonly confirming: string
  readonly leaving: string
  /** Before the code that support asks for. */
  readonly reference: string
  readonly contactSupport: string
  readonly tryAgain: string
  /** Headings of pages that tell of a refusal. */
  readonly incomplete: string
  readonly notOpened: string
  readonly noSuchPage: string
  readonly ownWindow: string
  readonly ourFault: string
  readonly outage: string
  readonly flows: Record<Flow, FlowTexts>
}

/** What reads differently for somebody who came by a mail and somebody who is signing in. */
export interface FlowTexts {
  readonly arrival: string
  /** The one next step where only the beginning helps. */
  readonly reopen: string
  readonly onlyFromThere: string
  /** Spent, expired or never good: heading and next step. */
  readonly used: string
  readonly usedNext: string
  /** The button to where a tenant lets people start again. */
  readonly restart: string
  readonly otherBrowser: string
  readonly otherBrowserNext: string
  readonly outageNext: string
  readonly ownWindowNext: string
}
