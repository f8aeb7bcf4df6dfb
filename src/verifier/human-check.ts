/**
 * The human check: what a page asks for and what its answer is worth. Off unless a tenant configures it,
 * because it slows programs down and does nothing against a person who holds the mailbox. No check
 * stores anything or asks the database: each answer is bound to its session token, which the one
 * statement spends.
 */
import { createHash } from 'node:crypto'
import type { RequestFacts } from './domain/facts.ts'
import type { Session } from './domain/session.ts'

/** What the arrival page shows or does. */
export type HumanQuestion =
  /** JSON text for the page's script. */
  | { readonly kind: 'proof_of_work'; readonly challenge: string }
  | { readonly kind: 'turnstile'; readonly siteKey: string; readonly boundTo: string }

/**
 * `failed` is only what no honest browser sends. Undefined: not answered, as without JavaScript, or
 * nobody could tell. An answer that is left out could not be worse, so a doubtful one need not be.
 */
export type HumanVerdict = NonNullable<RequestFacts['human_challenge']> | undefined

export interface HumanCheck {
  ask(session: Session): Promise<HumanQuestion>
  /** `answer` is the form's field as it came. Never rejects, and answers within a second. */
  verify(session: Session, answer: string | undefined): Promise<HumanVerdict>
}

/** What an answer is bound to: the session token's own identity, which nobody but its holder knows. */
export const bindingOf = ({ tenantId, tokenId }: Session): string =>
  createHash('sha256')
    .update(`redirect-verifier/human-check/1\0${tenantId}\0${tokenId}`)
    .digest('base64url')
