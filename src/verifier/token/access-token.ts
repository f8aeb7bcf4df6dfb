/**
 * The token that Cloudflare Access puts on each request it lets through: RS256, by keys that its team
 * publishes. Without this check anybody who reaches the service past the proxy could name themselves.
 * https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
 */
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import type { Clock } from '../ports.ts'

export interface AccessTokenParts {
  /** `https://<team>.cloudflareaccess.com`; its keys are under `/cdn-cgi/access/certs`. */
  readonly issuer: string
  /** The application's audience tag. */
  readonly audience: string
  readonly clock: Clock
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Told the class and code of a failure, never a claim. */
  readonly onFailure: (errorClass: string, code: string | undefined) => void
}

const TIMEOUT_MILLISECONDS = 5_000
/** Keys are asked for again when a token names one that is not known, at most so often. */
const COOLDOWN_MILLISECONDS = 30_000
/** Cloudflare rotates them every six weeks and keeps the one before. */
const KEEP_MILLISECONDS = 3_600_000
const TOLERANCE_SECONDS = 5
const MOST_CHARACTERS = 8192

/** Undefined for anything that is not valid now for this audience, and for tokens of no person. */
export function createAccessTokens(parts: AccessTokenParts) {
  const { issuer, audience, clock, onFailure } = parts
  const keys = createRemoteJWKSet(new URL('/cdn-cgi/access/certs', issuer), {
    timeoutDuration: TIMEOUT_MILLISECONDS,
    cooldownDuration: COOLDOWN_MILLISECONDS,
    cacheMaxAge: KEEP_MILLISECONDS,
    [customFetch]: (url, init) => parts.fetch(url, init),
  })
  return async function verifyAccessToken(token: string) {
    if (token.length > MOST_CHARACTERS) return undefined
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ['RS256'],
        requiredClaims: ['iat', 'exp', 'sub'],
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(clock() * 1000),
      })
      const { sub = '', email } = payload
      // A service token of Access has no subject: machines have API tokens of their own here.
      if (!/^[\x21-\x7e]{1,255}$/.test(sub)) return undefined
      return {
        subject: sub,
        ...(typeof email === 'string' && email !== '' ? { email } : {}),
        claims: payload as Readonly<Record<string, unknown>>,
      }
    } catch (error) {
      const { name, code } = error as { readonly name?: string; readonly code?: string }
      onFailure(name ?? 'Thrown', code)
      return undefined
    }
  }
}
