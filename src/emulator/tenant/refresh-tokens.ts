/**
 * Refresh tokens: one grant lives on through its exchanges, and with rotation each value works once.
 * A value that comes back after its successor was used means that somebody else has it: the whole grant
 * ends (RFC 9700 section 4.14).
 */
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'
import type { LoginOutcome } from './login-outcome.ts'
import type { RequestFacts } from './request-facts.ts'
import { type SeenFrom, seenFrom } from './sessions.ts'

/** Auth0's `refresh_token` of a client; times in seconds. */
export interface RefreshTokenPolicy {
  readonly rotation_type: 'rotating' | 'non-rotating'
  readonly expiration_type: 'expiring' | 'non-expiring'
  /** How long the value before still works after a rotation. */
  readonly leeway: number
  readonly token_lifetime: number
  readonly idle_token_lifetime: number
  readonly infinite_token_lifetime?: boolean
  readonly infinite_idle_token_lifetime?: boolean
}

export interface RefreshGrant {
  readonly id: string
  readonly outcome: LoginOutcome
  readonly rotating: boolean
  readonly leewayMs: number
  readonly createdAtMs: number
  expiresAtMs?: number
  idleExpiresAtMs?: number
  readonly idleMs?: number
  lastExchangedAtMs?: number
  metadata: Readonly<Record<string, string>>
  readonly initial: SeenFrom
  last: SeenFrom
  /** The value that works now. */
  value: string
}

export type RefreshRefusal = 'unknown' | 'expired' | 'reused' | 'other_client'

export interface RefreshTokens {
  issue(outcome: LoginOutcome, policy: RefreshTokenPolicy, request: RequestFacts): RefreshGrant
  /** Reuse ends the grant. */
  check(value: string, clientId: string): RefreshGrant | RefreshRefusal
  /** The exchange went through: a new value when it rotates, the same one otherwise. */
  exchanged(grant: RefreshGrant, presented: string, request: RequestFacts): string
  get(grantId: string): RefreshGrant | undefined
  revoke(grantId: string): boolean
  /** By value, of this client. */
  revokeValue(value: string, clientId: string): RefreshGrant | undefined
  revokeOfSession(sessionId: string): number
  of(userId: string): readonly RefreshGrant[]
  clear(): void
}

export const DEFAULT_REFRESH_POLICY: RefreshTokenPolicy = {
  rotation_type: 'non-rotating',
  expiration_type: 'non-expiring',
  leeway: 0,
  token_lifetime: 2_592_000,
  idle_token_lifetime: 1_296_000,
  infinite_token_lifetime: false,
  infinite_idle_token_lifetime: false,
}

export function createRefreshTokens(clock: TenantClock, random: Random): RefreshTokens {
  const grants = new Map<string, RefreshGrant>()
  /** Every value ever handed out for a live grant; `replacedAtMs` when another one took its place. */
  const values = new Map<string, { readonly grantId: string; replacedAtMs?: number }>()

  const forget = (grantId: string) => {
    for (const [value, known] of values) if (known.grantId === grantId) values.delete(value)
    return grants.delete(grantId)
  }

  const newValue = (grantId: string) => {
    const value = `v1.${randomName(random, 64)}`
    values.set(value, { grantId })
    return value
  }

  const lifetimes = (policy: RefreshTokenPolicy) => {
    const expiring = policy.expiration_type === 'expiring'
    const now = clock.now()
    const idleMs = policy.idle_token_lifetime * 1000
    return {
      ...(expiring && !policy.infinite_token_lifetime
        ? { expiresAtMs: now + policy.token_lifetime * 1000 }
        : {}),
      ...(expiring && !policy.infinite_idle_token_lifetime
        ? { idleMs, idleExpiresAtMs: now + idleMs }
        : {}),
    }
  }

  return {
    issue: (outcome, policy, request) => {
      const id = randomName(random, 24)
      const seen = seenFrom(request)
      const grant: RefreshGrant = {
        id,
        outcome,
        rotating: policy.rotation_type === 'rotating',
        leewayMs: policy.leeway * 1000,
        createdAtMs: clock.now(),
        ...lifetimes(policy),
        metadata: outcome.refreshToken.metadata ?? {},
        initial: seen,
        last: seen,
        value: newValue(id),
      }
      narrow(grant, outcome.refreshToken)
      grants.set(id, grant)
      return grant
    },
    check: (value, clientId) => {
      const known = values.get(value)
      const grant = known && grants.get(known.grantId)
      if (!known || !grant) return 'unknown'
      if (grant.outcome.clientId !== clientId) return 'other_client'
      const now = clock.now()
      if (now >= Math.min(grant.expiresAtMs ?? Infinity, grant.idleExpiresAtMs ?? Infinity)) {
        forget(grant.id)
        return 'expired'
      }
      if (known.replacedAtMs !== undefined && now >= known.replacedAtMs + grant.leewayMs) {
        forget(grant.id)
        return 'reused'
      }
      return grant
    },
    exchanged: (grant, presented, request) => {
      const now = clock.now()
      grant.lastExchangedAtMs = now
      grant.last = seenFrom(request)
      if (grant.idleMs !== undefined) grant.idleExpiresAtMs = now + grant.idleMs
      if (!grant.rotating) return grant.value
      const known = values.get(presented)
      if (known && known.replacedAtMs === undefined) known.replacedAtMs = now
      const current = values.get(grant.value)
      if (current && current.replacedAtMs === undefined) current.replacedAtMs = now
      grant.value = newValue(grant.id)
      return grant.value
    },
    get: (grantId) => grants.get(grantId),
    revoke: forget,
    revokeValue: (value, clientId) => {
      const known = values.get(value)
      const grant = known && grants.get(known.grantId)
      if (!grant || grant.outcome.clientId !== clientId) return undefined
      forget(grant.id)
      return grant
    },
    revokeOfSession: (sessionId) => {
      const ended = [...grants.values()].filter(({ outcome }) => outcome.sessionId === sessionId)
      for (const grant of ended) forget(grant.id)
      return ended.length
    },
    of: (userId) => [...grants.values()].filter(({ outcome }) => outcome.userId === userId),
    clear: () => {
      grants.clear()
      values.clear()
    },
  }
}

/** An Action can only shorten a life. */
export function narrow(
  grant: { expiresAtMs?: number; idleExpiresAtMs?: number },
  change: { readonly expiresAtMs?: number; readonly idleExpiresAtMs?: number },
): void {
  if (change.expiresAtMs !== undefined)
    grant.expiresAtMs = Math.min(grant.expiresAtMs ?? Infinity, change.expiresAtMs)
  if (change.idleExpiresAtMs !== undefined)
    grant.idleExpiresAtMs = Math.min(grant.idleExpiresAtMs ?? Infinity, change.idleExpiresAtMs)
}
