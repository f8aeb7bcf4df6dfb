/** password-reset / post-challenge v1 as Action code sees it (contract 2.2): for JSDoc in Actions. */
import type { PostChallengeApi } from '../runtime/api/post-challenge-api.ts'
import type {
  AkamaiAssessment,
  AuthenticationMethod,
  EventRequest,
  EventUser,
  SharedEvent,
} from './shared-event-types.ts'

export type { PostChallengeApi }

export interface PostChallengeEvent extends SharedEvent {
  readonly authentication: {
    readonly methods: readonly AuthenticationMethod[]
    /** Auth0's own assessment is absent here; only a third party's may be present. */
    readonly riskAssessment?: { readonly supplemental?: { readonly akamai?: AkamaiAssessment } }
  }
  readonly authorization: { readonly roles: readonly string[] }
  readonly request: EventRequest
  readonly transaction: PostChallengeTransaction
  readonly user: EventUser
}

/** It has neither an `id` nor metadata: there is no place at Auth0 to keep a nonce across a redirect. */
export interface PostChallengeTransaction {
  readonly locale: string
  readonly ui_locales: readonly string[]
  readonly correlation_id?: string
  readonly login_hint?: string
  /** The application's own `state`, not the one of `/continue`. */
  readonly state?: string
  readonly [member: string]: unknown
}

/** `exports.onExecutePostChallenge` and `exports.onContinuePostChallenge`. */
export type PostChallengeHandler = (
  event: PostChallengeEvent,
  api: PostChallengeApi,
) => Promise<void>
