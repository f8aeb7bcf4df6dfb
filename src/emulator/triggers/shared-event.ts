/**
 * The members both events share, built from what the tenant knows; and how a test changes an event.
 * Nothing here reads a clock: every time in an event is one the tenant wrote down.
 */
import type {
  EventClient,
  EventConnection,
  EventCustomDomain,
  EventIdentity,
  EventOrganization,
  EventPrompt,
  EventRequest,
  EventUser,
  SharedEvent,
} from './shared-event-types.ts'

/** What the tenant knows for any event. Optional members that are absent stay absent in the event. */
export interface SharedEventInput {
  readonly tenantName: string
  readonly client: Pick<EventClient, 'client_id' | 'name'> & Partial<EventClient>
  readonly connection: EventConnection
  readonly configuration?: Readonly<Record<string, unknown>>
  /** The custom domain the flow runs on, if it does. */
  readonly customDomain?: EventCustomDomain
  readonly organization?: EventOrganization
  /** After a form alone. */
  readonly prompt?: EventPrompt
  readonly loginsCount?: number
}

/** The request that starts the leg. */
export type RequestInput = Pick<EventRequest, 'method' | 'ip' | 'hostname'> & Partial<EventRequest>

/** `enrolledFactors` absent: could not be fetched. */
export type UserInput = Pick<EventUser, 'user_id' | 'created_at' | 'updated_at'> &
  Partial<EventUser>

/** The event without `secrets`: those belong to the Action and are added for each of them. */
export type WithoutSecrets<Event extends SharedEvent> = Omit<Event, 'secrets'>

export function buildSharedEvent(input: SharedEventInput): WithoutSecrets<SharedEvent> {
  const { customDomain, organization, prompt } = input
  return {
    client: { metadata: {}, ...input.client },
    configuration: input.configuration ?? {},
    connection: input.connection,
    ...(customDomain === undefined ? {} : { custom_domain: customDomain }),
    ...(organization === undefined ? {} : { organization }),
    ...(prompt === undefined ? {} : { prompt }),
    stats: { logins_count: input.loginsCount ?? 0 },
    tenant: { id: input.tenantName },
  }
}

export function buildRequest(request: RequestInput): EventRequest {
  return { body: {}, geoip: {}, query: {}, ...request }
}

/** Without identities the user has the one of a database connection, named in the user id. */
export function buildUser(user: UserInput, connection: EventConnection): EventUser {
  return {
    app_metadata: {},
    email_verified: false,
    identities: [identityOf(user.user_id, connection)],
    user_metadata: {},
    ...user,
  }
}

function identityOf(userId: string, connection: EventConnection): EventIdentity {
  const separator = userId.indexOf('|')
  return {
    connection: connection.name,
    isSocial: false,
    provider: userId.slice(0, Math.max(separator, 0)) || connection.strategy,
    user_id: userId.slice(separator + 1),
  }
}

/** A part of an event: objects down to any depth, arrays and other values whole. */
export type EventOverride<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]?: EventOverride<Value[Key]> | undefined }
    : Value

/** Lays `override` over `event`: objects are merged, anything else replaced, `undefined` takes away. */
export function overrideEvent<Event extends object>(
  event: Event,
  override: EventOverride<NoInfer<Event>> | undefined,
): Event {
  return override === undefined ? event : (merge(event, override) as Event)
}

function merge(value: unknown, override: unknown): unknown {
  if (!isPlain(value) || !isPlain(override)) return override
  const merged: Record<string, unknown> = { ...value }
  for (const [key, change] of Object.entries(override)) {
    if (change === undefined) delete merged[key]
    else merged[key] = merge(merged[key], change)
  }
  return merged
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
