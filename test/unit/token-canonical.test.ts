/** One signed token has one text: every other spelling that lenient decoders forgive is refused. */
import { compactVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { canonicalFault, MAX_TOKEN_CHARACTERS } from '../../src/verifier/token/canonical-form.ts'
import { SESSION_SECRET, sessionToken, signText, signToken } from '../support/tokens.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const token = sessionToken()
const [header = '', payload = '', signature = ''] = token.split('.')

/** The same bits in front, `step` other bits in the part that a decoder drops. */
function withUnusedBits(part: string, step: number): string {
  const last = ALPHABET.indexOf(part.at(-1) as string)
  return part.slice(0, -1) + ALPHABET[last + step]
}

const VARIANTS: readonly (readonly [string, string])[] = [
  ...[1, 2, 3].map(
    (step) =>
      [`unused bits ${step}`, `${header}.${payload}.${withUnusedBits(signature, step)}`] as const,
  ),
  ['padding', `${token}=`],
  ['a space after', `${token} `],
  ['a line break after', `${token}\n`],
  ['a tab after', `${token}\t`],
  ['a form feed after', `${token}\f`],
  ['a carriage return after', `${token}\r`],
  ['a space inside', `${header}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`],
  ['a line break inside', `${header}.${payload}.${signature.slice(0, 9)}\n${signature.slice(9)}`],
  ['a tab inside', `${header}.${payload}.${signature.slice(0, 9)}\t${signature.slice(9)}`],
]

describe('the canonical form', () => {
  it('is the form in which tokens are made', () => {
    expect(canonicalFault(token)).toBeUndefined()
  })

  it.each(VARIANTS)('refuses a token with %s', async (_, variant) => {
    expect(canonicalFault(variant)).toBeDefined()
  })

  it('has to: the library alone accepts every one of the 12', async () => {
    const secret = new TextEncoder().encode(SESSION_SECRET)
    const verified = await Promise.all(
      VARIANTS.map(([, variant]) => compactVerify(variant, secret).then(() => true)),
    )
    expect(verified).toEqual(Array(12).fill(true))
  })

  it('covers header and payload too, whose unused bits the signature does cover', () => {
    // Two bytes, so that the last character of the payload has two bits over.
    const odd = signText('{}', SESSION_SECRET)
    expect(canonicalFault(odd)).toBeUndefined()
    const [first = '', second = '', third = ''] = odd.split('.')
    expect(canonicalFault(`${first}.${withUnusedBits(second, 1)}.${third}`)).toBe(
      'token_not_canonical',
    )
  })

  it.each([1, 2, 4, 8, 15])('knows all four bits that one last byte leaves over: %i', (step) => {
    // `eA` is one byte: its second character has four bits over.
    expect(canonicalFault(`${header}.eA.${signature}`)).toBeUndefined()
    expect(canonicalFault(`${header}.${withUnusedBits('eA', step)}.${signature}`)).toBe(
      'token_not_canonical',
    )
  })

  it.each([
    ['nothing', ''],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${token}.`],
    ['five parts', `${token}.a.b`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['an empty signature', `${header}.${payload}.`],
    ['a signature one character short', token.slice(0, -1)],
    ['a signature one character long', `${token}A`],
    ['a character of plain base64', `${header}.${payload}+.${signature}`],
    ['a part of a length that no encoding has', `${header}.AAAAA.${signature}`],
    ['percent encoding', `${header}%2E${payload}%2E${signature}`],
    ['a byte order mark', `\ufeff${token}`],
    ['a letter that only looks alike', token.replace('e', '\u0435')],
  ])('refuses %s', (_, text) => {
    expect(canonicalFault(text)).toBeDefined()
  })

  it('allows 4096 characters and not one more', () => {
    const longest = tokenOfLength(MAX_TOKEN_CHARACTERS)
    expect(longest).toHaveLength(4096)
    expect(canonicalFault(longest)).toBeUndefined()
    expect(canonicalFault(tokenOfLength(MAX_TOKEN_CHARACTERS + 1))).toBe('token_malformed')
  })
})

function tokenOfLength(characters: number): string {
  for (let filler = characters / 2; filler < characters; filler += 1) {
    const candidate = signToken({ f: 'x'.repeat(filler) }, SESSION_SECRET)
    if (candidate.length === characters) return candidate
    // Base64url skips every fourth length of the payload; the header makes up for it.
    const shifted = signToken({ f: 'x'.repeat(filler) }, SESSION_SECRET, { alg: 'HS256', t: 1 })
    if (shifted.length === characters) return shifted
  }
  throw new Error(`no token of ${characters} characters`)
}
