/**
 * The session token's profile. Every refusal is one change away from the token that the first test
 * sees accepted, so that none can be refused for another reason than the one it names.
 */
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RejectionCode } from '../../src/verifier/domain/rejection.ts'
import type { Tenant, Tokens } from '../../src/verifier/ports.ts'
import { importKeyRings } from '../../src/verifier/token/key-ring.ts'
import { createTokens } from '../../src/verifier/token/tokens.ts'
import {
  CONTINUE_SECRET,
  HEADER,
  HOST,
  NOW,
  PREVIOUS_SESSION_SECRET,
  SESSION_SECRET,
  SUBJECT,
  sessionClaims,
  sessionToken,
  signText,
  signToken,
} from '../support/tokens.ts'

const OTHER_HOST = 'other.us.auth0.com'
const OTHER_SECRET = 'v2Kq9sWm4xRb7tZn0cLf5yHj8pDg1aEo6uTi3XkQwVs'

const tenant = (id: string, ...hosts: string[]): Tenant => ({
  id,
  continueOrigins: new Map(hosts.map((host) => [host, `https://${host}`])),
  tokenParameter: 'session_token',
  whenUnavailable: 'retry',
})

const TENANTS = new Map([
  ['acme', tenant('acme', HOST, 'login.acme.example')],
  ['other', tenant('other', OTHER_HOST)],
])

async function tokensWith(session: readonly [string] | readonly [string, string]): Promise<Tokens> {
  const rings = await importKeyRings(
    new Map([
      ['acme', { session, continue: [CONTINUE_SECRET] }],
      ['other', { session: [OTHER_SECRET], continue: [`${OTHER_SECRET}/r`] }],
    ]),
  )
  return createTokens(TENANTS, rings)
}

let tokens: Tokens
beforeAll(async () => {
  tokens = await tokensWith([SESSION_SECRET, PREVIOUS_SESSION_SECRET])
})

async function accepted(token: string, now = NOW) {
  const verified = await tokens.verifySessionToken(token, now)
  if (!verified.ok) throw new Error(`refused: ${verified.error.code}`)
  return verified.value
}

/** What is read on demand, too. */
async function read(token: string) {
  const session = await accepted(token)
  return { ...session, address: session.address(), facts: session.facts() }
}

async function refusal(token: string, now = NOW): Promise<RejectionCode | undefined> {
  const verified = await tokens.verifySessionToken(token, now)
  return verified.ok ? undefined : verified.error.code
}

describe('a session token', () => {
  it('is accepted as the reference Action has it made', async () => {
    expect(await read(sessionToken())).toEqual({
      tenantId: 'acme',
      host: HOST,
      subject: SUBJECT,
      tokenId: 'jti:q0bY2mKx7Vn4Rt9s',
      nonce: 'q0bY2mKx7Vn4Rt9s',
      issuedAt: NOW,
      expiresAt: NOW + 300,
      address: '203.0.113.7',
      keyIndex: 0,
      spoken: { flow: 'password_reset' },
      facts: {
        flow: 'password_reset',
        factors: ['otp', 'email'],
        first_challenge: ['email'],
      },
    })
  })

  it('says the same when it is copied', async () => {
    const session = await accepted(sessionToken())
    const { address, facts } = { ...session }
    expect(address()).toBe('203.0.113.7')
    expect(facts()).toEqual(session.facts())
    expect(facts()).toHaveProperty('factors')
  })

  it('needs no more than the four claims that Auth0 always writes', async () => {
    const bare = sessionToken({ jti: undefined, ip: undefined, facts: undefined })
    const session = await accepted(bare)
    expect(session.facts()).toEqual({ flow: 'password_reset' })
    expect(session.spoken).toEqual({ flow: 'password_reset' })
    expect(session.address()).toBeUndefined()
  })

  it('may come from any host of the tenant, and the session names that host', async () => {
    const session = await accepted(sessionToken({ iss: 'login.acme.example' }))
    expect([session.tenantId, session.host]).toEqual(['acme', 'login.acme.example'])
  })
})

