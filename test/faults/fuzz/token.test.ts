/**
 * The profile of session tokens under generated claims, headers and texts, against a second statement of
 * the same profile that shares no code with the first: what one accepts and the other refuses is a bug.
 */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Tokens } from '../../../src/verifier/ports.ts'
import { importKeyRings } from '../../../src/verifier/token/key-ring.ts'
import { createTokens } from '../../../src/verifier/token/tokens.ts'
import { ACME } from '../../support/app.ts'
import {
  CONTINUE_SECRET,
  HEADER,
  HOST,
  NOW,
  SESSION_SECRET,
  sessionClaims,
  sessionToken,
  signText,
  signToken,
} from '../../support/tokens.ts'
import { fuzz } from './runs.ts'

let tokens: Tokens
beforeAll(async () => {
  tokens = createTokens(
    new Map([[ACME.id, ACME]]),
    await importKeyRings(
      new Map([[ACME.id, { session: [SESSION_SECRET], continue: [CONTINUE_SECRET] }]]),
    ),
  )
})
const verify = (token: string) => tokens.verifySessionToken(token, NOW)

const text = (value: unknown, most: number): value is string =>
  typeof value === 'string' &&
  value.length >= 1 &&
  value.length <= most &&
  !/\p{Surrogate}/u.test(value)
const whole = (value: unknown): value is number => Number.isSafeInteger(value)

/** The profile once more, in the words of the contract. */
function acceptable(claims: Readonly<Record<string, unknown>>): boolean {
  const { iss, sub, iat, exp, nbf, jti } = claims
  if ('state' in claims || 'decision' in claims) return false
  if (iss !== HOST || !text(sub, 255) || !whole(iat) || !whole(exp)) return false
  if (jti !== undefined && !text(jti, 256)) return false
  if (nbf !== undefined && (!whole(nbf) || nbf > NOW + 5)) return false
  return exp > iat && exp - iat <= 900 && iat <= NOW + 5 && exp + 5 > NOW
}

const seconds = fc.oneof(
  fc.integer({ min: NOW - 1000, max: NOW + 1000 }),
  fc.integer({ min: -10, max: 10 }).map((by) => NOW + by),
  fc.integer(),
  fc.double(),
)
const anything = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), seconds)

/** Undefined is left out by JSON, as a claim that is missing. */
const claims = fc.record(
  {
    iss: fc.oneof(fc.constant(HOST), fc.constant(`${HOST}.evil.example`), anything),
    sub: fc.oneof(fc.constant('auth0|1'), fc.string({ unit: 'binary', maxLength: 300 }), anything),
    iat: fc.oneof(fc.constant(NOW), seconds, anything),
    exp: fc.oneof(fc.constant(NOW + 300), seconds, anything),
    nbf: fc.oneof(fc.constant(undefined), fc.constant(NOW), seconds, anything),
    jti: fc.oneof(fc.constant('id'), fc.string({ unit: 'binary', maxLength: 300 }), anything),
    ip: fc.oneof(fc.ipV4(), fc.ipV6(), anything),
    facts: fc.oneof(fc.object(), anything),
    state: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, anything),
    decision: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, anything),
    extra: anything,
  },
  { requiredKeys: [] },
)
/** Mostly good, so that one wrong claim is met alone as often as several. */
const mostlyGood = fc
  .tuple(claims, fc.subarray(['iss', 'sub', 'iat', 'exp', 'nbf', 'jti', 'state', 'decision']))
  .map(([wild, changed]) => ({
    ...sessionClaims(),
    ...Object.fromEntries(changed.map((name) => [name, wild[name as keyof typeof wild]])),
  }))

