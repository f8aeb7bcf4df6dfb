/**
 * Wycheproof's JSON Web Signature vectors against the signature check, below the claim profile:
 * the vectors carry no claims of ours. Every verdict is ours and Wycheproof's alike, but for the four
 * that are pinned here with the reason.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { CryptoKey } from 'jose'
import { describe, expect, it } from 'vitest'
import { verifyCompact } from '../../src/verifier/token/compact.ts'

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jws?: string
  readonly result: 'valid' | 'invalid'
}

interface Group {
  readonly comment: string
  readonly private?: { readonly kty?: string; readonly alg?: string; readonly k?: string }
  readonly tests: readonly Vector[]
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`wycheproof/${name}`, import.meta.url), 'utf8'))

const groupsOf = (file: string): readonly Group[] => read(file).testGroups
const isHs256 = ({ private: key }: Group) => key?.kty === 'oct' && key.alg === 'HS256'

type Bytes = Uint8Array<ArrayBuffer>

const importKey = (bytes: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', Uint8Array.from(bytes), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ])

/** Vector → the verdict that is right, and why Wycheproof's is not. */
const PINNED: ReadonlyMap<number, readonly ['valid' | 'invalid', string]> = new Map([
  [367, ['valid', 'byte for byte the valid token of vector 357']],
  [370, ['valid', 'byte for byte the valid token of vector 357']],
  [372, ['invalid', 'a question mark stands in the token, which no base64url decoder may skip']],
  [373, ['invalid', 'a question mark stands in the token, which no base64url decoder may skip']],
])

const FILES = ['json_web_signature_test.json', 'json_web_crypto_test.json'] as const
const cases = FILES.flatMap((file) =>
  groupsOf(file).flatMap((group) => group.tests.map((vector) => ({ file, group, vector }))),
)
const hs256 = cases.filter(({ group }) => isHs256(group))
const others = cases.filter(({ group }) => !isHs256(group))

describe('the signature check on the HS256 vectors', () => {
  it('meets all 57 of them', () => {
    expect(hs256).toHaveLength(57)
  })

  it.each(hs256)('finds $file $vector.tcId ($vector.comment) as it is', async (each) => {
    const { file, group, vector } = each
    const pinned = file === 'json_web_signature_test.json' ? PINNED.get(vector.tcId) : undefined
    const key = await importKey(Buffer.from(group.private?.k ?? '', 'base64url'))
    const { ok } = await verifyCompact(vector.jws ?? '', [key])
    expect(ok ? 'valid' : 'invalid').toBe(pinned?.[0] ?? vector.result)
  })

  it('pins only vectors whose published verdict is another', () => {
    const byId = new Map(
      groupsOf('json_web_signature_test.json')
        .filter(isHs256)
        .flatMap((group) => group.tests.map((vector) => [vector.tcId, vector] as const)),
    )
    for (const [id, [verdict]] of PINNED) expect(byId.get(id)?.result).not.toBe(verdict)
    expect(byId.get(357)?.result).toBe('valid')
    for (const id of [367, 370]) expect(byId.get(id)?.jws).toBe(byId.get(357)?.jws)
    for (const id of [372, 373]) expect(byId.get(id)?.jws).toContain('?')
  })
})

describe('the signature check on every other algorithm', () => {
  it('meets all 427 of them', () => {
    expect(others).toHaveLength(427)
  })

  it('accepts none, with a key of ours and with the key of the vector', async () => {
    const ours = await importKey(Buffer.alloc(32, 7))
    const accepted: number[] = []
    for (const { group, vector } of others) {
      const text = typeof vector.jws === 'string' ? vector.jws : JSON.stringify(vector.jws ?? '')
      const secret = group.private?.k
      const keys = secret ? [ours, await importKey(Buffer.from(secret, 'base64url'))] : [ours]
      if ((await verifyCompact(text, keys)).ok) accepted.push(vector.tcId)
    }
    expect(accepted).toEqual([])
  })
})

interface MacGroup {
  readonly tagSize: number
  readonly tests: readonly {
    readonly tcId: number
    readonly key: string
    readonly msg: string
    readonly tag: string
    readonly result: 'valid' | 'invalid'
  }[]
}

describe('HMAC-SHA-256 of this runtime', () => {
  const vectors = (read('hmac_sha256_test.json').testGroups as readonly MacGroup[])
    .filter(({ tagSize }) => tagSize === 256)
    .flatMap(({ tests }) => tests)

  it('agrees with all vectors of full length, in WebCrypto and in node:crypto', async () => {
    expect(vectors.length).toBeGreaterThan(80)
    for (const vector of vectors) {
      const [secret, message, tag] = [vector.key, vector.msg, vector.tag].map((hex) =>
        Uint8Array.from(Buffer.from(hex, 'hex')),
      ) as [Bytes, Bytes, Bytes]
      const mac = createHmac('sha256', secret).update(message).digest()
      const verified = await crypto.subtle.verify('HMAC', await importKey(secret), tag, message)
      expect([vector.tcId, verified]).toEqual([vector.tcId, vector.result === 'valid'])
      expect(timingSafeEqual(mac, tag)).toBe(vector.result === 'valid')
    }
  })
})