describe('a session token is refused', () => {
  it.each<readonly [string, Record<string, unknown>, RejectionCode]>([
    ['without iss', { iss: undefined }, 'claims_invalid'],
    ['without sub', { sub: undefined }, 'claims_invalid'],
    ['without iat', { iat: undefined }, 'claims_invalid'],
    ['without exp', { exp: undefined }, 'claims_invalid'],
    ['with iss as a list', { iss: [HOST] }, 'claims_invalid'],
    ['with an empty sub', { sub: '' }, 'claims_invalid'],
    ['with a sub of 256 characters', { sub: 'x'.repeat(256) }, 'claims_invalid'],
    ['with a sub that has no UTF-8 form', { sub: 'auth0|\ud800' }, 'claims_invalid'],
    ['with sub as a number', { sub: 12 }, 'claims_invalid'],
    ['with iat as text', { iat: String(NOW) }, 'claims_invalid'],
    ['with exp as text', { exp: String(NOW + 300) }, 'claims_invalid'],
    ['with a fraction of a second in exp', { exp: NOW + 299.5 }, 'claims_invalid'],
    ['with exp null', { exp: null }, 'claims_invalid'],
    ['with exp beyond what a number holds', { exp: 2 ** 53 }, 'claims_invalid'],
    ['with nbf as text', { nbf: 'now' }, 'claims_invalid'],
    ['with nbf null', { nbf: null }, 'claims_invalid'],
    ['with an empty jti', { jti: '' }, 'claims_invalid'],
    ['with a jti of 257 characters', { jti: 'x'.repeat(257) }, 'claims_invalid'],
    ['with jti as a number', { jti: 7 }, 'claims_invalid'],
    ['with jti null', { jti: null }, 'claims_invalid'],
    ['with exp equal to iat', { exp: NOW }, 'claims_invalid'],
    ['with exp before iat', { exp: NOW - 1 }, 'claims_invalid'],
    ['with a life of 901 seconds', { exp: NOW + 901 }, 'token_lifetime_too_long'],
    ['with a life of ten years', { exp: NOW + 315_360_000 }, 'token_lifetime_too_long'],
    ['with state', { state: 'S' }, 'claim_forbidden'],
    ['with state undefined but present', { state: null }, 'claim_forbidden'],
    ['with decision', { decision: 'allow' }, 'claim_forbidden'],
    ['with the host as a URL', { iss: `https://${HOST}/` }, 'issuer_unknown'],
    ['with the host and a dot', { iss: `${HOST}.` }, 'issuer_unknown'],
    ['with the host in capitals', { iss: HOST.toUpperCase() }, 'issuer_unknown'],
    ['with the host and a port', { iss: `${HOST}:443` }, 'issuer_unknown'],
    ['with a host that begins like ours', { iss: `${HOST}.evil.example` }, 'issuer_unknown'],
    ['with a name that every object has', { iss: '__proto__' }, 'issuer_unknown'],
    ['of another tenant, by its key', { iss: OTHER_HOST }, 'signature_invalid'],
  ])('%s', async (_, change, code) => {
    expect(await refusal(sessionToken(change))).toBe(code)
  })

  it.each<readonly [string, unknown, RejectionCode]>([
    ['alg none', { ...HEADER, alg: 'none' }, 'token_header_refused'],
    ['alg NONE', { ...HEADER, alg: 'NONE' }, 'token_header_refused'],
    ['alg hs256', { ...HEADER, alg: 'hs256' }, 'token_header_refused'],
    ['alg HS384', { ...HEADER, alg: 'HS384' }, 'token_header_refused'],
    ['alg RS256', { ...HEADER, alg: 'RS256' }, 'token_header_refused'],
    ['alg as a list', { ...HEADER, alg: ['HS256'] }, 'token_header_refused'],
    ['no alg', { typ: 'JWT' }, 'token_header_refused'],
    ['no typ', { alg: 'HS256' }, 'token_header_refused'],
    ['typ jwt', { ...HEADER, typ: 'jwt' }, 'token_header_refused'],
    ['typ at+jwt', { ...HEADER, typ: 'at+jwt' }, 'token_header_refused'],
    ['kid', { ...HEADER, kid: '1' }, 'token_header_refused'],
    ['jku', { ...HEADER, jku: 'https://evil.example/keys' }, 'token_header_refused'],
    ['jwk', { ...HEADER, jwk: { kty: 'oct', k: 'AAAA' } }, 'token_header_refused'],
    ['x5u', { ...HEADER, x5u: 'https://evil.example/cert' }, 'token_header_refused'],
    ['cty', { ...HEADER, cty: 'JWT' }, 'token_header_refused'],
    ['crit', { ...HEADER, crit: ['exp'] }, 'token_header_refused'],
    ['an unencoded payload', { ...HEADER, b64: false, crit: ['b64'] }, 'token_header_refused'],
    ['zip', { ...HEADER, zip: 'DEF' }, 'token_header_refused'],
    ['a list for a header', [HEADER], 'token_header_refused'],
    ['null for a header', null, 'token_header_refused'],
  ])('with %s', async (_, header, code) => {
    expect(await refusal(signToken(sessionClaims(), SESSION_SECRET, header))).toBe(code)
  })

  it('when it is signed by the secret of the other direction', async () => {
    expect(await refusal(sessionToken({}, CONTINUE_SECRET))).toBe('signature_invalid')
  })

  it('when it is a continue token of ours, even signed by the session secret', async () => {
    const claims = {
      state: 'S',
      id: 'a',
      decision: 'allow',
      reference: 'R',
      flow: 'login',
    } as const
    const reflected = await tokens.signContinueToken(
      { ...claims, tenantId: 'acme', host: HOST, subject: SUBJECT, reasons: [] },
      NOW,
    )
    expect(await refusal(reflected)).toBe('signature_invalid')
    const [, payload = ''] = reflected.split('.')
    const resigned = signText(Buffer.from(payload, 'base64url'), SESSION_SECRET)
    expect(await refusal(resigned)).toBe('claim_forbidden')
  })

  it('when one bit of any part is another', async () => {
    const token = sessionToken()
    const [header = '', payload = '', signature = ''] = token.split('.')
    const flipped = (part: string) => {
      const bytes = Buffer.from(part, 'base64url')
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1
      return bytes.toString('base64url')
    }
    expect(await refusal(`${header}.${payload}.${flipped(signature)}`)).toBe('signature_invalid')
    expect(await refusal(`${header}.${flipped(payload)}.${signature}`)).toBeDefined()
    expect(await refusal(`${flipped(header)}.${payload}.${signature}`)).toBeDefined()
  })

  it('when a claim was changed and the signature kept', async () => {
    const [header, , signature] = sessionToken().split('.')
    const [, payload] = sessionToken({ sub: 'auth0|somebody_else' }).split('.')
    expect(await refusal(`${header}.${payload}.${signature}`)).toBe('signature_invalid')
  })

  it('under the name of a tenant only when a key of that tenant verified it', async () => {
    const forged = await tokens.verifySessionToken(sessionToken({}, OTHER_SECRET), NOW)
    expect(forged).toEqual({ ok: false, error: { code: 'signature_invalid' } })
    const expired = await tokens.verifySessionToken(sessionToken(), NOW + 1000)
    expect(expired).toEqual({ ok: false, error: { code: 'token_expired', tenantId: 'acme' } })
  })
})

