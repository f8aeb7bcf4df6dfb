/**
 * What a token is and what `api.redirect.validateToken` would say to it. Pure: the time and the secret are
 * arguments, and the secret is in nothing that comes back.
 */
import type { Expected, TokenCheck } from './token-check.ts'
import { checkToken } from './token-checks.ts'
import { readToken } from './token-text.ts'

export type { Expected, TokenCheck } from './token-check.ts'

export interface TokenReport {
  /** `session_token`: made by `encodeToken`. `continue_token`: the answer for `validateToken`. */
  readonly kind: 'session_token' | 'continue_token' | 'unreadable'
  readonly characters: number
  readonly header?: Readonly<Record<string, unknown>>
  readonly payload?: Readonly<Record<string, unknown>>
  readonly checks: readonly TokenCheck[]
  readonly answer: Answer
}

export type Answer =
  | { readonly kind: 'accepted' }
  /** No check failed, but not all could be made. */
  | { readonly kind: 'undecided'; readonly missing: readonly TokenCheck['check'][] }
  /** The error the Action would see. */
  | { readonly kind: 'refused'; readonly message: string }

const refusedWith = (reason: string): Answer => ({
  kind: 'refused',
  message: `The session token is invalid: ${reason}`,
})

export function inspectToken(text: string, expected: Expected): TokenReport {
  const read = readToken(text)
  if (!read.ok) {
    const reason = 'Failed signature validation'
    const check = { check: 'signature', verdict: 'fault', reason } as const
    return {
      kind: 'unreadable',
      characters: text.length,
      checks: [{ ...check, text: `this is not a signed token: ${read.fault}` }],
      answer: refusedWith(reason),
    }
  }
  const { header, payload } = read.token
  const checks = checkToken(read.token, expected)
  const { secret } = expected
  return {
    kind: 'state' in payload || !('ip' in payload) ? 'continue_token' : 'session_token',
    characters: text.length,
    header: redact(header, secret),
    payload: redact(payload, secret),
    checks: checks.map((check) => ({ ...check, text: redact(check.text, secret) })),
    answer: answerOf(checks),
  }
}

function answerOf(checks: readonly TokenCheck[]): Answer {
  const first = checks.find(({ verdict }) => verdict === 'fault')
  if (first) return refusedWith(first.reason ?? '')
  const missing = checks.filter(({ verdict }) => verdict === 'unknown').map(({ check }) => check)
  return missing.length > 0 ? { kind: 'undecided', missing } : { kind: 'accepted' }
}

/** A shorter one stands in texts by chance, and is no secret. */
const SHORTEST_SECRET = 8

/** Somebody put the secret itself into a claim: it is not shown for that. */
function redact<Value>(value: Value, secret: string | undefined): Value {
  if (secret === undefined || secret.length < SHORTEST_SECRET) return value
  if (typeof value === 'string') return value.replaceAll(secret, '***') as Value
  if (Array.isArray(value)) return value.map((item) => redact(item, secret)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.replaceAll(secret, '***'),
      redact(member, secret),
    ]),
  ) as Value
}