describe('signed claims', () => {
  it.each([
    ['any', claims],
    ['mostly good', mostlyGood],
  ] as const)('%s: accepted exactly when the profile says so', async (_what, arbitrary) => {
    const seen = { accepted: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(arbitrary, async (given) => {
        const token = signToken(given, SESSION_SECRET)
        fc.pre(token.length <= 4096)
        const asRead = JSON.parse(JSON.stringify(given)) as Record<string, unknown>
        const result = await verify(token)
        expect(result.ok).toBe(acceptable(asRead))
        seen[result.ok ? 'accepted' : 'refused'] += 1
        if (!result.ok) return
        expect(result.value).toMatchObject({ tenantId: 'acme', host: HOST, subject: asRead.sub })
        expect(['password_reset', 'login']).toContain(result.value.facts().flow)
        const { address, facts, ...members } = result.value
        const read = { ...members, address: address(), facts: facts() }
        expect(JSON.stringify(read)).not.toContain('extra')
      }),
      fuzz(2000),
    )
    expect(seen.refused).toBeGreaterThan(0)
    if (arbitrary === mostlyGood) expect(seen.accepted).toBeGreaterThan(0)
  })

  it('as any bytes: never an exception, and accepted only as the object that they spell', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.json().map((json) => Buffer.from(json)),
        ),
        async (payload) => {
          const result = await verify(signText(payload, SESSION_SECRET))
          expect(result.ok).toBe(false)
        },
      ),
      fuzz(2000),
    )
  })

  it('with any facts: each is of its kind or absent, and nothing else comes through', async () => {
    const NAMES = [
      'flow',
      'account_age_days',
      'logins_count',
      'factors',
      'first_challenge',
      'email_verified',
      'country',
      'time_zone',
      'latitude',
      'longitude',
      'language',
      'client_id',
    ]
    const facts = fc.dictionary(fc.oneof(fc.constantFrom(...NAMES), fc.string()), anything)
    await fc.assert(
      fc.asyncProperty(facts, async (given) => {
        const token = sessionToken({ facts: given })
        fc.pre(token.length <= 4096)
        const result = await verify(token)
        if (!result.ok) throw new Error(result.error.code)
        const read: Record<string, unknown> = { ...result.value.facts() }
        // Printable, storable, and the same after a round through JSON.
        expect(JSON.parse(JSON.stringify(read))).toEqual(read)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
        expect(JSON.stringify(read)).not.toMatch(/[\u0000-\u001f\u007f-\uffff]/)
        for (const [name, value] of Object.entries(read)) {
          if (name === 'flow' || name === 'latitude' || name === 'longitude') continue
          expect(Object.keys(given)).toContain(name)
          if (name === 'country') expect(value).toMatch(/^[A-Z]{2}$/)
        }
      }),
      fuzz(1000),
    )
  })
})

const sorted = (members: object) => Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))

describe('any header', () => {
  it('but the one that Auth0 writes is refused', async () => {
    const header = fc.oneof(
      fc.record(
        {
          alg: fc.constantFrom('HS256', 'none', 'HS512', 'RS256', 'hs256', ''),
          typ: fc.constantFrom('JWT', 'jwt', 'at+jwt'),
          kid: anything,
          jwk: fc.object(),
          jku: fc.webUrl(),
          crit: fc.array(fc.string()),
          b64: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    )
    await fc.assert(
      fc.asyncProperty(header, async (given) => {
        const asRead: unknown = JSON.parse(JSON.stringify(given))
        const good = JSON.stringify(sorted(Object(asRead))) === JSON.stringify(sorted(HEADER))
        const token = signToken(sessionClaims(), SESSION_SECRET, given)
        fc.pre(token.length <= 4096)
        expect((await verify(token)).ok).toBe(good)
      }),
      fuzz(1000),
    )
  })
})

describe('any text', () => {
  it('that nobody signed is refused and never an exception', async () => {
    const part = fc.base64String({ maxLength: 80 }).map((text) => text.replace(/[+/=]/g, '-'))
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(part, part, part).map((parts) => parts.join('.')),
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (given) => {
        expect((await verify(given)).ok).toBe(false)
      }),
      fuzz(2000),
    )
  })

  it('that differs from a good token in one place is refused', async () => {
    const good = sessionToken()
    const change = fc.tuple(
      fc.nat({ max: good.length }),
      fc.constantFrom('replace', 'insert', 'delete'),
      fc.oneof(
        fc.constantFrom('=', ' ', '\n', '.', '+', '/', '\0', 'é', 'A', '_'),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
    )
    await fc.assert(
      fc.asyncProperty(change, async ([at, how, piece]) => {
        const cut = how === 'insert' ? at : at + 1
        const changed = good.slice(0, at) + (how === 'delete' ? '' : piece) + good.slice(cut)
        fc.pre(changed !== good)
        expect((await verify(changed)).ok).toBe(false)
      }),
      fuzz(2000),
    )
    expect((await verify(good)).ok).toBe(true)
  })
})
