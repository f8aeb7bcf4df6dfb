/**
 * Why `api.redirect.validateToken` would refuse a token, check by check, with the likely cause. The checks
 * and their texts are those of the emulated runtime (contract 1.5); here every one of them is made, also
 * after the first that fails, and nothing throws.
 */
import { isSignedBy, type TokenText } from './token-text.ts'

export interface TokenCheck {
  readonly check: 'signature' | 'claims' | 'type' | 'expiry' | 'state' | 'sub'
  /** `unknown`: what it would be compared with was not given. */
  readonly verdict: 'ok' | 'fault' | 'unknown'
  readonly text: string
  /** What probably happened, and what to do. */
  readonly hint?: string
  /** What follows `The session token is invalid: `; for faults. */
  readonly reason?: string
}

export interface Expected {
  /** The Action's secret for this direction. */
  readonly secret?: string | undefined
  /** The `state` parameter `/continue` gets. */
  readonly state?: string | undefined
  /** The user's id. */
  readonly sub?: string | undefined
  readonly nowSeconds: number
}

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

const fault = (
  check: TokenCheck['check'],
  reason: string,
  text: string,
  hint?: string,
): TokenCheck => ({
  check,
  verdict: 'fault',
  text,
  reason,
  ...(hint === undefined ? {} : { hint }),
})
const ok = (check: TokenCheck['check'], text: string): TokenCheck => ({
  check,
  verdict: 'ok',
  text,
})
const unknown = (check: TokenCheck['check'], text: string): TokenCheck => ({
  check,
  verdict: 'unknown',
  text,
})

function signatureCheck(token: TokenText, secret: string | undefined): TokenCheck {
  const reason = 'Failed signature validation'
  const { alg } = token.header
  if (alg !== 'HS256')
    return fault(
      'signature',
      reason,
      `the header says alg ${JSON.stringify(alg)}: only HS256 is accepted`,
      'Sign with HS256 (HMAC with SHA-256) and the secret both sides hold.',
    )
  if (secret === undefined) return unknown('signature', 'not checked: no secret was given')
  if (secret === '') return fault('signature', reason, 'the secret is empty')
  if (isSignedBy(token, Buffer.from(secret, 'utf8'))) return ok('signature', 'HS256, good')
  return fault(
    'signature',
    reason,
    'the signature was not made with this secret',
    signatureHint(token, secret),
  )
}

/** Keys people sign with by mistake, and what to say when one of them fits. */
function signatureHint(token: TokenText, secret: string): string {
  const keys: readonly (readonly [key: Buffer, hint: string])[] = [
    [
      Buffer.from(secret, 'base64'),
      'It was signed with the secret decoded from base64. Auth0 takes its characters as they are (UTF-8): do not decode.',
    ],
    [
      Buffer.from(secret, 'base64url'),
      'It was signed with the secret decoded from base64url. Auth0 takes its characters as they are (UTF-8): do not decode.',
    ],
    [
      Buffer.from(secret, 'hex'),
      'It was signed with the secret decoded from hexadecimal. Auth0 takes its characters as they are (UTF-8): do not decode.',
    ],
    [
      Buffer.from(Buffer.from(secret, 'utf8').toString('base64')),
      'It was signed with the secret encoded as base64. Use the characters as they are.',
    ],
    [
      Buffer.from(`${secret}\n`),
      'It was signed with the secret and a line break after it: the file or variable it was read from ends with one.',
    ],
    [
      Buffer.from(secret.trim()),
      'It was signed with the secret without the white space around it.',
    ],
    [Buffer.from(JSON.stringify(secret)), 'It was signed with the secret in quotation marks.'],
  ]
  for (const [key, hint] of keys) if (key.length > 0 && isSignedBy(token, key)) return hint
  for (const hash of ['sha384', 'sha512'] as const)
    if (isSignedBy(token, Buffer.from(secret), hash))
      return `The header says HS256, but it was signed with HMAC and ${hash}.`
  const whole = { ...token, signature: token.signature.replace(/=+$/, '') }
  if (isSignedBy(whole, Buffer.from(secret))) return 'The signature is padded with "=". Cut that.'
  return 'Another secret (the other direction’s, an old one, another tenant’s), or the token was changed after it was signed.'
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
      hint: 'exp is in milliseconds. Use seconds: Math.floor(Date.now() / 1000) + 120.',
    }
  const left = Math.floor(exp - nowSeconds)
  if (exp > nowSeconds) return ok('expiry', `expires in ${left} s`)
  const life = typeof iat === 'number' ? Math.round(exp - iat) : undefined
  const short = life !== undefined && life <= 10
  return fault(
    'expiry',
    reason,
    left === 0 ? 'expired just now' : `expired ${-left} s ago`,
    short
      ? `It was made to live ${life} s. Give it 60 to 300.`
      : 'Sign it when the user leaves your page, not when it is opened, and check the clocks of both sides.',
  )
}

/** As it may be shown: long values with their ends and their length. */
export function shortened(value: string): string {
  if (value.length <= 48) return JSON.stringify(value)
  return `${JSON.stringify(`${value.slice(0, 20)}…${value.slice(-12)}`)} (${value.length} characters)`
}

function stateCheck({ payload }: TokenText, expected: string | undefined): TokenCheck {
  const reason = 'State in the token does not match the /continue state.'
  const { state } = payload
  if (state === undefined)
    return fault(
      'state',
      reason,
      'there is no claim "state"',
      'ip' in payload
        ? 'This is the session token that encodeToken made. Sign a token of your own and put the state parameter you received into it.'
        : nestedStateHint(payload),
    )
  if (typeof state !== 'string' || state === '')
    return fault('state', reason, `state must be a text, not ${JSON.stringify(state)}`)
  if (expected === undefined)
    return unknown('state', `not compared: the token has ${shortened(state)}`)
  if (state === expected) return ok('state', 'the same')
  return fault(
    'state',
    reason,
    `state does not match: the token has ${shortened(state)}, /continue gets ${shortened(expected)}`,
    stateHint(state, expected),
  )
}

const nestedStateHint = (payload: TokenText['payload']) => {
  const holder = Object.entries(payload).find(
    ([, value]) => typeof value === 'object' && value !== null && 'state' in value,
  )
  return holder
    ? `It is inside "${holder[0]}": claims stand at the top of the payload.`
    : 'Put the state parameter you received into the claim "state", character by character.'
}

function stateHint(state: string, expected: string): string {
  const decoded = decode(state)
  if (decoded === expected)
    return 'The token holds the percent-encoded value: decode the parameter once.'
  if (decode(expected) === state)
    return 'The token holds the decoded value, /continue is given an encoded one: encode it once, not twice.'
  if (state.replaceAll(' ', '+') === expected || expected.replaceAll(' ', '+') === state)
    return 'A "+" became a space on the way.'
  if (state.trim() === expected.trim()) return 'White space at the ends.'
  if (expected.startsWith(state)) return 'The token holds only the beginning: a column too short?'
  if (state.startsWith(expected)) return '/continue is given only the beginning.'
  if (state.toLowerCase() === expected.toLowerCase()) return 'Somebody changed the letter case.'
  return 'This is the state of another redirect (each has its own), or the `state` of the application. Use the parameter that came with this session token.'
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
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
