/**
 * Stands in for the tenant: signs session tokens as `encodeToken` does and takes answers at `/continue`
 * as `validateToken` and the reference Action do. On node:crypto alone, so that a mistake of the service's
 * token code cannot hide behind the same mistake here.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { Answer, Continued, Transaction } from './history.ts'

export const HOST = 'acme.eu.auth0.com'
export const TENANT = 'acme'
export const CONTINUE_ORIGIN = `https://${HOST}`
/** An application whose users are all on the deny list, so that there is more than one decision. */
export const DENIED_CLIENT = 'denied-application'

/** In every state, subject and cookie, so that one search finds any of them in a log. */
export const MARK = 'CaNaRy'
/** Benchmarking networks (RFC 2544): nobody lives there. */
const NETWORK = '198.18'

/** What no line of a log may hold: marks, tokens, addresses, and the secrets themselves. */
export const secretPattern = (secrets: readonly string[]) =>
  new RegExp([MARK, 'eyJ', `\\b${NETWORK}\\.`, ...secrets].join('|'))

export interface TenantKeys {
  /** Signs session tokens. */
  session: string
  /** Verify continue tokens: current, then previous. */
  continue: readonly string[]
}

export interface StandIn {
  /** Changed by a rotation. */
  readonly keys: TenantKeys
  readonly continued: Continued[]
  begin(): Transaction
  /** False: refused, as after a wrong signature, another state or another user. */
  continueWith(transaction: Transaction, token: string): boolean
}

/** What people bring: most without a factor, some with one, some of the denied application. */
const FACTS = [
  { factors: ['email'] },
  { factors: ['email'] },
  { factors: ['email'] },
  { factors: ['email', 'otp'] },
  { factors: ['email'], client_id: DENIED_CLIENT },
]

/** `now` in epoch seconds, by the tenant's clock. */
export function createStandIn(
  keys: TenantKeys,
  now = () => Math.floor(Date.now() / 1000),
): StandIn {
  const continued: Continued[] = []
  let count = 0
  return {
    keys,
    continued,
    begin() {
      count += 1
      const iat = now()
      const [a, b] = randomBytes(2)
      const address = `${NETWORK}.${a}.${b}`
      const tokenId = randomBytes(16).toString('base64url')
      const subject = `auth0|${MARK}${randomBytes(8).toString('hex')}`
      const claims = {
        iss: HOST,
        sub: subject,
        iat,
        exp: iat + 300,
        jti: tokenId,
        ip: address,
        facts: {
          flow: 'password_reset',
          first_challenge: ['email'],
          ...FACTS[count % FACTS.length],
        },
      }
      const state = `${MARK}${randomBytes(12).toString('base64url')}`
      return { tokenId, subject, state, address, token: sign(claims, keys.session) }
    },
    continueWith(transaction, token) {
      const claims = keys.continue.map((key) => open(token, key)).find((found) => found)
      const fits =
        claims !== undefined &&
        claims.state === transaction.state &&
        claims.sub === transaction.subject &&
        Number(claims.exp) > now() &&
        Number(claims.iat) <= now() + 60
      if (!fits) return false
      const { assessmentId, outcome, degraded } = answerOf(claims)
      continued.push({ transaction, assessmentId, outcome, degraded })
      return true
    },
  }
}

type Claims = Readonly<Record<string, unknown>>

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const mac = (text: string, key: string) =>
  createHmac('sha256', key).update(text).digest('base64url')

export function sign(claims: Claims, key: string): string {
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${input}.${mac(input, key)}`
}

function open(token: string, key: string): Claims | undefined {
  const [header, payload, signature] = token.split('.')
  if (mac(`${header}.${payload}`, key) !== signature) return undefined
  return claimsOf(token)
}

export const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims

/** What a continue token says, whoever signed it. */
export const answerOf = (
  claims: Claims,
): Pick<Answer, 'assessmentId' | 'outcome' | 'degraded' | 'issuedAt' | 'expiresAt'> => ({
  assessmentId: String(claims.jti),
  outcome: String(claims.decision),
  degraded: Array.isArray(claims.reasons) && claims.reasons.includes('unavailable'),
  issuedAt: Number(claims.iat),
  expiresAt: Number(claims.exp),
})

/** The same signed token in other spellings that lenient decoders accept. */
export function spellings(token: string): string[] {
  const last = token.at(-1) as string
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const at = alphabet.indexOf(last)
  // A MAC of 32 bytes leaves two bits of its last character unused.
  const unused = [1, 2, 3].map((bits) => token.slice(0, -1) + alphabet[(at & ~3) | bits])
  return [...unused, `${token}=`, `${token} `].filter((text) => text !== token)
}
