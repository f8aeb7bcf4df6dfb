/**
 * The parts of an event that both triggers have (contract 2.2), as Action code reads them. Members stay
 * spelt as on the wire; timestamps are ISO 8601 texts.
 */

type Open = Readonly<Record<string, unknown>>

export interface AuthenticationMethod {
  /** `email` or `phone_number` for the first challenge of a reset, `mfa` for a further factor. */
  readonly name: string
  readonly timestamp: string
  /** With `mfa`: which factor. */
  readonly type?: string
}

/** Only on tenants with the Akamai integration, and only when Akamai sent its headers. */
export interface AkamaiAssessment {
  readonly akamaiBot?: {
    readonly type?: string
    readonly action?: string
    readonly botCategory?: readonly string[]
    readonly botScore?: number
    readonly botScoreResponseSegment?: string
    readonly botnetId?: string
  }
  readonly akamaiUserRisk?: {
    readonly action?: string
    readonly allow?: number
    readonly emailDomain?: string
    readonly general?: Open
    readonly ouid?: string
    readonly requestid?: string
    readonly risk?: Open
    readonly score?: number
    readonly status?: number
    readonly trust?: Open
    readonly username?: string
    readonly uuid?: string
  }
}

export interface EventClient {
  readonly client_id: string
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
  readonly external_client_id?: string
  readonly external_metadata_type?: string
}

export interface EventConnection {
  readonly id: string
  readonly name: string
  /** `auth0` for databases. */
  readonly strategy: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** Absent when the flow runs on the tenant's own host. */
export interface EventCustomDomain {
  readonly domain: string
  readonly domain_metadata: Readonly<Record<string, string>>
}

export interface EventOrganization {
  readonly id: string
  readonly name: string
  readonly display_name: string
  readonly metadata: Readonly<Record<string, string>>
  readonly [member: string]: unknown
}

/** Only after a form: what it sent back. */
export interface EventPrompt {
  readonly id: string
  readonly fields?: Open
  readonly vars?: Open
}

export interface EventGeoip {
  readonly cityName?: string
  readonly continentCode?: string
  readonly countryCode?: string
  readonly countryCode3?: string
  readonly countryName?: string
  readonly latitude?: number
  readonly longitude?: number
  readonly subdivisionCode?: string
  readonly subdivisionName?: string
  readonly timeZone?: string
}

/** The request that started the leg: in `onContinue…` the one to `/continue`. */
export interface EventRequest {
  readonly method: string
  readonly ip: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body: Readonly<Record<string, string | undefined>>
  readonly geoip: EventGeoip
  readonly hostname?: string
  readonly language?: string
  readonly user_agent?: string
}

export interface EnrolledFactor {
  readonly type: string
  readonly options?: Open
  readonly [member: string]: unknown
}

export interface EventIdentity {
  readonly connection?: string
  readonly isSocial?: boolean
  readonly profileData?: Open
  readonly provider?: string
  readonly user_id?: string
  readonly [member: string]: unknown
}

export interface EventUser {
  readonly user_id: string
  readonly created_at: string
  readonly updated_at: string
  readonly email_verified: boolean
  readonly email?: string
  readonly family_name?: string
  readonly given_name?: string
  readonly last_password_reset?: string
  readonly name?: string
  readonly nickname?: string
  readonly phone_number?: string
  readonly phone_verified?: boolean
  readonly picture?: string
  readonly username?: string
  readonly app_metadata: Open
  readonly user_metadata: Open
  /** Undefined: could not be fetched, which says nothing. Empty: none. */
  readonly enrolledFactors?: readonly EnrolledFactor[]
  readonly identities: readonly EventIdentity[]
  readonly [member: string]: unknown
}

/** The members of the event that are the same in both triggers. */
export interface SharedEvent {
  readonly client: EventClient
  /** Values of Marketplace integrations; empty otherwise. */
  readonly configuration: Open
  readonly connection: EventConnection
  readonly custom_domain?: EventCustomDomain
  readonly organization?: EventOrganization
  readonly prompt?: EventPrompt
  /** The secrets of this Action: a missing one is undefined. */
  readonly secrets: Readonly<Record<string, string | undefined>>
  readonly stats: { readonly logins_count: number }
  readonly tenant: { readonly id: string }
}
