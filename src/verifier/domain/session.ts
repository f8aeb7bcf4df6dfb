/**
 * What a verified session token (T) says. Not the token itself: its text is malleable and never
 * leaves the token module.
 */
import type { Factor, FirstChallenge } from './factors.ts'

/** `password_reset` is Auth0's post-challenge trigger, `login` its post-login trigger. */
export const FLOWS = ['password_reset', 'login'] as const
export type Flow = (typeof FLOWS)[number]

declare const verified: unique symbol

/** Made only by `token/session-token.ts`, after the signature check. */
export interface Session {
  readonly [verified]: true
  readonly tenantId: string
  /** The exact value of `iss`: the Auth0 host the user came from. */
  readonly host: string
  /** Auth0's `user_id`. */
  readonly subject: string
  /** The replay key before hashing: `jti`, or the digest of the signing input without one. */
  readonly tokenId: string
  /** The token's own `jti`, repeated in the answer; absent when the token has none. */
  readonly nonce?: string
  readonly issuedAt: number
  readonly expiresAt: number
  /** The client address that Auth0 saw, canonical text; undefined when there is no claim or no address. */
  readonly address: () => string | undefined
  /** Which of the tenant's session keys verified: 0 is the current one. */
  readonly keyIndex: number
  /** How to speak to the user: of `facts` those two that the page of a link follows from. */
  readonly spoken: Pick<TokenFacts, 'flow' | 'language'>
  /** Read when asked for, as `address` is: a link is opened without them. */
  readonly facts: () => TokenFacts
}

/**
 * The `facts` claim (decision 21): coarse, enumerated, nothing that names a person.
 * Every member but `flow` may be absent, and absent means unknown. Keys are as on the wire.
 */
export interface TokenFacts {
  readonly flow: Flow
  /** Whether this Action acts on the answer; one that only observes lets everything go on. */
  readonly enforced?: boolean
  /** Whole days. */
  readonly account_age_days?: number
  readonly last_reset_age_days?: number
  readonly logins_count?: number
  /** Enrolled factor types. Absent: Auth0 could not tell. Empty: none. */
  readonly factors?: readonly Factor[]
  readonly first_challenge?: readonly FirstChallenge[]
  readonly email_verified?: boolean
  readonly phone_verified?: boolean
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country?: string
  /** IANA name. */
  readonly time_zone?: string
  /** Degrees, rounded to 0.1. */
  readonly latitude?: number
  readonly longitude?: number
  /** Primary language subtag, lower case. */
  readonly language?: string
  readonly client_id?: string
  /** The Action's own judgement that the account has a privileged role. */
  readonly privileged?: boolean
  /** Auth0's breached-password detection fired for this login. */
  readonly leaked_credential?: boolean
  /** Auth0's AgentDetection named a verified agent. */
  readonly agent?: boolean
}
