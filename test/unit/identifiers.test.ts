/** Pseudonyms and digests: stable, apart for every tenant and purpose, and of the stored form. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { IDENTIFIER_SECRET, SESSION_SECRET } from '../support/tokens.ts'

const identifiers = createIdentifiers(IDENTIFIER_SECRET)
const PURPOSES = ['user', 'address', 'device'] as const
const DIGESTS = ['token', 'state', 'subject', 'binding'] as const

describe('a pseudonym', () => {
  it('stays what it is: stored ones must be found again by the next version', () => {
    expect(PURPOSES.map((purpose) => identifiers.pseudonym('acme', purpose, 'value'))).toEqual([
      '4544928800346080598',
      '7042005988118291852',
      '3230548274049095862',
    ])
  })

  it('fits a bigint of Postgres', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const text = identifiers.pseudonym('acme', 'user', value)
        expect(text).toMatch(/^(0|-?[1-9]\d{0,18})$/)
        expect(BigInt.asIntN(64, BigInt(text)).toString()).toBe(text)
      }),
    )
  })

  it('uses the sign bit, as a bigint does', () => {
    const texts = Array.from({ length: 64 }, (_, n) =>
      identifiers.pseudonym('acme', 'user', `${n}`),
    )
    expect(new Set(texts).size).toBe(64)
    expect(texts.some((text) => text.startsWith('-'))).toBe(true)
    expect(texts.some((text) => !text.startsWith('-'))).toBe(true)
  })

  it('is another one for another tenant, purpose, value or secret', () => {
    const others = [
      identifiers.pseudonym('acme', 'user', 'value'),
      identifiers.pseudonym('acme2', 'user', 'value'),
      identifiers.pseudonym('acme', 'device', 'value'),
      identifiers.pseudonym('acme', 'user', 'value2'),
      createIdentifiers(SESSION_SECRET).pseudonym('acme', 'user', 'value'),
    ]
    expect(new Set(others).size).toBe(others.length)
  })
})

describe('a digest', () => {
  it('is 64 lower-case hexadecimal characters', () => {
    for (const purpose of DIGESTS) {
      expect(identifiers.digest(purpose, 'acme', 'value')).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  it('is another one for another purpose, tenant or value', () => {
    const others = [
      ...DIGESTS.map((purpose) => identifiers.digest(purpose, 'acme', 'value')),
      identifiers.digest('token', 'acme2', 'value'),
      identifiers.digest('token', 'acme', 'value2'),
      // The boundary between tenant and value cannot be moved.
      identifiers.digest('token', 'acme', '\0value'),
    ]
    expect(new Set(others).size).toBe(others.length)
  })

  it('of a token, a state and a binding outlives the secret, so that spent stays spent', () => {
    const replaced = createIdentifiers(SESSION_SECRET)
    for (const purpose of ['token', 'state', 'binding'] as const) {
      expect(replaced.digest(purpose, 'acme', 'v')).toBe(identifiers.digest(purpose, 'acme', 'v'))
    }
  })

  it('of a subject is keyed: who guesses the subject cannot compute it', () => {
    const replaced = createIdentifiers(SESSION_SECRET)
    expect(replaced.digest('subject', 'acme', 'auth0|1')).not.toBe(
      identifiers.digest('subject', 'acme', 'auth0|1'),
    )
  })
})
