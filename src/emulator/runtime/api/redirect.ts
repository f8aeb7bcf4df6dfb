/** `api.redirect` of both triggers (contract 1.1, 1.2, 1.5, 1.7). */
import {
  PROTOCOLS_WITHOUT_REDIRECT,
  SESSION_TOKEN_LIFETIME_SECONDS,
  SESSION_TOKEN_PARAMETER,
} from '../limits.ts'
import { type LegContext, objectAt } from '../thread/leg-context.ts'
import { REDIRECT_AND_RENDER } from './prompt.ts'
import { buildUrl, type UrlOptions } from './redirect-url.ts'
import { checkContinueToken, signSessionToken } from './session-token.ts'

export interface EncodeTokenOptions {
  /** Undefined throws: a missing secret must not make a token that anyone can make. */
  readonly secret: string | undefined
  readonly payload: Readonly<Record<string, unknown>>
  /** Default 900; 0 makes a token that is expired at once. */
  readonly expiresInSeconds?: number
}

export interface ValidateTokenOptions {
  /** Undefined refuses every token. */
  readonly secret: string | undefined
  /** Default `session_token`. */
  tokenParameterName?: string
}

export interface RedirectApi<Returned> {
  encodeToken(options: EncodeTokenOptions): string
  sendUserTo(url: string, options?: UrlOptions): Returned
  validateToken(options: ValidateTokenOptions): Record<string, unknown>
}

/** @param returned what `sendUserTo` gives back: the `api` object in post-login, nothing elsewhere */
export function redirectApi<Returned>(
  context: LegContext,
  returned: () => Returned,
): RedirectApi<Returned> {
  const { identity } = context
  const nowSeconds = () => Math.floor(context.now() / 1000)
  return {
    encodeToken(options) {
      const iat = nowSeconds()
      // The payload comes last, so it may replace any of Auth0's own claims; the order of keys is
      // that of Auth0's tokens.
      const payload = {
        iat,
        iss: identity.hostname,
        sub: identity.userId,
        exp: iat + (options.expiresInSeconds ?? SESSION_TOKEN_LIFETIME_SECONDS),
        ip: identity.ip,
        ...options.payload,
      }
      const { secret } = options
      if (typeof secret !== 'string' || secret === '') {
        // Assumed text. Signing with nothing would make a token that anyone can make.
        throw new Error(
          'api.redirect.encodeToken needs a non-empty `secret`: is it set on this Action?',
        )
      }
      const token = signSessionToken(payload, secret)
      context.trace({ method: 'encodeToken', payload })
      return token
    },

    sendUserTo(url, options) {
      if (context.has('prompt.render')) context.abort(REDIRECT_AND_RENDER)
      context.record({ type: 'redirect.sendUserTo', url: buildUrl(url, options) })
      return returned()
    },

    validateToken(options) {
      // Auth0's API layer writes the default back into the caller's object.
      options.tokenParameterName ||= SESSION_TOKEN_PARAMETER
      const parameters: Record<string, unknown> = { ...identity.query, ...identity.body }
      const token = parameters[options.tokenParameterName]
      if (!token) {
        throw new Error(
          `There is no parameter called '${options.tokenParameterName}' available in either the POST body or query string.`,
        )
      }
      const verdict = checkContinueToken(token, options.secret, {
        state: parameters.state,
        identity,
        nowSeconds: nowSeconds(),
        switches: context.switches,
      })
      const { payload } = verdict
      if (!verdict.valid) {
        context.trace({ method: 'validateToken', payload, refused: verdict.reason })
        throw new Error(`The session token is invalid: ${verdict.reason}`)
      }
      context.trace({ method: 'validateToken', payload })
      return verdict.payload
    },
  }
}

/** Whether post-login's flow has a browser to send somewhere (contract 1.7). */
export function canRedirect(event: Readonly<Record<string, unknown>>): boolean {
  if (objectAt(objectAt(event, 'request'), 'query').prompt === 'none') return false
  const protocol = objectAt(event, 'transaction').protocol
  return typeof protocol !== 'string' || !PROTOCOLS_WITHOUT_REDIRECT.includes(protocol)
}