describe('time', () => {
  it.each([
    ['the last second of tolerance after exp', {}, NOW + 304, undefined],
    ['the first second beyond it', {}, NOW + 305, 'token_expired'],
    ['five seconds before iat', {}, NOW - 5, undefined],
    ['six seconds before iat', {}, NOW - 6, 'token_not_yet_valid'],
    ['five seconds before nbf', { nbf: NOW + 60 }, NOW + 55, undefined],
    ['six seconds before nbf', { nbf: NOW + 60 }, NOW + 54, 'token_not_yet_valid'],
    ['nbf long ago, six seconds before iat', { nbf: 0 }, NOW - 6, 'token_not_yet_valid'],
    ['a life of 900 seconds', { exp: NOW + 900 }, NOW, undefined],
  ] as const)('%s', async (_, change, now, code) => {
    expect(await refusal(sessionToken(change), now)).toBe(code)
  })
})

describe('rotation', () => {
  it('accepts the previous secret and says that it was the previous one', async () => {
    const session = await accepted(sessionToken({}, PREVIOUS_SESSION_SECRET))
    expect(session.keyIndex).toBe(1)
  })

  it('refuses the previous secret as soon as it is removed', async () => {
    const after = await tokensWith([SESSION_SECRET])
    const old = await after.verifySessionToken(sessionToken({}, PREVIOUS_SESSION_SECRET), NOW)
    expect(old).toEqual({ ok: false, error: { code: 'signature_invalid' } })
    expect((await after.verifySessionToken(sessionToken(), NOW)).ok).toBe(true)
  })

  it('does not let one tenant’s secret serve another', async () => {
    expect(await refusal(sessionToken({}, OTHER_SECRET))).toBe('signature_invalid')
    expect(await refusal(sessionToken({ iss: OTHER_HOST }, OTHER_SECRET))).toBeUndefined()
  })
})

