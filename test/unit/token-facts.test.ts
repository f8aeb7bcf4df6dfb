/** The `facts` claim: a wrong field is unknown, never a refusal and never a value of another kind. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { parseSpoken, parseTokenFacts } from '../../src/verifier/token/token-facts.ts'

const COMPLETE = {
  flow: 'login',
  enforced: true,
  account_age_days: 412,
  last_reset_age_days: 0,
  logins_count: 37,
  factors: ['otp', 'webauthn-platform'],
  first_challenge: ['email'],
  email_verified: true,
  phone_verified: false,
  country: 'DE',
  time_zone: 'America/Argentina/Buenos_Aires',
  latitude: 52.5,
  longitude: 13.4,
  language: 'de',
  client_id: 'k2n8Vq0xT5wYb3Zr',
  privileged: false,
  leaked_credential: false,
  agent: true,
} as const

describe('the facts claim', () => {
  it('is read whole when every field is right', () => {
    expect(parseTokenFacts(COMPLETE)).toEqual(COMPLETE)
  })

  it('says how to speak to the user as all of it says it, whatever it holds', () => {
    const claim = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          flow: fc.oneof(fc.constantFrom('login', 'password_reset'), fc.jsonValue()),
          language: fc.oneof(fc.constantFrom('de', 'JA'), fc.jsonValue()),
          country: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    )
    fc.assert(
      fc.property(claim, (facts) => {
        const { flow, language } = parseTokenFacts(facts)
        expect(parseSpoken(facts)).toEqual({
          flow,
          ...(language === undefined ? {} : { language }),
        })
      }),
    )
    expect(parseSpoken(COMPLETE)).toEqual({ flow: 'login', language: 'de' })
  })

  it.each<readonly [string, unknown]>([
    ['absent', undefined],
    ['null', null],
    ['text', 'facts'],
    ['a list', [COMPLETE]],
    ['a number', 1],
    ['empty', {}],
  ])('leaves everything unknown when it is %s', (_, claim) => {
    expect(parseTokenFacts(claim)).toEqual({ flow: 'password_reset' })
  })

  it.each<readonly [keyof typeof COMPLETE, readonly unknown[]]>([
    ['account_age_days', [-1, 1.5, '412', Number.NaN, 36_526, null, true]],
    ['last_reset_age_days', [-1, 0.1, '0']],
    ['logins_count', [-1, 2 ** 53, '37']],
    ['factors', ['otp', { 0: 'otp' }, ['otp', 'duo'], [null], Array(33).fill('otp')]],
    ['first_challenge', ['email', ['email', 'carrier_pigeon'], [1]]],
    ['email_verified', ['true', 1, null]],
    ['phone_verified', ['false', 0]],
    ['country', ['de', 'DEU', 'D', '', 'D\u0000', 49]],
    ['time_zone', ['', 'Europe/Berlin\u0000', 'a b', '<script>', 'x'.repeat(65), '../../etc']],
    ['language', ['DE', 'de-DE', 'd', '']],
    ['client_id', ['', 'a b', 'x'.repeat(129), 'a\u0000', 'é']],
    ['privileged', ['yes', 1]],
    ['leaked_credential', ['no', null]],
    ['agent', [{}, 'verified_agent']],
  ])('leaves a wrong %s unknown and the rest as it is', (name, values) => {
    const { [name]: _, ...rest } = COMPLETE
    for (const value of values)
      expect(parseTokenFacts({ ...COMPLETE, [name]: value })).toEqual(rest)
  })

  it('is read alike all at once and field by field', () => {
    const bare = Object.assign(Object.create(null), COMPLETE)
    expect(parseTokenFacts(bare)).toEqual(parseTokenFacts(COMPLETE))
    expect(parseTokenFacts({ ...COMPLETE, country: 'Germany' })).toEqual({
      ...parseTokenFacts(COMPLETE),
      country: undefined,
    })
    expect(parseTokenFacts({ ...COMPLETE, other: 1 })).toEqual(parseTokenFacts(COMPLETE))
  })

  it('takes a wrong flow for the flow that is the default', () => {
    expect(parseTokenFacts({ flow: 'signup' })).toEqual({ flow: 'password_reset' })
  })

  it.each(['push', 'push-notification'])('knows a push by the name of %s', (name) => {
    expect(parseTokenFacts({ factors: ['otp', name] }).factors).toEqual(['otp', name])
  })

  it('tells no factors from unknown factors', () => {
    expect(parseTokenFacts({ factors: [] }).factors).toEqual([])
    expect(parseTokenFacts({}).factors).toBeUndefined()
  })

  it('names a repeated factor once', () => {
    expect(parseTokenFacts({ factors: ['otp', 'email', 'otp'] }).factors).toEqual(['otp', 'email'])
  })

  it.each([
    [52.520_008, 13.404_954, 52.5, 13.4],
    [-33.868_8, 151.209_3, -33.9, 151.2],
    [-0.04, 0.04, 0, 0],
    [90, -180, 90, -180],
  ])('rounds %d, %d to tenths of a degree', (latitude, longitude, ...rounded) => {
    const facts = parseTokenFacts({ latitude, longitude })
    expect([facts.latitude, facts.longitude]).toEqual(rounded)
  })

  it.each([
    { latitude: 52.5 },
    { longitude: 13.4 },
    { latitude: 90.1, longitude: 13.4 },
    { latitude: 52.5, longitude: -180.1 },
    { latitude: '52.5', longitude: 13.4 },
  ])('takes half a position for none: %o', (position) => {
    expect(parseTokenFacts(position)).toEqual({ flow: 'password_reset' })
  })

  it('drops keys that it does not know, and what a prototype would add', () => {
    const claim = JSON.parse(
      '{"e_mail":"a@b.example","__proto__":{"privileged":true},"toString":1}',
    )
    expect(parseTokenFacts(claim)).toEqual({ flow: 'password_reset' })
    expect(parseTokenFacts(Object.create({ privileged: true }))).toEqual({ flow: 'password_reset' })
  })

  it('never throws, and holds only what JSON and Postgres can carry', () => {
    const names = fc.constantFrom(...Object.keys(COMPLETE), '__proto__', 'constructor')
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue()), (claim) => {
        const facts = parseTokenFacts(claim)
        const text = JSON.stringify(facts)
        expect(JSON.parse(text)).toEqual(facts)
        expect(text).not.toContain('\\u0000')
        expect(Object.keys(COMPLETE)).toEqual(expect.arrayContaining(Object.keys(facts)))
      }),
    )
  })
})
