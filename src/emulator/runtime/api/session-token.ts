/**
 * HS256 tokens as Auth0 makes and checks them around a redirect (contract 1.1 and 1.5), with node:crypto
 * alone: an Action expects the answer at once, and this code must share nothing with the verifier's.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RuntimeSwitches, TokenCheck } from '../switches.ts'
import type { TokenIdentity } from '../thread/leg-context.ts'
import { isObject } from '../thread/leg-context.ts'

const HEADER = encode({ alg: 'HS256', typ: 'JWT' })
const BASE64URL = /^[A-Za-z0-9_-]+$/

/** Signs with the UTF-8 bytes of the secret; the caller has refused an empty one. */
export function signSessionToken(
  payload: Readonly<Record<string, unknown>>,
  secret: string,
): string {
  const input = `${HEADER}.${encode(payload)}`
  return `${input}.${hmac(input, secret)}`
}

export type TokenVerdict =
  | { readonly valid: true; readonly payload: Record<string, unknown> }
  | {
      readonly valid: false
      readonly reason: string
      readonly payload: Record<string, unknown> | null
    }

export interface TokenExpectations {
  readonly state: unknown
  readonly identity: TokenIdentity
  readonly nowSeconds: number
  readonly switches: RuntimeSwitches
}

const AFTER_SIGNATURE: readonly TokenCheck[] = [
  'claims',
  'type',
  'expiry',
  'state',
  'sub',
  'issuer',
]

/** Reasons are those of contract 1.5; the order between them is a switch, because Auth0's is unknown. */
export function checkContinueToken(
  token: unknown,
  secret: unknown,
  expected: TokenExpectations,
): TokenVerdict {
  const parsed = parse(token)
  const payload = parsed?.payload ?? null
  const refuse = (reason: string): TokenVerdict => ({ valid: false, reason, payload })
  if (parsed === undefined) return refuse('Failed signature validation')

  const { switches } = expected
  const order = AFTER_SIGNATURE.filter((check) => check !== 'state')
  const checks: readonly (TokenCheck | 'signature')[] =
    switches.validateTokenOrder === 'state_first'
      ? ['state', 'signature', ...order]
      : ['signature', ...AFTER_SIGNATURE]
  for (const check of checks) {
    const reason =
      check === 'signature' ? signatureFault(parsed, secret) : claimFault(check, parsed, expected)
    if (reason !== undefined) return refuse(reason)
  }
  return { valid: true, payload: parsed.payload }
}

interface ParsedToken {
  readonly header: Record<string, unknown>
  readonly payload: Record<string, unknown>
  readonly signingInput: string
  readonly signature: string
}

function signatureFault(token: ParsedToken, secret: unknown): string | undefined {
  const usable = token.header.alg === 'HS256' && typeof secret === 'string' && secret !== ''
  return usable && sameText(hmac(token.signingInput, secret), token.signature)
    ? undefined
    : 'Failed signature validation'
}

function claimFault(
  check: TokenCheck,
  { header, payload }: ParsedToken,
  { state, identity, nowSeconds, switches }: TokenExpectations,
): string | undefined {
  const { iss, sub, iat, exp } = payload
  switch (check) {
    case 'claims':
      return isText(iss) && isText(sub) && isTime(iat) && isTime(exp)
        ? undefined
        : 'Missing or invalid standard claims'
    case 'type': {
      const typ = header.typ
      const isJwt = typeof typ === 'string' && typ.toUpperCase() === 'JWT'
      return isJwt || !switches.validateTokenChecksType
        ? undefined
        : 'Unexpected token payload type'
    }
    case 'expiry':
      // `exp` equal to now counts as expired, in whole seconds.
      return isTime(exp) && exp + switches.tokenExpiryLeewaySeconds > nowSeconds
        ? undefined
        : 'Token has expired.'
    case 'state':
      return isText(state) && payload.state === state
        ? undefined
        : 'State in the token does not match the /continue state.'
    case 'sub':
      return (isText(sub) && sub === identity.userId) || !switches.validateTokenChecksSub
        ? undefined
        : 'The sub claim does not match the user_id.'
    case 'issuer':
      // Assumed text: no message of Auth0 for this is known.
      return switches.validateTokenIssuer === 'presence' || iss === identity.hostname
        ? undefined
        : 'The iss claim does not match the tenant host.'
  }
}

function parse(token: unknown): ParsedToken | undefined {
  if (typeof token !== 'string') return undefined
  const [header, payload, signature, ...rest] = token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    return undefined
  }
  const decodedHeader = decode(header)
  const decodedPayload = decode(payload)
  if (decodedHeader === undefined || decodedPayload === undefined) return undefined
  return {
    header: decodedHeader,
    payload: decodedPayload,
    signingInput: `${header}.${payload}`,
    signature,
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}

function decode(part: string): Record<string, unknown> | undefined {
  if (!BASE64URL.test(part)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function hmac(input: string, secret: string): string {
  return createHmac('sha256', Buffer.from(secret, 'utf8')).update(input).digest('base64url')
}

/** Compares the encoded texts: another encoding of the same bytes is another token. */
function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
