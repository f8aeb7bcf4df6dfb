/**
 * The whole input of `decide`, as one document: built by the caller (`request`), completed by Postgres
 * (`decided_at`, `store`), stored, and read back before it is used, so that a repeat months later
 * reads the same bytes. Keys are as stored. Identifiers are 64-bit keyed hashes as decimal text.
 */
import type { TokenFacts } from './session.ts'
import type { ClientSignals, VisitNetwork } from './visit.ts'

export interface Facts {
  /** Epoch seconds by the database's clock. */
  readonly decided_at: number
  readonly request: RequestFacts
  readonly store: StoreFacts
}

export interface RequestFacts {
  readonly token: TokenFacts
  /** The address that Auth0 saw when it signed the token. */
  readonly token_network: NetworkFacts
  /** The address that came to us. */
  readonly visit_network: NetworkFacts
  /** Whether both addresses are the same one; absent when either is unknown. */
  readonly same_address?: boolean
  readonly language?: string
  /** Browser family of the User-Agent. */
  readonly browser?: string
  readonly bot?: boolean
  /** Hash of the device cookie; absent for a browser that brought none. */
  readonly device?: string
  readonly client: ClientSignals
}

export interface NetworkFacts extends VisitNetwork {
  /** Hash of the IPv4 address or the IPv6 /64. */
  readonly address?: string
  readonly family?: 4 | 6
}

export interface StoreFacts {
  /** Null: this user has no history here, which is unknown and not new. */
  readonly profile: ProfileFacts | null
  readonly lists: readonly ListFact[]
  /** How far ahead of its allowance each key is, in seconds (GCRA debt after this visit). */
  readonly velocity: {
    readonly user?: number
    readonly token_address?: number
    readonly visit_address?: number
  }
  /** An unconfirmed step-up or denial for this user within five days (amendment 3). */
  readonly unconfirmed_recent: boolean
  /** A person released this user's next attempt (`no_factor: hold`); opening this record used it up. */
  readonly released?: boolean
}

export interface ProfileFacts {
  /** Confirmed verifications and logins counted so far. */
  readonly n: number
  readonly first_at: number
  readonly last_at: number
  /** feature → value → [count, day number of the last sight]. Values are hashes, or a country code. */
  readonly hist: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>>
  readonly last_latitude?: number
  readonly last_longitude?: number
}

export const LIST_KINDS = ['user', 'address', 'device', 'country', 'asn', 'client'] as const
export type ListKind = (typeof LIST_KINDS)[number]

export interface ListFact {
  readonly kind: ListKind
  readonly action: 'deny' | 'allow'
}
