/** Picks the trigger's event source for a transaction and gathers what the tenant knows for it. */
import { type Clients, makeClient } from './clients.ts'
import type { Connection } from './connection.ts'
import { type CustomDomain, type EventOverrides, postChallengeEvent } from './event-source.ts'
import { postLoginEvent } from './login-event.ts'
import type { LoginStores } from './login-side.ts'
import type { PipelineOptions } from './pipeline.ts'
import type { Sessions } from './sessions.ts'
import type { Faults } from './switches.ts'
import type { Users } from './users.ts'

export interface EventBuilderOptions {
  readonly tenantName: string
  readonly customDomains: readonly CustomDomain[]
  readonly connection: Connection
  readonly clients: Clients
  readonly users: Users
  readonly sessions: Sessions
  readonly stores: Pick<LoginStores, 'refreshTokens' | 'organizations'>
  readonly faults: Faults
  readonly eventOverrides: EventOverrides
}

/** One that is deleted while a flow runs leaves its id behind. */
const clientOf = (clients: Clients, clientId: string) =>
  clients.get(clientId) ?? makeClient({ client_id: clientId, name: '' }, () => '')

const found = <Value>(id: string | undefined, get: (id: string) => Value | undefined) =>
  id === undefined ? undefined : get(id)

export function createEventBuilder(options: EventBuilderOptions): PipelineOptions['buildEvent'] {
  const { clients, users, sessions, stores, faults, eventOverrides } = options
  return (transaction, user, request) => {
    const { login } = transaction
    const source = {
      tenantName: options.tenantName,
      customDomains: options.customDomains,
      connection: options.connection,
      client: clientOf(clients, transaction.clientId ?? ''),
      enrolled: faults.enrolledFactorsUnavailable ? undefined : users.enrolledTypes(user),
      transaction,
      user,
      request,
    }
    if (!login) return postChallengeEvent(source, eventOverrides)
    return postLoginEvent(
      {
        ...source,
        login,
        session: found(login.sessionId, sessions.get),
        refreshGrant: found(login.refreshGrantId, stores.refreshTokens.get),
        organization: found(login.request.organizationId, stores.organizations.get),
      },
      eventOverrides,
    )
  }
}
