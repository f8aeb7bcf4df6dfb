/**
 * Authorization codes: used once, within ten minutes, by the client that asked, for the address it was
 * sent to, and with the proof it announced (RFC 6749 section 4.1, RFC 7636).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'
import type { LoginOutcome } from './login-outcome.ts'

export interface CodeGrant {
  readonly redirectUri: string
  /** S256; absent when the client announced none. */
  readonly codeChallenge?: string
  readonly outcome: LoginOutcome
}

export interface Redemption {
  readonly code: string
  readonly clientId: string
  readonly redirectUri?: string | undefined
  readonly codeVerifier?: string | undefined
}

export type CodeRefusal =
  | 'code_unknown'
  | 'code_used'
  | 'code_expired'
  | 'other_client'
  | 'other_redirect_uri'
  | 'verifier_missing'
  | 'verifier_wrong'
  | 'verifier_unexpected'

export interface Grants {
  issue(grant: CodeGrant): string
  /** Takes the code: even one that is refused here does not work again. */
  redeem(redemption: Redemption): CodeGrant | CodeRefusal
  clear(): void
}

const CODE_SECONDS = 600
const KEPT = 1000

const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

const same = (one: string, other: string) =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

interface Stored extends CodeGrant {
  readonly expiresAtMs: number
  used: boolean
}

export function createGrants(clock: TenantClock, random: Random): Grants {
  const codes = new Map<string, Stored>()

  const fault = (grant: Stored, redemption: Redemption): CodeRefusal | undefined => {
    if (clock.now() >= grant.expiresAtMs) return 'code_expired'
    if (grant.outcome.clientId !== redemption.clientId) return 'other_client'
    if (grant.redirectUri !== redemption.redirectUri) return 'other_redirect_uri'
    const { codeVerifier } = redemption
    if (grant.codeChallenge === undefined)
      return codeVerifier === undefined ? undefined : 'verifier_unexpected'
    if (codeVerifier === undefined) return 'verifier_missing'
    return same(challengeOf(codeVerifier), grant.codeChallenge) ? undefined : 'verifier_wrong'
  }

  return {
    issue: (grant) => {
      const code = randomName(random, 43)
      codes.set(code, { ...grant, expiresAtMs: clock.now() + CODE_SECONDS * 1000, used: false })
      if (codes.size > KEPT) codes.delete(codes.keys().next().value as string)
      return code
    },
    redeem: (redemption) => {
      const grant = codes.get(redemption.code)
      if (!grant) return 'code_unknown'
      if (grant.used) return 'code_used'
      grant.used = true
      return fault(grant, redemption) ?? grant
    },
    clear: () => codes.clear(),
  }
}
