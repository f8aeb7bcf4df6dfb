/**
 * What the use case needs from outside, in the domain's words: interfaces only.
 * A fake of any of them is run through the same contract test as the real adapter.
 */
import type { Decision } from './domain/decision.ts'
import type { Facts, RequestFacts } from './domain/facts.ts'
import type { PolicyDocument } from './domain/policy.ts'
import type { Rejection } from './domain/rejection.ts'
import type { Result } from './domain/result.ts'
import type { Flow, Session } from './domain/session.ts'
import type { ShadowVerdict } from './domain/shadow.ts'

/** Epoch seconds. Read once per request and handed down. */
export type Clock = () => number

/** The store, in five questions. Every method may throw `StoreError`; nothing else. */
export interface Store {
  /** The one statement (amendment 6): consume, claim, charge, read facts, open the record. */
  open(opening: Opening): Promise<Opened>
  /** Writes the decision back by key. The first writer wins; the answer says what stands. */
  settle(settlement: Settlement): Promise<Decision>
  /** Records that were opened before `olderThanSeconds` and never settled, of other policies than these. */
  readUnsettled(
    olderThanSeconds: number,
    limit: number,
    exceptPolicies?: readonly number[],
  ): Promise<readonly OpenAssessment[]>
  /** The policy of a version that a row names. */
  readPolicy(tenantId: string, policyId: number): Promise<StoredPolicy | undefined>
  /** Every tenant's shadow versions, the newest first; bodies only of those that are not known. */
  readShadows(known: readonly number[]): Promise<readonly ShadowPolicy[]>
  /** Presentation and behaviour settings of every tenant. */
  readSettings(): Promise<ReadonlyMap<string, TenantSettings>>
  /** One cheap query: schema version and the database's clock. */
  check(): Promise<{ readonly schema: string; readonly epochSeconds: number }>
}

/**
 * `unavailable`: the statement surely did not happen (refused, shed, no connection).
 * `unknown`: it may have happened (deadline, connection lost while waiting). Never carries the
 * driver's message, which holds parameters.
 */
export class StoreError extends Error {
  readonly kind: 'unavailable' | 'unknown' | 'overloaded'
  /** SQLSTATE or the driver's code, both safe to log. */
  readonly code: string
  constructor(kind: 'unavailable' | 'unknown' | 'overloaded', code: string) {
    super(`store ${kind}: ${code}`)
    this.name = 'StoreError'
    this.kind = kind
    this.code = code
  }
}

/** Hashes are lower-case hex of full SHA-256, domain-separated; identifiers are 64-bit decimal text. */
export interface Opening {
  readonly tenantId: string
  readonly flow: Flow
  readonly assessmentId: string
  /** What support quotes back: eight characters of Crockford base32, from the assessment id. */
  readonly reference: string
  readonly tokenKey: string
  readonly stateHash: string
  readonly subjectHash: string
  readonly bindingHash: string
  /** Epoch seconds until which the redemption must be kept. */
  readonly keepUntil: number
  readonly engineVersion: string
  readonly user: string
  readonly tokenAddress?: string
  readonly visitAddress?: string
  readonly device?: string
  /** The same identifiers under the previous secret, while it is still configured: read, never learned. */
  readonly previous?: PreviousIdentifiers
  readonly request: RequestFacts
  /** Canonical addresses for range lists: parameters only, never stored. */
  readonly rawTokenAddress?: string
  readonly rawVisitAddress?: string
  /** Policy ids whose bodies the caller holds compiled. */
  readonly knownPolicies: readonly number[]
}

export type PreviousIdentifiers = Pick<Opening, 'user' | 'tokenAddress' | 'visitAddress' | 'device'>

export type Opened =
  /** The token was spent by another browser, for another state or for another subject. */
  | { readonly kind: 'token_spent' }
  /** The state was answered for another token; this token is spent now and has no record. */
  | { readonly kind: 'state_conflict' }
  /** No active policy for this tenant and flow: nothing was written. */
  | { readonly kind: 'no_policy' }
  | {
      readonly kind: 'opened'
      readonly fresh: boolean
      readonly assessment: OpenAssessment
      /** Present when the policy's id was not among the known ones. */
      readonly policy?: StoredPolicy
    }

