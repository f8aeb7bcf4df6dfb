/**
 * Session tokens for tests, made with node:crypto alone: a mistake in the verifier's own token code
 * must not be able to hide behind the same mistake here.
 */
import { createHmac } from 'node:crypto'

/** The instant at which most tests take place. Epoch seconds. */
export const NOW = 1_790_000_000

export const HOST = 'acme.eu.auth0.com'
export const SUBJECT = 'auth0|6510a1b2c3d4e5f60718293a'

/** One per direction and purpose, as the configuration demands. For tests only. */
export const SESSION_SECRET = 'P4cQWb1nVd7yTz0XjR2sLk9uEa5oHg8mFi3wNq6xCvY'
export const PREVIOUS_SESSION_SECRET = 'mZ7kD0qTs3RvYw9LbHn2uXe6cJf1aPg4oKi8tVx5WyE'
export const CONTINUE_SECRET = 'u8Jr2hXbN5tGk0ZcQw7vLe4yDa1mSf9pRi6oTx3EjVn'
export const IDENTIFIER_SECRET = 'T1xVb8nQe4zKj7sWy0cRf3uLh6mPa9dGo2iYk5rXtJw'

export type Claims = Readonly<Record<string, unknown>>

/** What `encodeToken` makes of the reference Action's payload. A claim set to undefined is left out. */
export function sessionClaims(overrides: Claims = {}): Claims {
  return {
    iat: NOW,
    iss: HOST,
    sub: SUBJECT,
    exp: NOW + 300,
    ip: '203.0.113.7',
    jti: 'q0bY2mKx7Vn4Rt9s',
    facts: { flow: 'password_reset', factors: ['otp', 'email'], first_challenge: ['email'] },
    ...overrides,
  }
}

export const HEADER = { alg: 'HS256', typ: 'JWT' } as const

/** A session token that is accepted at `NOW`, but for the claims given. */
export const sessionToken = (overrides: Claims = {}, secret = SESSION_SECRET) =>
  signToken(sessionClaims(overrides), secret)

/** Any claims and header, as compact JWS with a correct HMAC-SHA-256. */
export const signToken = (claims: unknown, secret: string, header: unknown = HEADER) =>
  signText(JSON.stringify(claims), secret, JSON.stringify(header))

/** Header and payload as exact texts or bytes, for what `JSON.stringify` would not write. */
export function signText(
  payload: string | Uint8Array,
  secret: string,
  header: string | Uint8Array = JSON.stringify(HEADER),
): string {
  const input = `${base64url(header)}.${base64url(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** The claims of a token, without any check. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

/** The claims of a token, after checking header, algorithm and signature by hand. */
export function openToken(token: string, secret: string): Record<string, unknown> {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const expected = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')
  if (signature !== expected) throw new Error('the signature does not match')
  const text = Buffer.from(header, 'base64url').toString('utf8')
  if (text !== JSON.stringify(HEADER)) throw new Error(`unexpected header ${text}`)
  return claimsOf(token)
}

const base64url = (part: string | Uint8Array) => Buffer.from(part).toString('base64url')
