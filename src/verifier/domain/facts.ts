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
  /** Operating system family, never its version: an upgrade is no other browser. */
  readonly os?: string
  readonly device_type?: 'desktop' | 'mobile' | 'tablet' | 'tv'
  readonly bot?: boolean
  /** The client hints and the User-Agent name different browsers; absent without hints. */
  readonly client_hint_mismatch?: boolean
  /** The verified result of a human check; absent when none was asked for or answered. */
  readonly human_challenge?: 'passed' | 'failed'
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
  /**
   * All of those were step-ups, on other devices, of a robot, a driven browser or a data centre: what a
   * mail scanner leaves that opens the link before its reader. Never set where one was denied.
   */
  readonly unconfirmed_automated?: boolean
  /** A person released this user's next attempt (`no_factor: hold`); opening this record used it up. */
  readonly released?: boolean
  /** What the range lists say of both addresses; absent where no list was ever loaded. */
  readonly ranges?: RangeFacts
  /** Other users seen lately at each address, this event not counted; capped, so at least so many. */
  readonly users_per_address?: {
    readonly token?: AddressUsers
    readonly visit?: AddressUsers
  }
  /** Other users whose records of the last 24 hours bear this device; capped. */
  readonly users_per_device?: number
  /**
   * Epoch seconds of the resets that this user completed in the last 24 hours, in no order; capped.
   * Absent in facts of engine 3 and before.
   */
  readonly completed_resets_at?: readonly number[]
  /** Completed resets of this user in the last 24 hours: how many devices and networks they came from. */
  readonly reset_sources?: { readonly devices: number; readonly asns: number }
  /** Failed logins and challenges of this user in the last hour, from the log stream; capped. */
  readonly recent_failures?: number
  /** Epoch seconds of the last change of e-mail, phone or factors; null when none is on record. */
  readonly sensitive_change_at?: number | null
  /** Counts over all users of this tenant, of the values of this request alone; folded off the path. */
  readonly global?: GlobalFacts
}

export const RANGE_KINDS = ['tor', 'vpn', 'hosting', 'relay', 'untrusted'] as const
export type RangeKind = (typeof RANGE_KINDS)[number]

export interface RangeFacts {
  /** Lists that are loaded: an address on none of them is known to be on none of these alone. */
  readonly loaded: readonly RangeKind[]
  /** Absent when the address is unknown, or private and thus in nobody's list. */
  readonly token?: readonly RangeKind[]
  readonly visit?: readonly RangeKind[]
}

export interface AddressUsers {
  /** Distinct other users in the last hour. */
  readonly users: number
  /** Distinct users in this network's busiest ordinary hour; absent for a network without a past. */
  readonly baseline?: number
}

export interface GlobalFacts {
  /** Confirmed events counted so far. */
  readonly n: number
  /** feature → sum of its counts: not every event shows every feature. Absent: `n` stands for it. */
  readonly totals?: Readonly<Record<string, number>>
  /** feature → value → count. A value that is absent was not counted. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface ProfileFacts {
  /** Confirmed verifications and logins counted so far. */
  readonly n: number
  readonly first_at: number
  readonly last_at: number
  /** feature → value → [count, day number of the last sight]. Values are hashes, or a country code. */
  readonly hist: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>>
  /** Median round trip of confirmed events, in milliseconds. */
  readonly median_rtt_ms?: number
  readonly last_latitude?: number
  readonly last_longitude?: number
  /** When that place was seen; most events tell a time and no place. Absent: at `last_at`. */
  readonly last_place_at?: number
  /** The domain of the user's e-mail address was on the list of throw-away domains at the last login. */
  readonly disposable_email?: boolean
}

export const LIST_KINDS = ['user', 'address', 'device', 'country', 'asn', 'client'] as const
export type ListKind = (typeof LIST_KINDS)[number]

/** Whoever begins a reset picks the application it is for, so no application vouches for anybody. */
export const mayVouch = (kind: ListKind): boolean => kind !== 'client'

export interface ListFact {
  readonly kind: ListKind
  readonly action: 'deny' | 'allow'
}
