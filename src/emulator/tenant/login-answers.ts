/**
 * A settled login as what the application gets: an authorization code, tokens, a SAML response, or an
 * error; with the line in the tenant log that goes with it.
 */
import type { Destination } from './destinations.ts'
import type { Grants } from './grants.ts'
import { type LoginError, oidcAnswer, oidcError } from './login-answer.ts'
import type { LoginContext } from './login-context.ts'
import type { LoginOutcome } from './login-outcome.ts'
import type { LoginRequest, OidcReturn } from './login-request.ts'
import { isError } from './login-settlement.ts'
import type { SamlResponder } from './saml-responder.ts'
import type { Sessions } from './sessions.ts'
import type { TenantLog } from './tenant-log.ts'
import type { TokenIssuer } from './tokens-issue.ts'
import type { Trace } from './trace.ts'
import type { Transaction } from './transactions.ts'

export interface LoginAnswers {
  /** Without a transaction: nobody was there to run Actions for. */
  refuse(request: LoginRequest, error: LoginError): Promise<Destination>
  settled(transaction: Transaction, settled: LoginOutcome | LoginError): Promise<Destination>
}

export interface LoginAnswersOptions {
  readonly grants: Grants
  readonly issuer: TokenIssuer
  readonly saml: SamlResponder
  readonly sessions: Sessions
  readonly trace: Trace
  readonly log: TenantLog
}

export function createLoginAnswers(options: LoginAnswersOptions): LoginAnswers {
  const { grants, issuer, saml, sessions, trace, log } = options

  const refuse = async (request: LoginRequest, error: LoginError): Promise<Destination> => {
    const { returnTo } = request
    trace.record('login.answered', {
      who: 'tenant',
      text: `answers ${request.clientId}: ${error.error}`,
      data: { client_id: request.clientId, error: error.error, description: error.description },
    })
    if (returnTo.kind === 'saml')
      return { kind: 'answer', answer: await saml.refuse(request, returnTo, error) }
    if (returnTo.kind === 'direct') throw new Error('The token endpoint answers itself.')
    return { kind: 'answer', answer: oidcError(returnTo, error) }
  }

  /** OAuth 2.0 Multiple Response Type Encoding Practices; OpenID Connect Core 3.1 to 3.3. */
  const oidcParameters = async (returnTo: OidcReturn, outcome: LoginOutcome) => {
    const { responseType, redirectUri, codeChallenge } = returnTo
    const code = responseType.includes('code')
      ? grants.issue({
          redirectUri,
          ...(codeChallenge === undefined ? {} : { codeChallenge }),
          outcome,
        })
      : undefined
    const access = responseType.includes('token') ? await issuer.accessToken(outcome) : undefined
    const idToken =
      responseType.includes('id_token') && outcome.scope.includes('openid')
        ? await issuer.idToken(outcome, {
            ...(code === undefined ? {} : { code }),
            ...(access ? { accessToken: access.token } : {}),
          })
        : undefined
    return {
      ...(code === undefined ? {} : { code }),
      ...(access
        ? {
            access_token: access.token,
            expires_in: String(access.expiresInSeconds),
            token_type: 'Bearer',
            scope: outcome.scope.join(' '),
          }
        : {}),
      ...(idToken === undefined ? {} : { id_token: idToken }),
    }
  }

  const answerOf = async (
    login: LoginContext,
    returnTo: LoginRequest['returnTo'],
    outcome: LoginOutcome,
  ) => {
    switch (returnTo.kind) {
      case 'oidc':
        return oidcAnswer(returnTo, await oidcParameters(returnTo, outcome))
      case 'saml':
        return saml.respond(login.request, returnTo, outcome, login.effects.saml)
      case 'direct':
        throw new Error('The token endpoint answers itself.')
    }
  }

  return {
    refuse,
    settled: async (transaction, settled) => {
      const { login } = transaction
      if (!login) throw new Error('A post-login transaction without its request.')
      const { request, interactive, sessionId } = login
      const about = { userId: transaction.userId, clientId: request.clientId }
      const fail = (error: LoginError) => {
        log.write(interactive ? 'f' : 'fsa', { ...about, description: error.description })
        return refuse(request, error)
      }
      if (isError(settled)) return fail(settled)
      const { returnTo } = request
      const fault =
        returnTo.kind === 'saml' ? await saml.faultOf(returnTo, login.effects.saml) : undefined
      if (fault) return fail(fault)
      const answer = await answerOf(login, returnTo, settled)
      log.write(interactive ? 's' : 'ssa', about)
      trace.record('login.answered', {
        who: 'tenant',
        text: `sends the browser back to ${request.clientId}`,
        transaction: transaction.id,
        data: { client_id: request.clientId },
      })
      const session = sessionId === undefined ? undefined : sessions.get(sessionId)
      const cookieMode = login.effects.session.cookieMode ?? session?.cookieMode
      return {
        kind: 'answer',
        answer: cookieMode === undefined ? answer : { ...answer, cookieMode },
      }
    },
  }
}
