/** Token inspection: every refusal of `validateToken` is explained, and agrees with the runtime's own. */
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inspectToken } from '../../src/emulator/inspect/inspect-token.ts'
import { checkContinueToken } from '../../src/emulator/runtime/api/session-token.ts'
import { DEFAULT_SWITCHES } from '../../src/emulator/runtime/switches.ts'
import { HEADER, signText, signToken } from '../support/tokens.ts'

const NOW = 1_790_000_000
const SECRET = 'zu3LtYzJm0Vq8rKxW1cN5bHs7dPfGa2eQoUi4TnRkM9'
const STATE = 'hKFo2SBzdGF0ZQ+/x%20y'
const SUB = 'auth0|6510a1b2'
const expected = { secret: SECRET, state: STATE, sub: SUB, nowSeconds: NOW }

const claims = (changes: object = {}) => ({
  iss: 'tenant.localhost',
  sub: SUB,
  iat: NOW - 5,
  exp: NOW + 100,
  state: STATE,
  decision: 'allow',
  ...changes,
})
const token = (changes: object = {}, secret = SECRET, header: object = HEADER) =>
  signToken(claims(changes), secret, header)

const faultOf = (text: string, more: object = {}) => {
  const { checks, answer } = inspectToken(text, { ...expected, ...more })
  const faults = checks.filter(({ verdict }) => verdict === 'fault')
  return { faults, answer, said: JSON.stringify(faults) }
}

it('accepts what validateToken accepts', () => {
  const report = inspectToken(token(), expected)
  expect(report.answer).toEqual({ kind: 'accepted' })
  expect(report.kind).toBe('continue_token')
  expect(report.payload).toMatchObject({ decision: 'allow' })
})

it('says which checks it could not make', () => {
  const { answer, checks } = inspectToken(token(), { nowSeconds: NOW })
  expect(answer).toEqual({ kind: 'undecided', missing: ['signature', 'state', 'sub'] })
  expect(checks.filter(({ verdict }) => verdict === 'fault')).toEqual([])
})

const raw = (payload: object, key: Uint8Array | string, hash = 'sha256') => {
  const input = [HEADER, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}

/** One change away from the accepted token → the check, the text and the hint. */
const FAULTS: readonly (readonly [what: string, text: string, check: string, says: RegExp])[] = [
  ['exp missing', token({ exp: undefined }), 'claims', /missing standard claim: exp/],
  ['sub missing', token({ sub: undefined }), 'claims', /missing standard claim: sub/],
  ['exp as text', token({ exp: '99' }), 'claims', /exp must be a number/],
  ['iss empty', token({ iss: '' }), 'claims', /iss must be a text/],
  [
    'claims inside another',
    raw({ other: claims() }, SECRET),
    'claims',
    /They are inside \\"other\\"/,
  ],
  ['expired', token({ exp: NOW - 30 }), 'expiry', /expired 30 s ago/],
  ['expired this second', token({ exp: NOW }), 'expiry', /expired just now/],
  ['a life of two seconds', token({ iat: NOW - 10, exp: NOW - 8 }), 'expiry', /made to live 2 s/],
  ['state of another', token({ state: 'other' }), 'state', /state does not match: the token has/],
  ['state missing', token({ state: undefined }), 'state', /no claim \\"state\\"/],
  ['the session token itself', token({ state: undefined, ip: '::1' }), 'state', /encodeToken/],
  [
    'state encoded',
    token({ state: encodeURIComponent(STATE) }),
    'state',
    /percent-encoded value: decode/,
  ],
  ['state with a space', token({ state: STATE.replace('+', ' ') }), 'state', /became a space/],
  ['state cut', token({ state: STATE.slice(0, 6) }), 'state', /only the beginning/],
  ['state in another case', token({ state: STATE.toUpperCase() }), 'state', /letter case/],
  ['another user', token({ sub: 'auth0|other' }), 'sub', /sub does not match/],
  ['the bare id', token({ sub: '6510a1b2' }), 'sub', /part before/],
  ['another typ', token({}, SECRET, { alg: 'HS256', typ: 'at+jwt' }), 'type', /at\+jwt/],
  ['no typ', token({}, SECRET, { alg: 'HS256' }), 'type', /no typ/],
  ['alg none', token({}, SECRET, { alg: 'none', typ: 'JWT' }), 'signature', /only HS256/],
  ['alg HS512', raw(claims(), SECRET, 'sha512'), 'signature', /HMAC and sha512/],
  ['another secret', token({}, 'another'), 'signature', /Another secret/],
  [
    'the secret decoded from base64',
    raw(claims(), Buffer.from(SECRET, 'base64')),
    'signature',
    /do not decode/,
  ],
  ['the secret with a line break', raw(claims(), `${SECRET}\n`), 'signature', /line break/],
  ['the secret in quotation marks', raw(claims(), `"${SECRET}"`), 'signature', /quotation/],
]

describe('a refused token', () => {
  it.each(FAULTS)('is explained: %s', (_, text, check, says) => {
    const { faults, said, answer } = faultOf(text)
    expect(faults.map((one) => one.check)).toContain(check)
    expect(said).toMatch(says)
    expect(answer.kind).toBe('refused')
  })

  it.each(FAULTS)('gets the answer the emulated runtime gives: %s', (_, text) => {
    const verdict = checkContinueToken(text, SECRET, {
      state: STATE,
      identity: { userId: SUB, hostname: 'tenant.localhost', ip: '::1', query: {}, body: {} },
      nowSeconds: NOW,
      switches: DEFAULT_SWITCHES,
    })
    expect(inspectToken(text, expected).answer).toEqual(
      verdict.valid
        ? { kind: 'accepted' }
        : { kind: 'refused', message: `The session token is invalid: ${verdict.reason}` },
    )
  })

  it('names every fault, not the first alone', () => {
    const { faults } = faultOf(token({ state: 'x', sub: 'y', exp: NOW - 1 }, 'another'))
    expect(faults.map(({ check }) => check)).toEqual(['signature', 'expiry', 'state', 'sub'])
  })

  it.each([
    ['', /no token/],
    ['abc', /1 part instead of three/],
    ['a.b.c.d.e', /encrypted/],
    [`${token()} `, /white space/],
    [token().replace('.', '=.'), /padded/],
    [token().replace('.', '!.'), /not base64url/],
    [signText('[1]', SECRET), /payload is not a JSON object/],
    [signText('{}', SECRET, 'null'), /header is not a JSON object/],
    [signText('{"a"', SECRET), /payload is not a JSON object/],
  ])('that is none is said to be none: %s', (text, says) => {
    const report = inspectToken(text, expected)
    expect(report.kind).toBe('unreadable')
    expect(report.checks[0]?.text).toMatch(says)
    expect(report.answer.kind).toBe('refused')
  })
})

it('points out milliseconds, although they are accepted', () => {
  const { checks, answer } = inspectToken(token({ exp: (NOW + 100) * 1000 }), expected)
  expect(answer.kind).toBe('accepted')
  expect(checks.find(({ check }) => check === 'expiry')?.hint).toMatch(/milliseconds/)
})

it('never shows the secret, not even one that was put into a claim', () => {
  const text = token({ note: `key ${SECRET}`, [SECRET]: [SECRET], state: SECRET })
  const shown = JSON.stringify(inspectToken(text, expected))
  expect(shown).not.toContain(SECRET)
  expect(shown).toContain('***')
})

it('tells a session token by the address Auth0 puts into it', () => {
  const report = inspectToken(token({ state: undefined, ip: '2001:db8::1' }), expected)
  expect(report.kind).toBe('session_token')
})