export interface OpenAssessment {
  readonly tenantId: string
  readonly id: string
  readonly reference: string
  /** The row's partition key, needed to settle by key: UTC, text, to the microsecond. */
  readonly openedAt: string
  readonly flow: Flow
  readonly engineVersion: string
  readonly policyId: number
  readonly facts: Facts
  /** Present once settled. */
  readonly decision?: Decision
}

/** `body` is unvalidated: `schema/policy-document.ts` parses it. */
export interface StoredPolicy {
  readonly id: number
  readonly body: unknown
}

/** A version that is watched beside the active one. */
export interface ShadowPolicy {
  readonly tenantId: string
  readonly flow: Flow
  readonly id: number
  /** Unvalidated; absent when the caller knows it. */
  readonly body?: unknown
}

export interface Settlement {
  readonly tenantId: string
  readonly id: string
  readonly openedAt: string
  readonly decision: Decision
  /** What the shadow versions would have decided; stored, and never answered. */
  readonly shadow?: readonly ShadowVerdict[]
}

/** Read from Postgres at the start and refreshed off the request path; defaults until then. */
export interface TenantSettings {
  /** Shown to people: the name of the service whose password is reset. */
  readonly name?: string
  readonly logoUrl?: string
  /** CSS hex colour. */
  readonly color?: string
  readonly supportUrl?: string
  /** Where a person starts again. */
  readonly restartUrl?: string
  /** The person must press a button even where scripts run. */
  readonly requireClick: boolean
  readonly continueMethod: 'post' | 'get'
}

export const DEFAULT_SETTINGS: TenantSettings = { requireClick: false, continueMethod: 'post' }

/** A tenant as configured: hosts and secrets come from configuration, never from Postgres. */
export interface Tenant {
  readonly id: string
  /** Auth0 host → origin of its `/continue`. */
  readonly continueOrigins: ReadonlyMap<string, string>
  /** Query parameter that carries the session token. */
  readonly tokenParameter: string
  /** `iss` of the continue token: undefined means the Auth0 host the user came from. */
  readonly continueIssuer?: string
  /** What to answer while Postgres is down: a retry page, or a step-up without a record. */
  readonly whenUnavailable: 'retry' | 'step_up'
  /** Absent: nobody is asked to prove anything. */
  readonly humanCheck?:
    | {
        readonly kind: 'proof_of_work'
        /** Hashes a browser needs at most; half as many on average. */
        readonly work: number
      }
    | { readonly kind: 'turnstile'; readonly siteKey: string }
}

/** Tokens in, tokens out: everything that touches a key. */
export interface Tokens {
  verifySessionToken(token: string, now: number): Promise<Result<Session, Rejection>>
  signContinueToken(claims: ContinueClaims, now: number): Promise<string>
}

export interface ContinueClaims {
  readonly tenantId: string
  readonly host: string
  readonly subject: string
  readonly state: string
  /**
   * The session token's `jti`: proves to an Action that kept it which of its redirects is answered.
   * Absent when the session token had none.
   */
  readonly nonce?: string
  /** The assessment's id, or a random one for a degraded answer. */
  readonly id: string
  readonly decision: Decision['outcome']
  readonly reasons: readonly string[]
  readonly reference: string
  readonly flow: Flow
}

/** Everything the compiled form of a policy is needed for. */
export interface CompiledPolicy {
  readonly document: PolicyDocument
  readonly decide: (facts: Facts) => Decision
}

/** What one secret makes of subjects, addresses and devices. */
export type SubjectIdentifiers = Omit<Identifiers, 'previous'>

/** Keyed pseudonyms: HMAC-SHA-256 cut to 64 bit, one derived key per tenant and purpose. */
export interface Identifiers {
  pseudonym(tenantId: string, purpose: 'user' | 'address' | 'device', value: string): string
  /** The same under the secret before the current one, while it is configured: for reading, never for learning. */
  readonly previous?: SubjectIdentifiers
  /** Tells one secret from another and nothing else of it. */
  readonly fingerprint: string
  /** Full SHA-256, domain-separated by purpose and tenant. Hex. */
  digest(
    purpose: 'token' | 'state' | 'subject' | 'binding' | 'log',
    tenantId: string,
    value: string,
  ): string
}
