/** Which enrolled factors prove something that the first challenge did not: every case written out. */
import { describe, expect, it } from 'vitest'
import {
  eligibleFactors,
  FACTORS,
  type Factor,
  type FirstChallenge,
} from '../../src/verifier/domain/factors.ts'

/** First challenges → those of all factors that prove nothing new after them. */
const SPENT: readonly (readonly [readonly FirstChallenge[] | undefined, readonly Factor[]])[] = [
  [['email'], ['email']],
  [['phone_number'], ['phone']],
  [['sms'], ['phone']],
  [['pwd'], []],
  [['passkey'], []],
  [['federated'], []],
  [['pwd', 'email'], ['email']],
  [
    ['email', 'phone_number'],
    ['email', 'phone'],
  ],
  // Nobody said which channel it was, so it may have been either.
  [[], ['email', 'phone']],
  [undefined, ['email', 'phone']],
]

describe.each(SPENT)('after %j', (first, spent) => {
  it(`everything counts but ${JSON.stringify(spent)}`, () => {
    const others = FACTORS.filter((factor) => !spent.includes(factor))
    expect(eligibleFactors(FACTORS, first)).toEqual(others)
    expect(eligibleFactors(spent, first)).toEqual([])
  })

  it('a list that Auth0 could not tell is unknown, and an empty one is none', () => {
    expect(eligibleFactors(undefined, first)).toBeUndefined()
    expect(eligibleFactors([], first)).toEqual([])
  })
})
