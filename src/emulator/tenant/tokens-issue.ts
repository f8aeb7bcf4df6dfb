/**
 * The tokens a login's outcome is worth: ID token, access token, and a refresh token where the
 * application may have one.
 */
import type { Clients } from './clients.ts'
import type { LoginOutcome } from './login-outcome.ts'
import type { Organizations } from './organizations.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { RequestFacts } from './request-facts.ts'
import { ACCESS_TOKEN_SECONDS, type ResourceServers } from './resource-servers.ts'
import type { Tokens } from './tokens.ts'
import { allowedClaims, userClaims } from './tokens-claims.ts'
import type { Users } from './users.ts'

/** RFC 6749 section 5.1. */
export interface TokenResponse {
  readonly access_token: string
  readonly id_token?: string
  readonly refresh_token?: string
  readonly scope?: string
  readonly expires_in: number
  readonly token_type: 'Bearer'
}

export interface TokenIssuer {
  idToken(
    outcome: LoginOutcome,
    bound?: { readonly code?: string; readonly accessToken?: string },
  ): Promise<string>
  accessToken(
    outcome: LoginOutcome,
    grantType?: 'password',
  ): Promise<{ readonly token: string; readonly expiresInSeconds: number }>
  /** `refresh`: the value to hand out again; absent, a new grant is made if one was asked for. */
  respond(
    outcome: LoginOutcome,
    request: RequestFacts,
    how?: { readonly refresh?: string; readonly grantType?: 'password' },
  ): Promise<TokenResponse>
}

export interface TokenIssuerOptions {
  readonly clients: Clients
  readonly users: Users
  readonly organizations: Organizations
  readonly resourceServers: ResourceServers
  readonly refreshTokens: RefreshTokens
  readonly tokens: Tokens
}

export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { clients, users, organizations, resourceServers, refreshTokens, tokens } = options

  const organizationClaims = ({ organizationId }: LoginOutcome) => {
    const organization =
      organizationId === undefined ? undefined : organizations.get(organizationId)
    return organization ? { org_id: organization.id } : {}
  }

  const idToken: TokenIssuer['idToken'] = async (outcome, bound = {}) => {
    const user = users.get(outcome.userId)
    const factored = outcome.methods.some(({ name }) => name === 'mfa')
    return tokens.signIdToken({
      issuer: outcome.issuer,
      clientId: outcome.clientId,
      subject: outcome.userId,
      ...bound,
      claims: {
        ...(user ? userClaims(user, outcome.scope) : {}),
        ...allowedClaims(outcome.idTokenClaims),
        ...organizationClaims(outcome),
        ...(outcome.nonce === undefined ? {} : { nonce: outcome.nonce }),
        ...(outcome.sessionId === undefined ? {} : { sid: outcome.sessionId }),
        ...(outcome.tellAuthTime
          ? { auth_time: Math.floor(outcome.authenticatedAtMs / 1000) }
          : {}),
        ...(factored ? { amr: ['mfa'] } : {}),
      },
    })
  }

  const accessToken: TokenIssuer['accessToken'] = async (outcome, grantType) => {
    const { issuer, clientId, userId, scope, audience } = outcome
    const server = audience === undefined ? undefined : resourceServers.get(audience)
    const expiresInSeconds = server?.token_lifetime ?? ACCESS_TOKEN_SECONDS
    const token = await tokens.issueAccessToken({
      issuer,
      clientId,
      subject: userId,
      scope,
      ...(audience === undefined ? {} : { audience }),
      idTokenClaims: allowedClaims(outcome.idTokenClaims),
      claims: { ...allowedClaims(outcome.accessTokenClaims), ...organizationClaims(outcome) },
      lifetimeSeconds: expiresInSeconds,
      ...(grantType ? { grantType } : {}),
    })
    return { token, expiresInSeconds }
  }

  const newRefreshToken = (outcome: LoginOutcome, request: RequestFacts) => {
    const client = clients.get(outcome.clientId)
    const offline =
      outcome.audience === undefined ||
      resourceServers.get(outcome.audience)?.allow_offline_access !== false
    if (!client?.grant_types.includes('refresh_token')) return undefined
    if (!outcome.scope.includes('offline_access') || !offline) return undefined
    return refreshTokens.issue(outcome, client.refresh_token, request).value
  }

  return {
    idToken,
    accessToken,
    respond: async (outcome, request, { refresh, grantType } = {}) => {
      const { token, expiresInSeconds } = await accessToken(outcome, grantType)
      const refresh_token = refresh ?? newRefreshToken(outcome, request)
      return {
        access_token: token,
        ...(refresh_token === undefined ? {} : { refresh_token }),
        ...(outcome.scope.includes('openid') ? { id_token: await idToken(outcome) } : {}),
        ...(outcome.scope.length > 0 ? { scope: outcome.scope.join(' ') } : {}),
        expires_in: expiresInSeconds,
        token_type: 'Bearer',
      }
    },
  }
}
