/** Builds the event of password-reset / post-challenge v1 (contract 2.2) from what the tenant knows. */
import type { PostChallengeEvent, PostChallengeTransaction } from './post-challenge-types.ts'
import {
  buildRequest,
  buildSharedEvent,
  buildUser,
  type EventOverride,
  overrideEvent,
  type RequestInput,
  type SharedEventInput,
  type UserInput,
  type WithoutSecrets,
} from './shared-event.ts'
import type { AkamaiAssessment, AuthenticationMethod } from './shared-event-types.ts'

export interface PostChallengeEventInput extends SharedEventInput {
  /** The first challenge (`email` or `phone_number`), then every factor passed in this transaction. */
  readonly methods: readonly AuthenticationMethod[]
  readonly akamai?: AkamaiAssessment
  readonly roles?: readonly string[]
  readonly request: RequestInput
  /** `locale` defaults to `en`. */
  readonly transaction?: Partial<PostChallengeTransaction>
  readonly user: UserInput
}

export function buildPostChallengeEvent(
  input: PostChallengeEventInput,
  override?: EventOverride<WithoutSecrets<PostChallengeEvent>>,
): WithoutSecrets<PostChallengeEvent> {
  const { akamai } = input
  const event: WithoutSecrets<PostChallengeEvent> = {
    ...buildSharedEvent(input),
    authentication: {
      methods: input.methods,
      ...(akamai === undefined ? {} : { riskAssessment: { supplemental: { akamai } } }),
    },
    authorization: { roles: input.roles ?? [] },
    request: buildRequest(input.request),
    transaction: { locale: 'en', ui_locales: [], ...input.transaction },
    user: buildUser(input.user, input.connection),
  }
  return overrideEvent(event, override)
}
