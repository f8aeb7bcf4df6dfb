/**
 * What the tenant's state says for the event of password-reset / post-challenge, handed to its builder.
 */

import { buildPostChallengeEvent } from '../triggers/post-challenge-event.ts'
import type { PostChallengeEvent } from '../triggers/post-challenge-types.ts'
import type { PostLoginEvent } from '../triggers/post-login-types.ts'
import type { EventOverride, WithoutSecrets } from '../triggers/shared-event.ts'
import type { Client } from './clients.ts'
import type { Connection } from './connection.ts'
import type { FactorType } from './factors.ts'
import type { RequestFacts } from './request-facts.ts'
import type { Transaction } from './transactions.ts'
import type { User } from './users.ts'

/** Laid over every event of the trigger: for what the tenant does not model, or a test must pin. */
export interface EventOverrides {
  'password-reset-post-challenge'?: EventOverride<WithoutSecrets<PostChallengeEvent>>
  'post-login'?: EventOverride<WithoutSecrets<PostLoginEvent>>
}

export interface CustomDomain {
  readonly domain: string
  readonly domain_metadata?: Readonly<Record<string, string>>
}

export interface EventSource {
  readonly tenantName: string
  readonly customDomains: readonly CustomDomain[]
  readonly connection: Connection
  readonly client: Client
  /** Undefined: could not be fetched, which is not the same as none. */
  readonly enrolled: ReadonlySet<FactorType> | undefined
  readonly transaction: Transaction
  readonly user: User
  readonly request: RequestFacts
}

/** The trigger does not run without an application, so there always is one. */
export function postChallengeEvent(
  { user, transaction, request, client, ...source }: EventSource,
  overrides: EventOverrides,
) {
  const { factors: _factors, roles, logins_count, blocked: _blocked, ...profile } = user
  const custom = source.customDomains.find(({ domain }) => domain === request.hostname)
  return buildPostChallengeEvent(
    {
      tenantName: source.tenantName,
      client: { client_id: client.client_id, name: client.name, metadata: client.metadata },
      connection: source.connection,
      ...(custom
        ? { customDomain: { domain: custom.domain, domain_metadata: custom.domain_metadata ?? {} } }
        : {}),
      ...(transaction.prompt ? { prompt: transaction.prompt } : {}),
      loginsCount: logins_count,
      methods: [...transaction.methods],
      roles,
      request,
      transaction: { correlation_id: transaction.correlationId, locale: transaction.locale },
      user: {
        ...profile,
        ...(source.enrolled
          ? { enrolledFactors: [...source.enrolled].map((type) => ({ type })) }
          : {}),
      },
    },
    overrides['password-reset-post-challenge'],
  )
}
