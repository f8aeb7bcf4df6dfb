/**
 * Why `api.redirect.validateToken` would refuse a token, check by check, with the likely cause. The checks
 * and their texts are those of the emulated runtime (contract 1.5); here every one of them is made, also
 * after the first that fails, and nothing throws.
 */
import { signatureCheck } from './signature-check.ts'
import { stateCheck } from './state-check.ts'
import {
  duration,
  type Expected,
  fault,
  ok,
  shortened,
  type TokenCheck,
  unknown,
} from './token-check.ts'
import type { TokenText } from './token-text.ts'

/** In the order in which validateToken is taken to make them. */
export function checkToken(token: TokenText, expected: Expected): readonly TokenCheck[] {
  return [
    signatureCheck(token, expected.secret),
    claimsCheck(token),
    typeCheck(token),
    expiryCheck(token, expected.nowSeconds),
    stateCheck(token, expected.state),
    subCheck(token, expected.sub),
  ]
}

const STANDARD_CLAIMS = ['sub', 'iss', 'exp', 'iat'] as const

function claimsCheck({ payload }: TokenText): TokenCheck {
  const missing = STANDARD_CLAIMS.filter((name) => payload[name] === undefined)
  const wrong = STANDARD_CLAIMS.filter(
    (name) => payload[name] !== undefined && !isGood(name, payload[name]),
  )
  const text = [
    ...missing.map((name) => `missing standard claim: ${name}`),
    ...wrong.map(
      (name) =>
        `${name} must be ${isTimeName(name) ? 'a number (seconds since 1970)' : 'a text that is not empty'}, not ${JSON.stringify(payload[name])}`,
    ),
  ]
  if (text.length === 0) return ok('claims', 'sub, iss, exp and iat are there')
  const nested = Object.entries(payload).find(
    ([, value]) =>
      typeof value === 'object' && value !== null && missing.some((name) => name in value),
  )
  return fault(
    'claims',
    'Missing or invalid standard claims',
    text.join('; '),
    nested
      ? `They are inside "${nested[0]}": claims stand at the top of the payload.`
      : 'validateToken wants sub (copied from the session token), iss, exp and iat in every answer.',
  )
}

const isTimeName = (name: string) => name === 'exp' || name === 'iat'
const isGood = (name: string, value: unknown) =>
  isTimeName(name)
    ? typeof value === 'number' && Number.isFinite(value)
    : typeof value === 'string' && value !== ''

function typeCheck({ header }: TokenText): TokenCheck {
  const { typ } = header
  if (typeof typ === 'string' && typ.toUpperCase() === 'JWT') return ok('type', 'typ is JWT')
  return fault(
    'type',
    'Unexpected token payload type',
    typ === undefined ? 'the header has no typ' : `the header says typ ${JSON.stringify(typ)}`,
    'Write {"alg":"HS256","typ":"JWT"} as the header. Not every report of Auth0 has this check.',
  )
}

/** Seconds since 1970 have ten digits until 2286, milliseconds thirteen. */
const LOOKS_LIKE_MILLISECONDS = 100_000_000_000

function expiryCheck({ payload }: TokenText, nowSeconds: number): TokenCheck {
  const { exp, iat } = payload
  const reason = 'Token has expired.'
  if (typeof exp !== 'number' || !Number.isFinite(exp))
    return fault('expiry', reason, 'no usable exp', 'Set exp to iat plus one to five minutes.')
  if (exp > LOOKS_LIKE_MILLISECONDS)
    return {
      ...ok('expiry', 'not expired, and not for thousands of years'),
      hint: 'exp is in milliseconds. Use seconds: divide by 1000 and round down.',
    }
  const left = Math.floor(exp - nowSeconds)
  if (exp > nowSeconds) return ok('expiry', `expires in ${duration(left)}`)
  const life = typeof iat === 'number' ? Math.round(exp - iat) : undefined
  const short = life !== undefined && life <= 10
  return fault(
    'expiry',
    reason,
    left === 0 ? 'expired just now' : `expired ${duration(-left)} ago`,
    short
      ? `It was made to live ${life} s. Give it 60 to 300.`
      : 'Sign it when the user leaves your page, not when it is opened, and check the clocks of both sides.',
  )
}

function subCheck({ payload }: TokenText, expected: string | undefined): TokenCheck {
  const { sub } = payload
  const reason = 'The sub claim does not match the user_id.'
  if (typeof sub !== 'string' || sub === '') return fault('sub', reason, 'no usable sub')
  if (expected === undefined) return unknown('sub', `not compared: the token has ${shortened(sub)}`)
  if (sub === expected) return ok('sub', 'the same user')
  const bare = expected.includes('|') && expected.endsWith(`|${sub}`)
  return fault(
    'sub',
    reason,
    `sub does not match: the token has ${shortened(sub)}, the user is ${shortened(expected)}`,
    bare
      ? 'The part before "|" belongs to the id.'
      : 'Copy sub from the session token; an id of your own goes into another claim.',
  )
}
