/**
 * What a login that was let through grants: kept with the authorization code and the refresh token, so
 * that tokens made later say what the Actions decided then.
 */

import type { Claims } from './tokens-claims.ts'
import type { AuthenticationMethod } from './transactions.ts'

/** Changes to a session or refresh token: the earliest expiry that was asked for. */
export interface LifetimeChange {
  expiresAtMs?: number
  idleExpiresAtMs?: number
  metadata?: Readonly<Record<string, string>>
}

export interface LoginOutcome {
  /** `https://host/`, as the browser or client reached the tenant. */
  readonly issuer: string
  readonly clientId: string
  readonly userId: string
  /** After what Actions added and removed. */
  readonly scope: readonly string[]
  readonly audience?: string
  readonly nonce?: string
  readonly sessionId?: string
  readonly organizationId?: string
  readonly authenticatedAtMs: number
  /** `auth_time` is told when the application asked for a maximum age. */
  readonly tellAuthTime: boolean
  readonly methods: readonly AuthenticationMethod[]
  readonly idTokenClaims: Claims
  readonly accessTokenClaims: Claims
  readonly refreshToken: LifetimeChange
}
