/** The continue token, opened with node:crypto as Auth0 would: exactly these claims, this header, this key. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { ContinueClaims, Tenant, Tokens } from '../../src/verifier/ports.ts'
import { CONTINUE_TOKEN_SECONDS } from '../../src/verifier/token/continue-token.ts'
import { importKeyRings } from '../../src/verifier/token/key-ring.ts'
import { createTokens } from '../../src/verifier/token/tokens.ts'
import {
  CONTINUE_SECRET,
  HOST,
  NOW,
  openToken,
  PREVIOUS_SESSION_SECRET,
  SESSION_SECRET,
  SUBJECT,
} from '../support/tokens.ts'

const TENANT: Tenant = {
  id: 'acme',
  continueOrigins: new Map([[HOST, `https://${HOST}`]]),
  tokenParameter: 'session_token',
  whenUnavailable: 'retry',
}

const CLAIMS: ContinueClaims = {
  tenantId: 'acme',
  host: HOST,
  subject: SUBJECT,
  state: 'hKFo2SBpb2tT',
  id: '0d3f6a52-7c1e-4b8e-9c55-2f6d1f0a9b31',
  decision: 'step_up',
  reasons: ['unusual_place', 'first_use'],
  reference: '1MZP-MWKW',
  flow: 'password_reset',
}

/** Made once: the previous secret stands in the configuration, and must never sign. */
const PREVIOUS_CONTINUE_SECRET = PREVIOUS_SESSION_SECRET.toLowerCase()

async function tokensFor(tenant: Tenant): Promise<Tokens> {
  const secrets = {
    session: [SESSION_SECRET],
    continue: [CONTINUE_SECRET, PREVIOUS_CONTINUE_SECRET],
  } as const
  return createTokens(
    new Map([['acme', tenant]]),
    await importKeyRings(new Map([['acme', secrets]])),
  )
}

describe('a continue token', () => {
  let tokens: Tokens
  beforeAll(async () => {
    tokens = await tokensFor(TENANT)
  })

  it('says what the wire contract says and no more, signed with the current secret', async () => {
    expect(openToken(await tokens.signContinueToken(CLAIMS, NOW), CONTINUE_SECRET)).toEqual({
      iss: HOST,
      sub: SUBJECT,
      iat: NOW,
      exp: NOW + 120,
      state: 'hKFo2SBpb2tT',
      jti: '0d3f6a52-7c1e-4b8e-9c55-2f6d1f0a9b31',
      decision: 'step_up',
      reasons: ['unusual_place', 'first_use'],
      reference: '1MZP-MWKW',
      flow: 'password_reset',
    })
    expect(CONTINUE_TOKEN_SECONDS).toBe(120)
  })

  it('repeats the nonce of the session token, whatever characters it has', async () => {
    const nonce = '"\\\u2028é💥</script>'
    const token = await tokens.signContinueToken({ ...CLAIMS, nonce }, NOW)
    expect(openToken(token, CONTINUE_SECRET)).toMatchObject({ nonce, jti: CLAIMS.id })
  })

  it('is not signed with the previous secret', async () => {
    const token = await tokens.signContinueToken(CLAIMS, NOW)
    expect(() => openToken(token, PREVIOUS_CONTINUE_SECRET)).toThrow()
  })

  it('has whole seconds, even when the clock has not', async () => {
    const claims = openToken(await tokens.signContinueToken(CLAIMS, NOW + 0.9), CONTINUE_SECRET)
    expect([claims.iat, claims.exp]).toEqual([NOW, NOW + 120])
  })

  it('names the configured issuer instead of the host where there is one', async () => {
    const configured = await tokensFor({ ...TENANT, continueIssuer: 'verify.example.com' })
    const claims = openToken(await configured.signContinueToken(CLAIMS, NOW), CONTINUE_SECRET)
    expect(claims.iss).toBe('verify.example.com')
  })

  it('returns state and subject as they came, whatever characters they have', async () => {
    const odd = { ...CLAIMS, state: '"\\\u2028é💥</script>', subject: 'auth0|"💥' }
    const claims = openToken(await tokens.signContinueToken(odd, NOW), CONTINUE_SECRET)
    expect([claims.state, claims.sub]).toEqual([odd.state, odd.subject])
  })

  it('is not made for a tenant that is not configured', async () => {
    await expect(tokens.signContinueToken({ ...CLAIMS, tenantId: 'other' }, NOW)).rejects.toThrow()
  })
})

describe('a key ring', () => {
  it('lets no key out, and gives each direction only its use', async () => {
    const rings = await importKeyRings(
      new Map([['acme', { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] }]]),
    )
    const ring = rings.get('acme')
    expect(ring?.session.map((key) => [key.extractable, key.usages])).toEqual([[false, ['verify']]])
    expect([ring?.continue.extractable, ring?.continue.usages]).toEqual([false, ['sign']])
  })

  it('must exist for every tenant', () => {
    expect(() => createTokens(new Map([['acme', TENANT]]), new Map())).toThrow('acme')
  })
})
