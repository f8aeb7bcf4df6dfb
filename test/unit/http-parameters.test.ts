/** Parameters are read by the rules of the URL standard, whichever way is taken through a text. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { parametersOf, queryOf } from '../../src/verifier/http/parameters.ts'

const both = (text: string) => [[...parametersOf(text)], [...new URLSearchParams(text)]] as const

/** Separators and escapes far more often than they would come by chance. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom('&', '=', '?', '+', '%', '%26', '%zz', '#', ';', '\0', '\ufeff', '\ud800'),
      fc.constantFrom('session_token', 'state', 'eyJhbGci.eyJ.x-_', 'é', '𝄞'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''))

describe('the parameters of a text', () => {
  it('are those of URLSearchParams, of any text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const [ours, theirs] = both(text)
        expect(ours).toEqual(theirs)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    '',
    '?',
    '??a=1',
    '&&a=1&&',
    'a',
    'a=',
    '=a',
    '=',
    'a==b',
    'a=1=2&a=3',
    'a=1;b=2',
    'a=\ud800',
    'a=1+2',
    'a=%26&b',
    '%61=1',
  ])('are those of URLSearchParams, of %j', (text) => {
    const [ours, theirs] = both(text)
    expect(ours).toEqual(theirs)
  })

  it('end where the fragment of an address begins', () => {
    expect([...queryOf('https://verify.example.com/verify?a=1#&b=2')]).toEqual([['a', '1']])
    expect([...queryOf('https://verify.example.com/verify')]).toEqual([])
  })
})
