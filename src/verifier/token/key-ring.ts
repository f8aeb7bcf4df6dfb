/**
 * A tenant's keys, imported once and not extractable. One secret per direction: the keys that verify
 * session tokens cannot sign, and the key that signs continue tokens verifies nothing here, so a
 * token of one direction can never pass for one of the other.
 */
import type { CryptoKey } from 'jose'
import type { TenantSecrets } from '../config.ts'

export interface KeyRing {
  /** Current, then previous: which keys verify session tokens. */
  readonly session: readonly CryptoKey[]
  /** The current one only: during a rotation the Action accepts both before we sign with the new one. */
  readonly continue: CryptoKey
}

/** The key is the UTF-8 text of the secret, as Auth0 takes it: nothing is decoded. */
export async function importKeyRing(secrets: TenantSecrets): Promise<KeyRing> {
  return {
    session: await Promise.all(secrets.session.map((secret) => importKey(secret, 'verify'))),
    continue: await importKey(secrets.continue[0], 'sign'),
  }
}

/** Tenant id → key ring. */
export async function importKeyRings(
  secrets: ReadonlyMap<string, TenantSecrets>,
): Promise<ReadonlyMap<string, KeyRing>> {
  const rings = [...secrets].map(async ([id, own]) => [id, await importKeyRing(own)] as const)
  return new Map(await Promise.all(rings))
}

function importKey(secret: string, usage: 'sign' | 'verify'): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [usage])
}
