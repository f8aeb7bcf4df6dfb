/** The exchange of an authorization code (RFC 6749 section 4.1.3, RFC 7636 section 4.6). */
import type { CodeRefusal } from '../tenant/grants.ts'
import { isPublic, type OauthFault } from './oauth-client.ts'
import type { Exchange } from './oauth-token.ts'

const TEXTS: Partial<Record<CodeRefusal, string>> = {
  verifier_missing: 'Parameter code_verifier is required',
  verifier_wrong: 'Failed to verify code verifier',
  other_redirect_uri: 'The redirect URI is wrong.',
}

const refusal = (reason: CodeRefusal): OauthFault => ({
  status: 403,
  error: 'invalid_grant',
  description: TEXTS[reason] ?? 'Invalid authorization code',
})

export const exchangeCode: Exchange = async ({ core, client, parameters, facts }) => {
  const { code, redirect_uri: redirectUri, code_verifier: codeVerifier } = parameters
  const about = { clientId: client.client_id, ip: facts.ip, userAgent: facts.user_agent }
  if (!code)
    return {
      status: 400,
      error: 'invalid_request',
      description: 'Missing required parameter: code',
    }
  const { grants, issuer } = core.loginSide
  const clientId = client.client_id
  const grant = grants.redeem({ code, clientId, redirectUri, codeVerifier })
  const reason =
    typeof grant === 'string'
      ? grant
      : isPublic(client) && grant.codeChallenge === undefined
        ? 'verifier_missing'
        : undefined
  if (typeof grant === 'string' || reason !== undefined) {
    const fault = refusal(reason ?? 'code_unknown')
    core.log.write('feacft', { ...about, description: fault.description })
    return fault
  }
  core.log.write('seacft', { ...about, userId: grant.outcome.userId })
  return issuer.respond(grant.outcome, facts)
}