describe('the token id', () => {
  const withoutJti = { jti: undefined }

  it('is the digest of the signing input when there is no jti', async () => {
    const token = sessionToken(withoutJti)
    const input = token.slice(0, token.lastIndexOf('.'))
    const digest = createHash('sha256').update(input).digest('hex')
    expect((await accepted(token)).tokenId).toBe(`sha256:${digest}`)
  })

  it('is no nonce when there is no jti: nobody could have kept it', async () => {
    expect(await accepted(sessionToken(withoutJti))).not.toHaveProperty('nonce')
  })

  it('cannot be chosen to be that of a token without jti', async () => {
    const { tokenId } = await accepted(sessionToken(withoutJti))
    expect((await accepted(sessionToken({ jti: tokenId }))).tokenId).not.toBe(tokenId)
  })

  it('is the same under the current and the previous secret', async () => {
    const ids = await Promise.all(
      [SESSION_SECRET, PREVIOUS_SESSION_SECRET].map(
        async (secret) => (await accepted(sessionToken(withoutJti, secret))).tokenId,
      ),
    )
    expect(new Set(ids).size).toBe(1)
  })
})

describe('JSON tricks', () => {
  const text = JSON.stringify(sessionClaims())
  const withMember = (member: string) => `${text.slice(0, -1)},${member}}`

  it.each<readonly [string, string | Uint8Array, RejectionCode]>([
    ['a byte order mark', `\ufeff${text}`, 'claims_invalid'],
    [
      'bytes that are no UTF-8',
      Buffer.from(`${text.slice(0, -1)},"note":"\xff"}`, 'latin1'),
      'claims_invalid',
    ],
    ['UTF-16', Buffer.from(text, 'utf16le'), 'claims_invalid'],
    ['a list', `[${text}]`, 'claims_invalid'],
    ['null', 'null', 'claims_invalid'],
    ['text', JSON.stringify(text), 'claims_invalid'],
    ['no JSON', text.slice(0, -1), 'claims_invalid'],
    ['two objects', text + text, 'claims_invalid'],
    ['a comment', `${text}//`, 'claims_invalid'],
    ['NaN for exp', text.replace(String(NOW + 300), 'NaN'), 'claims_invalid'],
    ['infinity for exp', text.replace(String(NOW + 300), '1e999'), 'claims_invalid'],
    ['a second iss of an unknown host', withMember('"iss":"evil.example"'), 'issuer_unknown'],
    ['an escaped name for state', withMember('"st\\u0061te":"S"'), 'claim_forbidden'],
  ])('refuses %s, though the signature is right', async (_, payload, code) => {
    expect(await refusal(signText(payload, SESSION_SECRET))).toBe(code)
  })

  it('takes nothing from a member called __proto__ or constructor', async () => {
    const evil = '{"sub":"auth0|evil","polluted":true,"keyIndex":9}'
    const payload = withMember(`"__proto__":${evil},"constructor":{"prototype":${evil}}`)
    const session = await accepted(signText(payload, SESSION_SECRET))
    expect(session.subject).toBe(SUBJECT)
    expect(Object.getPrototypeOf(session)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('does not find a required claim in __proto__', async () => {
    const { sub, ...rest } = sessionClaims()
    const payload = `${JSON.stringify(rest).slice(0, -1)},"__proto__":{"sub":"${sub}"}}`
    expect(await refusal(signText(payload, SESSION_SECRET))).toBe('claims_invalid')
  })

  it('reads a repeated claim as both readers do, the last one, for routing and for the claims', async () => {
    const payload = withMember(`"iss":"${HOST}","sub":"auth0|last"`)
    expect((await accepted(signText(payload, SESSION_SECRET))).subject).toBe('auth0|last')
  })

  it('carries no claim into the session that the profile does not name', async () => {
    const session = await read(sessionToken({ tenantId: 'other', keyIndex: 5, admin: true }))
    expect(session).toEqual(await read(sessionToken()))
  })
})

describe('the ip claim', () => {
  it.each([
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['203.0.113.7', '203.0.113.7'],
  ])('%s is kept as %s', async (ip, text) => {
    expect((await accepted(sessionToken({ ip }))).address()).toBe(text)
  })

  it.each([
    ['no address', 'somewhere'],
    ['an address with a port', '203.0.113.7:443'],
    ['an octal spelling', '0313.0.0161.7'],
    ['a zone', 'fe80::1%eth0'],
    ['two addresses', '203.0.113.7, 198.51.100.1'],
    ['a number', 3_405_803_783],
    ['null', null],
    ['an object', { text: '203.0.113.7' }],
  ])('is unknown when it is %s, and the token is good all the same', async (_, ip) => {
    expect((await accepted(sessionToken({ ip }))).address()).toBeUndefined()
  })
})
