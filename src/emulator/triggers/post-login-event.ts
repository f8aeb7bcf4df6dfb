/** Builds the event of post-login v3 (contract 3.1) from what the tenant knows. */
import type { PostLoginEvent, PostLoginTransaction, RiskAssessment } from './post-login-types.ts'
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
import type { AuthenticationMethod } from './shared-event-types.ts'

/** Members that are handed through as they are; absent ones stay absent. */
type HandedThrough =
  | 'agent'
  | 'refresh_token'
  | 'resource_server'
  | 'security_context'
  | 'session'
  | 'session_transfer_token'

export interface PostLoginEventInput
  extends SharedEventInput,
    Pick<Partial<PostLoginEvent>, HandedThrough> {
  /** What the user passed in this session: `pwd`, `federated`, `mfa`, a custom method's URL … */
  readonly methods: readonly AuthenticationMethod[]
  readonly riskAssessment?: RiskAssessment
  readonly roles?: readonly string[]
  readonly request: RequestInput & { readonly asn?: string }
  readonly transaction: Partial<PostLoginTransaction>
  readonly user: UserInput & { readonly multifactor?: readonly string[] }
}

const HANDED_THROUGH: readonly HandedThrough[] = [
  'agent',
  'refresh_token',
  'resource_server',
  'security_context',
  'session',
  'session_transfer_token',
]

export function buildPostLoginEvent(
  input: PostLoginEventInput,
  override?: EventOverride<WithoutSecrets<PostLoginEvent>>,
): WithoutSecrets<PostLoginEvent> {
  const { riskAssessment } = input
  const given = HANDED_THROUGH.filter((name) => input[name] !== undefined)
  const event: WithoutSecrets<PostLoginEvent> = {
    ...buildSharedEvent(input),
    ...Object.fromEntries(given.map((name) => [name, input[name]])),
    authentication: {
      methods: input.methods,
      ...(riskAssessment === undefined ? {} : { riskAssessment }),
    },
    authorization: { roles: input.roles ?? [] },
    request: buildRequest(input.request),
    transaction: {
      acr_values: [],
      locale: 'en',
      metadata: {},
      prompt: [],
      requested_scopes: [],
      ui_locales: [],
      ...input.transaction,
    },
    user: buildUser(input.user, input.connection),
  }
  return overrideEvent(event, override)
}
