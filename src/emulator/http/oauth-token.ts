/**
 * `/oauth/token` (RFC 6749 section 3.2): codes, refresh tokens, passwords and clients become tokens.
 * Errors carry Auth0's texts and status codes.
 */
import type { Context, Hono } from 'hono'
import type { Client } from '../tenant/clients.ts'
import type { TenantCore } from '../tenant/core.ts'
import type { RequestFacts } from '../tenant/request-facts.ts'
import type { TokenResponse } from '../tenant/tokens-issue.ts'
import {
  authenticateClient,
  isFault,
  type OauthFault,
  oauthParameters,
  refuseOauth,
} from './oauth-client.ts'
import { exchangeClientCredentials } from './oauth-grant-client.ts'
import { exchangeCode } from './oauth-grant-code.ts'
import { exchangePassword, PASSWORD_REALM } from './oauth-grant-password.ts'
import { exchangeRefreshToken } from './oauth-grant-refresh.ts'
import { factsOf, originOf } from './surface.ts'

export interface TokenExchange {
  readonly core: TenantCore
  readonly client: Client
  readonly parameters: Readonly<Record<string, string>>
  /** Scheme, host and port of the request. */
  readonly origin: string
  /** As Actions see it: without the password and the secret. */
  readonly facts: RequestFacts
}

export type Exchange = (exchange: TokenExchange) => Promise<TokenResponse | OauthFault>

const EXCHANGES: Readonly<Record<string, Exchange>> = {
  authorization_code: exchangeCode,
  refresh_token: exchangeRefreshToken,
  password: exchangePassword,
  [PASSWORD_REALM]: exchangePassword,
  client_credentials: exchangeClientCredentials,
}

/** What a log or an Action must not see. */
const SECRETS = new Set([
  'client_secret',
  'password',
  'code',
  'code_verifier',
  'refresh_token',
  'client_assertion',
])

export function mountToken(app: Hono, core: TenantCore) {
  const answer = async (c: Context): Promise<TokenResponse | OauthFault> => {
    const parameters = await oauthParameters(c)
    if (!parameters)
      return { status: 400, error: 'invalid_request', description: 'Send a form or JSON.' }
    const grant = parameters.grant_type ?? ''
    const exchange = Object.hasOwn(EXCHANGES, grant) ? EXCHANGES[grant] : undefined
    if (grant === '')
      return {
        status: 400,
        error: 'invalid_request',
        description: 'Missing required parameter: grant_type',
      }
    if (!exchange)
      return {
        status: 403,
        error: 'unsupported_grant_type',
        description: `Unsupported grant type: ${grant}`,
      }
    const client = authenticateClient(core.clients, c, parameters)
    if (isFault(client)) return client
    if (!client.grant_types.includes(grant))
      return {
        status: 403,
        error: 'unauthorized_client',
        description: `Grant type '${grant}' not allowed for the client.`,
      }
    const body = Object.fromEntries(
      Object.entries(parameters).filter(([name]) => !SECRETS.has(name)),
    )
    const facts = factsOf(core, c, body)
    const tokens = await exchange({ core, client, parameters, origin: originOf(c), facts })
    if (!isFault(tokens))
      core.trace.record('tokens.issued', {
        who: 'tenant',
        text: `issues tokens to ${client.name} for ${grant}`,
        data: { client_id: client.client_id, grant },
      })
    return tokens
  }

  app.post('/oauth/token', async (c) => {
    const tokens = await answer(c)
    if (!isFault(tokens)) return c.json(tokens)
    core.trace.record('tokens.refused', {
      who: 'tenant',
      text: `refuses tokens: ${tokens.description}`,
      data: { error: tokens.error, reason: tokens.description },
    })
    return refuseOauth(c, tokens)
  })

  /** RFC 7009, for refresh tokens: an unknown one is no error. */
  app.post('/oauth/revoke', async (c) => {
    const parameters = await oauthParameters(c)
    if (!parameters?.token)
      return refuseOauth(c, {
        status: 400,
        error: 'invalid_request',
        description: 'Missing required parameter: token',
      })
    const client = authenticateClient(core.clients, c, parameters)
    if (isFault(client)) return refuseOauth(c, client)
    const revoked = core.loginSide.refreshTokens.revokeValue(parameters.token, client.client_id)
    if (revoked)
      core.log.write('srrt', { userId: revoked.outcome.userId, clientId: client.client_id })
    return c.body(null, 200)
  })
}
