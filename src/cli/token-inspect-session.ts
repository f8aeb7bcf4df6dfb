/** What the verifier's session-token profile says to a token, in words. It asks no database. */
import { createHmac } from 'node:crypto'
import type { RejectionCode } from '../verifier/domain/rejection.ts'
import { importKeyRing } from '../verifier/token/key-ring.ts'
import {
  CLOCK_TOLERANCE_SECONDS,
  MAX_LIFETIME_SECONDS,
  verifySessionToken,
} from '../verifier/token/session-token.ts'

export interface SessionVerdict {
  readonly verdict: 'accepted' | 'refused' | 'undecided'
  readonly code?: RejectionCode
  readonly text: string
  readonly hint?: string
  /** What only the running verifier knows. */
  readonly unknown: readonly string[]
}

const TEXTS: { readonly [Code in RejectionCode]?: readonly [text: string, hint: string] } = {
  token_malformed: [
    'it is not three parts of base64url with a 43-character signature, of at most 4096 characters',
    'Send the text of encodeToken as it is. Payloads are for a few coarse facts.',
  ],
  token_not_canonical: [
    'it is another spelling of the same token (spare bits in a last character)',
    'Something on the way changed the text. Only the exact text is taken, so that a token has one name.',
  ],
  token_header_refused: [
    'its header is not exactly {"alg":"HS256","typ":"JWT"}',
    'encodeToken always writes that one: this token comes from somewhere else.',
  ],
  issuer_unknown: ['no tenant has its iss as a host', 'Add the host to RV_TENANTS.'],
  signature_invalid: [
    'the signature was not made with this secret',
    'The Action and the verifier hold different secrets, or one of them decodes it: its characters are the key.',
  ],
  token_expired: [
    `it has expired (${CLOCK_TOLERANCE_SECONDS} s are forgiven)`,
    'The link in the mail starts over with a new one.',
  ],
  token_not_yet_valid: [
    `iat or nbf lie in the future (${CLOCK_TOLERANCE_SECONDS} s are forgiven)`,
    'Compare the clocks of both machines.',
  ],
  token_lifetime_too_long: [
    `it lives longer than ${MAX_LIFETIME_SECONDS} s`,
    'Leave expiresInSeconds away or make it smaller, and keep exp out of the payload.',
  ],
  claims_invalid: [
    'iss, sub, iat and exp are not all there and of the right kind',
    'encodeToken sets them: does the payload replace one of them?',
  ],
  claim_forbidden: [
    'it carries state or decision, which belong to the answer',
    'Take them out of the payload: this token could pass for its own answer.',
  ],
}

/** Nobody's key: the token is signed anew with it, so that what comes after the signature can be said. */
const STAND_IN = 'x'

/** Without a secret the signature is left open and everything else is said. */
export async function explainSessionToken(
  token: string,
  issuer: unknown,
  secret: string | undefined,
  nowSeconds: number,
): Promise<SessionVerdict> {
  const key = secret || STAND_IN
  const keyRing = await importKeyRing({ session: [key], continue: [STAND_IN] })
  const hosts = new Map(
    typeof issuer === 'string' ? [[issuer, { tenantId: 'this tenant', keyRing }]] : [],
  )
  const judged = secret ? token : signedAnew(token)
  const result = await verifySessionToken(judged, hosts, nowSeconds)
  const unknown = [
    ...(secret ? [] : ['its signature: give --secret-file']),
    `whether ${typeof issuer === 'string' ? issuer : 'its iss'} is a host of a configured tenant`,
    'whether it was used before',
  ]
  if (result.ok)
    return secret
      ? { verdict: 'accepted', text: 'it would be taken', unknown }
      : { verdict: 'undecided', text: 'its form, header and claims are good', unknown }
  const { code } = result.error
  const [text, hint] = TEXTS[code] ?? [code, '']
  return { verdict: 'refused', code, text: `${text}  (${code})`, hint, unknown: [] }
}

function signedAnew(token: string): string {
  const input = token.slice(0, token.lastIndexOf('.'))
  const ending = token.slice(token.lastIndexOf('.') + 1)
  // A signature of another form is a fault of its own, to be found as it stands.
  if (!/^[\w-]{43}$/.test(ending)) return token
  return `${input}.${createHmac('sha256', STAND_IN).update(input).digest('base64url')}`
}
