/**
 * What clients saw, in Jepsen's words: each operation was invoked and then ended as ok, as a definite
 * no, or as unknown. Plain data, so that the checker needs nothing else.
 */

/** One suspended reset at the tenant, with the token that was signed for it. */
export interface Transaction {
  readonly tokenId: string
  readonly subject: string
  readonly state: string
  readonly token: string
  /** Of the network that it was asked for from. */
  readonly address: string
}

export type Kind =
  /** The person's own browser. */
  | 'verify'
  /** The same, twice at the same moment. */
  | 'double'
  /** The same once more, later. */
  | 'again'
  /** Another browser shows the same token and state. */
  | 'stolen'
  /** The same browser shows the token for another state. */
  | 'other state'
  /** Another browser shows another spelling of the token, for another state. */
  | 'other text'
  /** A token that nobody signed. */
  | 'forged'

export interface Operation {
  readonly kind: Kind
  readonly transaction: Transaction
  /** As sent, which differs from the transaction's for some kinds. */
  readonly state: string
  /** The binding cookie's value. */
  readonly browser: string
  /** Milliseconds of one monotonic clock. */
  readonly start: number
  readonly end: number
  readonly result: Result
}

export type Result =
  | { readonly kind: 'ok'; readonly answer: Answer }
  /** 400 or 403: it did not happen, and will not. */
  | { readonly kind: 'refused'; readonly status: number }
  /** 503 or 429: try again. Whether it happened is unknown. */
  | { readonly kind: 'unavailable'; readonly status: number; readonly retryAfter: boolean }
  /** No answer, or half of one. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** An answer that nothing allows: another status, a page without a way back. */
  | { readonly kind: 'broken'; readonly what: string }

/** What the leaving page and its continue token say. */
export interface Answer {
  readonly assessmentId: string
  readonly outcome: string
  readonly degraded: boolean
  /** Where the page goes, whole. */
  readonly action: string
  readonly token: string
  /** Epoch seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** One answer that the tenant took at `/continue`. */
export interface Continued {
  readonly transaction: Transaction
  readonly assessmentId: string
  readonly outcome: string
  readonly degraded: boolean
}

/** Rows after recovery, hashes as hex. */
export interface Tables {
  readonly redemptions: readonly {
    readonly token_key: string
    readonly state_hash: string
    readonly subject_hash: string
    readonly assessment_id: string
  }[]
  readonly claims: readonly { readonly state_hash: string; readonly token_key: string }[]
  readonly assessments: readonly { readonly id: string; readonly outcome: string | null }[]
}

export interface Evidence {
  readonly operations: readonly Operation[]
  readonly continued: readonly Continued[]
  readonly tables: Tables
  /** Every line that the service wrote. */
  readonly log: readonly string[]
}
