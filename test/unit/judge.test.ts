/** What is answered where no policy may be asked: friction, whatever a token says. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { eligibleFactors, FACTORS, FIRST_CHALLENGES } from '../../src/verifier/domain/factors.ts'
import type { TokenFacts } from '../../src/verifier/domain/session.ts'
import { engineChanged, withoutPolicy } from '../../src/verifier/judge.ts'
import { factsOf } from './support/facts.ts'

const listOf = <const T extends string>(values: readonly T[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...values)), { nil: undefined })

const tokens: fc.Arbitrary<TokenFacts> = fc
  .record({
    flow: fc.constantFrom('password_reset' as const, 'login' as const),
    enforced: fc.boolean(),
    account_age_days: fc.nat(5000),
    logins_count: fc.nat(5000),
    email_verified: fc.boolean(),
    factors: listOf(FACTORS),
    first_challenge: listOf(FIRST_CHALLENGES),
  })
  .map(({ factors, first_challenge, ...told }) => ({
    ...told,
    ...(factors === undefined ? {} : { factors }),
    ...(first_challenge === undefined ? {} : { first_challenge }),
  }))

describe('an answer without a policy', () => {
  it('is never allow: a step-up where a factor may be left, else a denial', () => {
    fc.assert(
      fc.property(tokens, fc.constantFrom('unavailable', 'engine_changed'), (token, code) => {
        const { outcome, assessed, codes } = withoutPolicy(code, token, 1)
        const none = eligibleFactors(token.factors, token.first_challenge)?.length === 0
        expect({ outcome, assessed, codes }).toEqual({
          outcome: none ? 'deny' : 'step_up',
          assessed: 'step_up',
          codes: [code],
        })
      }),
    )
  })

  it('for a record of another engine reads nothing but which factors there are', () => {
    fc.assert(
      fc.property(tokens, fc.boolean(), (token, released) => {
        const facts = factsOf({
          token,
          store: { released, lists: [{ kind: 'user', action: 'allow' }] },
        })
        expect(engineChanged(facts, 3).outcome).not.toBe('allow')
      }),
    )
  })
})
