/**
 * Pseudonyms and digests: what the store sees instead of subjects, addresses, devices, tokens and
 * states. Not encryption: nothing here can be turned back, only recognised.
 */
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { Identifiers, SubjectIdentifiers } from './ports.ts'

type Purpose = Parameters<Identifiers['pseudonym']>[1] | 'subject'

/**
 * Every tenant and purpose has a key of its own, so the same address has unrelated pseudonyms in two
 * tenants and two columns. 64 bits of HMAC-SHA-256, signed, as decimal text for a Postgres `bigint`:
 * among ten million users of a tenant, two share a pseudonym with odds of one in 370,000.
 */
export function createIdentifiers(secret: string, previousSecret?: string): Identifiers {
  return {
    ...identifiersOf(secret),
    ...(previousSecret === undefined ? {} : { previous: identifiersOf(previousSecret) }),
  }
}

function identifiersOf(secret: string): SubjectIdentifiers {
  const root = createSecretKey(secret, 'utf8')
  // Bounded: tenants come from configuration and purposes from the type.
  const keys = new Map<string, KeyObject>()

  function keyOf(tenantId: string, purpose: Purpose): KeyObject {
    const label = `redirect-verifier/pseudonym/1\0${purpose}\0${tenantId}`
    const known = keys.get(label)
    if (known !== undefined) return known
    const key = createSecretKey(createHmac('sha256', root).update(label).digest())
    keys.set(label, key)
    return key
  }

  return {
    fingerprint: createHmac('sha256', root)
      .update('redirect-verifier/fingerprint/1')
      .digest('hex')
      .slice(0, 16),
    pseudonym(tenantId, purpose, value) {
      const mac = createHmac('sha256', keyOf(tenantId, purpose)).update(value).digest()
      return mac.readBigInt64BE(0).toString()
    },
    digest(purpose, tenantId, value) {
      // A subject can be guessed, so its digest is keyed. The others are unguessable already and must
      // not change with the secret: a spent token has to stay spent while the secret is replaced.
      if (purpose === 'subject') {
        return createHmac('sha256', keyOf(tenantId, purpose)).update(value).digest('hex')
      }
      return createHash('sha256')
        .update(`redirect-verifier/digest/1\0${purpose}\0${tenantId}\0${value}`)
        .digest('hex')
    },
  }
}
