/** post-login v3 as Action code sees it (contract 3.1): for JSDoc in Actions. */
import type { PostLoginApi } from '../runtime/api/post-login-api.ts'
import type {
  AkamaiAssessment,
  AuthenticationMethod,
  EventClient,
  EventGeoip,
  EventRequest,
  EventUser,
  SharedEvent,
} from './shared-event-types.ts'

export type { PostLoginApi }

export interface PostLoginEvent extends SharedEvent {
  readonly agent?: {
    readonly agent_id: string
    readonly name: string
    readonly agent_metadata: Readonly<Record<string, unknown>>
  }
  readonly authentication?: {
    readonly methods: readonly AuthenticationMethod[]
    readonly riskAssessment?: RiskAssessment
  }
  readonly authorization?: { readonly roles: readonly string[] }
  readonly client: EventClient & {
    readonly refresh_token?: {
      readonly policies?: readonly {
        readonly audience?: string
        readonly scope?: readonly string[]
      }[]
    }
  }
  readonly refresh_token?: EventRefreshToken
  readonly request: EventRequest & { readonly asn?: string }
  readonly resource_server?: { readonly identifier: string }
  readonly security_context?: { readonly ja3?: string; readonly ja4?: string }
  readonly session?: EventSession
  readonly session_transfer_token?: {
    readonly client_id: string
    readonly scope: readonly string[]
    readonly request: {
      readonly ip: string
      readonly asn?: string
      readonly geoip?: EventGeoip
      readonly user_agent?: string
    }
  }
  readonly transaction?: PostLoginTransaction
  readonly user: EventUser & { readonly multifactor?: readonly string[] }
}

export type RiskConfidence = 'low' | 'medium' | 'high' | 'neutral'

/** `confidence` is Auth0's trust in the login: `low` means risky. */
export interface RiskAssessment {
  readonly confidence: RiskConfidence
  readonly version: string
  readonly assessments: {
    readonly ImpossibleTravel?: {
      readonly confidence: RiskConfidence
      readonly code:
        | 'minimal_travel_from_last_login'
        | 'travel_from_last_login'
        | 'substantial_travel_from_last_login'
        | 'impossible_travel_from_last_login'
        | 'invalid_travel'
        | 'missing_geoip'
        | 'anonymous_proxy'
        | 'unknown_location'
        | 'initial_login'
        | 'location_history_not_found'
        | 'assessment_not_available'
    }
    readonly NewDevice?: {
      readonly confidence: RiskConfidence
      readonly code:
        | 'match'
        | 'partial_match'
        | 'no_match'
        | 'initial_login'
        | 'unknown_device'
        | 'no_device_history'
        | 'assessment_not_available'
      readonly details?: {
        readonly device?: 'known' | 'unknown'
        readonly useragent?: 'known' | 'unknown'
      }
    }
    readonly UntrustedIP?: {
      readonly confidence: RiskConfidence
      readonly code:
        | 'not_found_on_deny_list'
        | 'found_on_deny_list'
        | 'invalid_ip_address'
        | 'assessment_not_available'
      readonly details?: {
        readonly category?: string
        readonly ip?: string
        readonly matches?: string
        readonly source?: string
      }
    }
    readonly AgentDetection?: {
      readonly confidence: RiskConfidence
      readonly code: 'unknown' | 'verified_agent'
      readonly details?: { readonly provider?: string }
    }
  }
  readonly supplemental?: { readonly akamai?: AkamaiAssessment }
}

export type Protocol =
  | 'oidc-basic-profile'
  | 'oidc-ciba'
  | 'oidc-ciba-web-link'
  | 'oidc-implicit-profile'
  | 'oauth2-device-code'
  | 'oauth2-resource-owner'
  | 'oauth2-resource-owner-jwt-bearer'
  | 'oauth2-password'
  | 'oauth2-webauthn'
  | 'oauth2-access-token'
  | 'oauth2-refresh-token'
  | 'oauth2-token-exchange'
  | 'oidc-hybrid-profile'
  | 'samlp'
  | 'wsfed'
  | 'wstrust-usernamemixed'

export interface PostLoginTransaction {
  readonly id?: string
  readonly acr_values?: readonly string[]
  readonly actor?: Actor
  readonly actor_token_type?: string
  readonly correlation_id?: string
  readonly linking_id?: string
  readonly locale?: string
  readonly login_hint?: string
  /** Survives a redirect and a form: the place for a nonce (`api.transaction.setMetadata`). */
  readonly metadata: Readonly<Record<string, string | number | boolean>>
  readonly prompt?: readonly string[]
  readonly protocol?: Protocol
  readonly redirect_uri?: string
  readonly requested_authorization_details?: readonly { readonly type: string }[]
  readonly requested_scopes?: readonly string[]
  readonly response_mode?: 'query' | 'fragment' | 'form_post' | 'web_message'
  readonly response_type?: readonly ('code' | 'token' | 'id_token')[]
  /** The application's own `state`, not the one of `/continue`. */
  readonly state?: string
  readonly subject_token_type?: string
  readonly ui_locales?: readonly string[]
  readonly [member: string]: unknown
}

export interface Actor {
  readonly sub: string
  readonly act?: Actor
  readonly [member: string]: unknown
}

/** First and last network and browser a session or refresh token was seen with. */
export interface EventDevice {
  readonly initial_asn?: string
  readonly initial_ip?: string
  readonly initial_user_agent?: string
  readonly last_asn?: string
  readonly last_ip?: string
  readonly last_user_agent?: string
}

interface SessionTransfer {
  readonly parent_refresh_token?: {
    readonly id?: string
    readonly metadata?: Readonly<Record<string, unknown>>
  }
}

/** Everything but `id` on enterprise tenants alone. */
export interface EventSession {
  readonly id: string
  readonly actor?: Actor
  readonly authenticated_at?: string
  readonly clients?: readonly { readonly client_id: string }[]
  readonly cookie?: { readonly mode: 'persistent' | 'non-persistent' }
  readonly created_at?: string
  readonly device?: EventDevice
  readonly expires_at?: string
  readonly idle_expires_at?: string
  readonly last_interacted_at?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly session_transfer?: SessionTransfer
  readonly updated_at?: string
  readonly user_id?: string
}

export interface EventRefreshToken {
  readonly id: string
  readonly created_at: string
  /** An online refresh token ends with its session and takes no changes. */
  readonly access?: 'online' | 'offline'
  readonly client_id?: string
  readonly device?: EventDevice
  readonly expires_at?: string
  readonly idle_expires_at?: string
  readonly last_exchanged_at?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly resource_servers?: readonly { readonly audience: string; readonly scopes: string }[]
  readonly rotating?: boolean
  readonly session_id?: string
  readonly session_transfer?: SessionTransfer
  readonly user_id?: string
}

/** `exports.onExecutePostLogin` and `exports.onContinuePostLogin`. */
export type PostLoginHandler = (event: PostLoginEvent, api: PostLoginApi) => Promise<void>
