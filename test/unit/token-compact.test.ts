/** The signature check by itself: what the header asks for never decides how a token is checked. */
import { createHmac } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { compactVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { verifyCompact } from '../../src/verifier/token/compact.ts'
import { importKeyRing } from '../../src/verifier/token/key-ring.ts'
import {
  CONTINUE_SECRET,
  PREVIOUS_SESSION_SECRET,
  SESSION_SECRET,
  sessionClaims,
  sessionToken,
  signToken,
} from '../support/tokens.ts'

describe('the signature check', () => {
  let keys: readonly CryptoKey[]
  beforeAll(async () => {
    const session = [SESSION_SECRET, PREVIOUS_SESSION_SECRET] as const
    keys = (await importKeyRing({ session, continue: [CONTINUE_SECRET] })).session
  })

  it('returns the bytes that were signed and which key verified them', async () => {
    for (const [keyIndex, secret] of [SESSION_SECRET, PREVIOUS_SESSION_SECRET].entries()) {
      const verified = await verifyCompact(sessionToken({}, secret), keys)
      const payload = new TextEncoder().encode(JSON.stringify(sessionClaims()))
      expect(verified).toEqual({ ok: true, value: { payload, keyIndex } })
    }
  })

  it('allows further header members, which the claim profile refuses', async () => {
    const token = signToken(sessionClaims(), SESSION_SECRET, { alg: 'HS256', kid: 'any' })
    expect((await verifyCompact(token, keys)).ok).toBe(true)
  })

  it.each<readonly [string, unknown]>([
    ['another algorithm', { alg: 'HS512' }],
    ['none', { alg: 'none' }],
    ['no algorithm', {}],
    ['an extension that must be understood', { alg: 'HS256', crit: ['x'], x: 1 }],
    ['a list of no extensions', { alg: 'HS256', crit: [] }],
    ['an encoding of the payload', { alg: 'HS256', b64: true }],
    ['no object', 'HS256'],
  ])('refuses a header with %s, before any key is used', async (_, header) => {
    const token = signToken(sessionClaims(), SESSION_SECRET, header)
    expect(await verifyCompact(token, keys)).toEqual({ ok: false, error: 'token_header_refused' })
  })

  it('refuses an unencoded payload, which the library would take as it stands', async () => {
    const header = Buffer.from('{"alg":"HS256","b64":false,"crit":["b64"]}').toString('base64url')
    const mac = createHmac('sha256', SESSION_SECRET).update(`${header}.foo`).digest('base64url')
    const token = `${header}.foo.${mac}`
    await expect(compactVerify(token, keys[0] as CryptoKey)).resolves.toBeDefined()
    expect(await verifyCompact(token, keys)).toMatchObject({ ok: false })
  })

  it('refuses everything when there is no key', async () => {
    expect(await verifyCompact(sessionToken(), [])).toEqual({
      ok: false,
      error: 'signature_invalid',
    })
  })
})
