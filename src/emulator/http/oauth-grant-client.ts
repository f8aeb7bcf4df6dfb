/**
 * Client credentials (RFC 6749 section 4.4): a client as itself, for the Management API or one of the
 * tenant's own. No user, so no post-login.
 */
import { ACCESS_TOKEN_SECONDS } from '../tenant/resource-servers.ts'
import type { Exchange } from './oauth-token.ts'

/** The audience of the tenant's own API, whichever host names it. */
export const managementAudience = (origin: string) => `${origin}/api/v2/`

export const exchangeClientCredentials: Exchange = async (given) => {
  const { core, client, parameters, origin, facts } = given
  const { resourceServers, tokens } = core.loginSide
  const about = { clientId: client.client_id, ip: facts.ip, userAgent: facts.user_agent }
  const refuse = (error: string, description: string) => {
    core.log.write('feccft', { ...about, description })
    return { status: 403 as const, error, description }
  }
  const audience = parameters.audience || core.settings.default_audience
  if (!audience)
    return refuse(
      'access_denied',
      'No audience parameter was provided, and no default audience has been configured',
    )
  const ownApi = core.management.isAudience(audience, origin)
  const server = resourceServers.get(audience)
  if (!server && !ownApi)
    return refuse('access_denied', `Service not enabled within domain: ${audience}`)
  const granted = core.management.grantOf(client.client_id, ownApi ? 'management' : audience)
  if (!granted)
    return refuse(
      'access_denied',
      `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants`,
    )
  const asked = parameters.scope?.split(' ').filter((scope) => scope !== '')
  const scope = asked ? granted.filter((one) => asked.includes(one)) : granted
  const lifetimeSeconds = server?.token_lifetime ?? ACCESS_TOKEN_SECONDS
  const token = await tokens.issueAccessToken({
    issuer: `${origin}/`,
    clientId: client.client_id,
    subject: `${client.client_id}@clients`,
    scope,
    audience,
    idTokenClaims: {},
    claims: {},
    lifetimeSeconds,
    grantType: 'client-credentials',
  })
  core.log.write('seccft', about)
  return {
    access_token: token,
    ...(scope.length > 0 ? { scope: scope.join(' ') } : {}),
    expires_in: lifetimeSeconds,
    token_type: 'Bearer',
  }
}
