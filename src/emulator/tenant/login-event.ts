/**
 * What the tenant's state says for the event of post-login, handed to its builder (contract 3.1).
 */
import { buildPostLoginEvent } from '../triggers/post-login-event.ts'
import type { EventRefreshToken, EventSession } from '../triggers/post-login-types.ts'
import type { EventOverrides, EventSource } from './event-source.ts'
import type { LoginContext } from './login-context.ts'
import type { Organization } from './organizations.ts'
import type { RefreshGrant } from './refresh-tokens.ts'
import type { SeenFrom, Session } from './sessions.ts'
import type { Transaction } from './transactions.ts'

export interface LoginEventSource extends EventSource {
  readonly login: LoginContext
  readonly session: Session | undefined
  readonly refreshGrant: RefreshGrant | undefined
  readonly organization: Organization | undefined
}

const iso = (ms: number) => new Date(ms).toISOString()

const device = (initial: SeenFrom, last: SeenFrom) => ({
  initial_ip: initial.ip,
  last_ip: last.ip,
  ...(initial.user_agent === undefined ? {} : { initial_user_agent: initial.user_agent }),
  ...(last.user_agent === undefined ? {} : { last_user_agent: last.user_agent }),
})

/** With what earlier Actions of this login changed. */
function sessionMember(session: Session, { effects }: LoginContext): EventSession {
  const { expiresAtMs = Infinity, idleExpiresAtMs = Infinity, metadata } = effects.session
  return {
    id: session.id,
    user_id: session.userId,
    created_at: iso(session.createdAtMs),
    updated_at: iso(session.updatedAtMs),
    authenticated_at: iso(session.authenticatedAtMs),
    last_interacted_at: iso(session.lastInteractedAtMs),
    expires_at: iso(Math.min(session.expiresAtMs, expiresAtMs)),
    idle_expires_at: iso(Math.min(session.idleExpiresAtMs, idleExpiresAtMs)),
    clients: [...session.clientIds].map((client_id) => ({ client_id })),
    device: device(session.initial, session.last),
    cookie: { mode: effects.session.cookieMode ?? session.cookieMode },
    metadata: metadata ?? session.metadata,
  }
}

function refreshTokenMember(grant: RefreshGrant, { effects }: LoginContext): EventRefreshToken {
  const { outcome } = grant
  return {
    id: grant.id,
    client_id: outcome.clientId,
    user_id: outcome.userId,
    created_at: iso(grant.createdAtMs),
    rotating: grant.rotating,
    device: device(grant.initial, grant.last),
    metadata: effects.refreshToken.metadata ?? grant.metadata,
    ...(grant.expiresAtMs === undefined ? {} : { expires_at: iso(grant.expiresAtMs) }),
    ...(grant.idleExpiresAtMs === undefined ? {} : { idle_expires_at: iso(grant.idleExpiresAtMs) }),
    ...(grant.lastExchangedAtMs === undefined
      ? {}
      : { last_exchanged_at: iso(grant.lastExchangedAtMs) }),
    ...(outcome.audience === undefined
      ? {}
      : { resource_servers: [{ audience: outcome.audience, scopes: outcome.scope.join(' ') }] }),
    ...(outcome.sessionId === undefined ? {} : { session_id: outcome.sessionId }),
  }
}

function transactionMember(transaction: Transaction, { request, effects }: LoginContext) {
  const { returnTo } = request
  const metadata = Object.entries(effects.transactionMetadata).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== null,
  )
  return {
    id: transaction.id,
    correlation_id: transaction.correlationId,
    acr_values: request.acrValues,
    locale: transaction.locale,
    metadata: Object.fromEntries(metadata),
    prompt: request.prompt,
    protocol: request.protocol,
    requested_scopes: request.scope,
    ui_locales: request.uiLocales,
    ...(request.loginHint === undefined ? {} : { login_hint: request.loginHint }),
    ...(returnTo.kind === 'oidc'
      ? {
          redirect_uri: returnTo.redirectUri,
          response_mode: returnTo.responseMode,
          response_type: returnTo.responseType,
          ...(returnTo.state === undefined ? {} : { state: returnTo.state }),
        }
      : {}),
    ...(returnTo.kind === 'saml' ? { redirect_uri: returnTo.acsUrl } : {}),
  }
}

export function postLoginEvent(source: LoginEventSource, overrides: EventOverrides) {
  const { user, transaction, request, client, login, session, refreshGrant, organization } = source
  const { factors, roles, logins_count, blocked: _blocked, ...profile } = user
  const custom = source.customDomains.find(({ domain }) => domain === request.hostname)
  const { audience } = login.request
  return buildPostLoginEvent(
    {
      tenantName: source.tenantName,
      client: { client_id: client.client_id, name: client.name, metadata: client.metadata },
      connection: source.connection,
      ...(custom
        ? { customDomain: { domain: custom.domain, domain_metadata: custom.domain_metadata ?? {} } }
        : {}),
      ...(organization
        ? {
            organization: {
              id: organization.id,
              name: organization.name,
              display_name: organization.display_name,
              metadata: organization.metadata,
            },
          }
        : {}),
      ...(transaction.prompt ? { prompt: transaction.prompt } : {}),
      ...(session ? { session: sessionMember(session, login) } : {}),
      ...(refreshGrant ? { refresh_token: refreshTokenMember(refreshGrant, login) } : {}),
      ...(audience === undefined ? {} : { resource_server: { identifier: audience } }),
      loginsCount: logins_count,
      methods: [...transaction.methods],
      ...(login.risk ? { riskAssessment: login.risk.assessment } : {}),
      roles,
      request,
      transaction: transactionMember(transaction, login),
      user: {
        ...profile,
        ...(factors.length > 0 ? { multifactor: ['guardian'] } : {}),
        ...(source.enrolled
          ? { enrolledFactors: [...source.enrolled].map((type) => ({ type })) }
          : {}),
      },
    },
    overrides['post-login'],
  )
}
