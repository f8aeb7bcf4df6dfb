/** The password grant, with and without a realm: a login where no browser could be sent anywhere. */
import type { LoginError } from '../tenant/login-answer.ts'
import type { LoginRequest } from '../tenant/login-request.ts'
import { isError } from '../tenant/login-settlement.ts'
import type { OauthFault } from './oauth-client.ts'
import type { Exchange } from './oauth-token.ts'

export const PASSWORD_REALM = 'http://auth0.com/oauth/grant-type/password-realm'

/** A login that was refused, as the token endpoint says it. */
export const faultOfLogin = ({ error, description }: LoginError): OauthFault => ({
  status: 403,
  error,
  description,
})

const WRONG: OauthFault = {
  status: 403,
  error: 'invalid_grant',
  description: 'Wrong email or password.',
}

export const exchangePassword: Exchange = async (given) => {
  const { core, client, parameters, origin, facts } = given
  const { exchange, issuer, resourceServers } = core.loginSide
  const { username = '', password = '', realm } = parameters
  const directory =
    parameters.grant_type === PASSWORD_REALM ? realm : core.settings.default_directory
  if (!directory)
    return {
      status: 403,
      error: 'access_denied',
      description: 'Authorization server not configured with default connection.',
    }
  if (directory !== core.connection.name)
    return { status: 403, error: 'invalid_request', description: 'unknown realm' }
  const audience = parameters.audience || core.settings.default_audience
  if (audience && !resourceServers.get(audience))
    return { status: 403, error: 'access_denied', description: `Service not found: ${audience}` }

  const about = {
    clientId: client.client_id,
    userName: username,
    connection: core.connection.name,
    ip: facts.ip,
    userAgent: facts.user_agent,
  }
  const user = core.users.byEmail(username)
  if (!user || !(await core.users.checkPassword(user.user_id, password))) {
    core.log.write('fepft', { ...about, description: WRONG.description })
    return WRONG
  }
  const request: LoginRequest = {
    protocol: 'oauth2-password',
    clientId: client.client_id,
    origin,
    returnTo: { kind: 'direct' },
    scope: (parameters.scope ?? 'openid profile email').split(' ').filter((one) => one !== ''),
    ...(audience ? { audience } : {}),
    prompt: [],
    uiLocales: [],
    acrValues: [],
    query: {},
  }
  const settled = await exchange.password(user, request, facts)
  if (isError(settled)) {
    core.log.write('fepft', {
      ...about,
      userId: user.user_id,
      description: settled.description,
    })
    return faultOfLogin(settled)
  }
  core.log.write('sepft', { ...about, userId: user.user_id })
  return issuer.respond(settled, facts, { grantType: 'password' })
}
