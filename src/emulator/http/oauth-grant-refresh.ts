/** The exchange of a refresh token: post-login's Actions run again, without a browser. */
import type { LoginRequest } from '../tenant/login-request.ts'
import { isError } from '../tenant/login-settlement.ts'
import { faultOfLogin } from './oauth-grant-password.ts'
import type { Exchange } from './oauth-token.ts'

export const exchangeRefreshToken: Exchange = async ({ core, client, parameters, ...from }) => {
  const { refreshTokens, exchange, issuer } = core.loginSide
  const presented = parameters.refresh_token ?? ''
  const about = { clientId: client.client_id, ip: from.facts.ip }
  const grant = refreshTokens.check(presented, client.client_id)
  if (typeof grant === 'string') {
    const description =
      grant === 'reused'
        ? 'Unsuccessful Refresh Token exchange, reused refresh token detected'
        : 'Unknown or invalid refresh token.'
    core.log.write(grant === 'reused' ? 'ferrt' : 'fertft', { ...about, description })
    return { status: 403, error: 'invalid_grant', description: 'Unknown or invalid refresh token.' }
  }
  const { outcome } = grant
  const asked = parameters.scope?.split(' ').filter((scope) => scope !== '')
  const scope = asked ? asked.filter((one) => outcome.scope.includes(one)) : outcome.scope
  const request: LoginRequest = {
    protocol: 'oauth2-refresh-token',
    clientId: client.client_id,
    origin: from.origin,
    returnTo: { kind: 'direct' },
    scope,
    ...(outcome.audience === undefined ? {} : { audience: outcome.audience }),
    prompt: [],
    uiLocales: [],
    acrValues: [],
    ...(outcome.organizationId === undefined ? {} : { organizationId: outcome.organizationId }),
    query: {},
  }
  const settled = await exchange.refresh(grant, request, from.facts)
  if (isError(settled)) {
    core.log.write('fertft', {
      ...about,
      userId: outcome.userId,
      description: settled.description,
    })
    return faultOfLogin(settled)
  }
  // Somebody else may have used the same value while the Actions ran.
  if (refreshTokens.check(presented, client.client_id) !== grant)
    return { status: 403, error: 'invalid_grant', description: 'Unknown or invalid refresh token.' }
  const value = refreshTokens.exchanged(grant, presented, from.facts)
  core.log.write('sertft', { ...about, userId: outcome.userId })
  return issuer.respond({ ...settled, ...idTokenMembers(outcome) }, from.facts, { refresh: value })
}

/** OpenID Connect Core 12.2: what a refreshed ID token keeps, and the nonce it does not. */
const idTokenMembers = (outcome: {
  readonly sessionId?: string
  readonly authenticatedAtMs: number
  readonly tellAuthTime: boolean
}) => ({
  authenticatedAtMs: outcome.authenticatedAtMs,
  tellAuthTime: outcome.tellAuthTime,
  ...(outcome.sessionId === undefined ? {} : { sessionId: outcome.sessionId }),
})
