/**
 * The continue token (R): what we sign for `api.redirect.validateToken`. Flat claims, the header that
 * Auth0 itself writes, and a life just long enough for the way back.
 */
import { SignJWT } from 'jose'
import type { ContinueClaims, Tenant } from '../ports.ts'
import type { KeyRing } from './key-ring.ts'

/**
 * Support advises at least one minute; two leave room for a slow phone and for clocks that differ,
 * and the leaving page asks for a new one after that. No longer: R is a bearer of the answer.
 */
export const CONTINUE_TOKEN_SECONDS = 120

/** `now` in epoch seconds. */
export function signContinueToken(
  claims: ContinueClaims,
  tenant: Tenant,
  keyRing: KeyRing,
  now: number,
): Promise<string> {
  const issuedAt = Math.floor(now)
  return new SignJWT({
    // The Auth0 host satisfies every reading of validateToken (architecture, decision 3).
    iss: tenant.continueIssuer ?? claims.host,
    sub: claims.subject,
    iat: issuedAt,
    exp: issuedAt + CONTINUE_TOKEN_SECONDS,
    state: claims.state,
    ...(claims.nonce === undefined ? {} : { nonce: claims.nonce }),
    jti: claims.id,
    decision: claims.decision,
    reasons: [...claims.reasons],
    reference: claims.reference,
    flow: claims.flow,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(keyRing.continue)
}
