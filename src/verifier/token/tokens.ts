/** Tokens in, tokens out, for all configured tenants: the adapter behind the `Tokens` port. */
import type { Tenant, Tokens } from '../ports.ts'
import { signContinueToken } from './continue-token.ts'
import type { KeyRing } from './key-ring.ts'
import { type HostKeys, verifySessionToken } from './session-token.ts'

/** Throws when a tenant has no key ring, or a claim names a tenant that is not configured: both are bugs. */
export function createTokens(
  tenants: ReadonlyMap<string, Tenant>,
  keyRings: ReadonlyMap<string, KeyRing>,
): Tokens {
  const hosts = new Map<string, HostKeys>()
  for (const { id, continueOrigins } of tenants.values()) {
    const keyRing = keyRings.get(id)
    if (keyRing === undefined) throw new Error(`no key ring for tenant ${id}`)
    for (const host of continueOrigins.keys()) hosts.set(host, { tenantId: id, keyRing })
  }
  return {
    verifySessionToken: (token, now) => verifySessionToken(token, hosts, now),
    async signContinueToken(claims, now) {
      const tenant = tenants.get(claims.tenantId)
      const keyRing = keyRings.get(claims.tenantId)
      if (tenant === undefined || keyRing === undefined) throw new Error('no such tenant')
      return await signContinueToken(claims, tenant, keyRing, now)
    },
  }
}
