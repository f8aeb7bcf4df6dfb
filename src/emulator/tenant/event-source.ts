/**
 * What the tenant's state says for an event of password-reset / post-challenge (contract 2.2).
 */
import type { Client } from './clients.ts'
import type { Connection } from './connection.ts'
import type { FactorType } from './factors.ts'
import type { RequestFacts } from './request-facts.ts'
import type { Transaction } from './transactions.ts'
import type { User } from './users.ts'

export interface EventSource {
  readonly tenantName: string
  readonly customDomains: readonly {
    readonly domain: string
    readonly domain_metadata?: Readonly<Record<string, string>>
  }[]
  readonly connection: Connection
  readonly client: Client | undefined
  /** Undefined: could not be fetched, which is not the same as none. */
  readonly enrolled: ReadonlySet<FactorType> | undefined
  readonly transaction: Transaction
  readonly user: User
  readonly request: RequestFacts
}

export function buildPostChallengeEvent(source: EventSource): Record<string, unknown> {
  const { user, transaction, request, client, connection } = source
  const { factors, roles, logins_count, blocked: _, ...profile } = user
  const domain = source.customDomains.find(({ domain }) => domain === request.hostname)
  return {
    authentication: { methods: transaction.methods },
    authorization: { roles },
    client: {
      client_id: client?.client_id ?? '',
      name: client?.name ?? '',
      metadata: client?.metadata ?? {},
    },
    connection,
    ...(domain
      ? { custom_domain: { domain: domain.domain, domain_metadata: domain.domain_metadata ?? {} } }
      : {}),
    ...(transaction.prompt ? { prompt: transaction.prompt } : {}),
    request,
    stats: { logins_count },
    tenant: { id: source.tenantName },
    transaction: {
      correlation_id: transaction.correlationId,
      locale: transaction.locale,
      ui_locales: [],
    },
    user: {
      ...profile,
      ...(source.enrolled
        ? { enrolledFactors: [...source.enrolled].map((type) => ({ type })) }
        : {}),
      identities: [
        {
          connection: connection.name,
          isSocial: false,
          provider: 'auth0',
          user_id: user.user_id.replace(/^auth0\|/, ''),
        },
      ],
    },
  }
}
