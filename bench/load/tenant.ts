/** The tenant that the bench's requests come from, and one request of each kind. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto'

export const HOST = 'acme.eu.auth0.com'
export const TENANT = 'acme'
export const ORIGIN = 'https://verify.example.com'
export const SECRETS = {
  session: 'P4cQWb1nVd7yTz0XjR2sLk9uEa5oHg8mFi3wNq6xCvY',
  continue: 'u8Jr2hXbN5tGk0ZcQw7vLe4yDa1mSf9pRi6oTx3EjVn',
  identifier: 'T1xVb8nQe4zKj7sWy0cRf3uLh6mPa9dGo2iYk5rXtJw',
}

/** `get`: opens the link. `post`: verifies. `forged`: a post whose signature nobody made. */
export type Kind = 'get' | 'post' | 'forged'

export interface Sent {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')

export function sessionToken(host = HOST, secret = SECRETS.session, address = randomAddress()) {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    iss: host,
    sub: `auth0|${randomBytes(12).toString('hex')}`,
    iat,
    exp: iat + 300,
    ip: address,
    jti: randomBytes(16).toString('base64url'),
    facts: {
      flow: 'password_reset',
      enforced: true,
      account_age_days: 812,
      logins_count: 240,
      factors: ['otp', 'email'],
      first_challenge: ['email'],
      email_verified: true,
      country: 'DE',
      time_zone: 'Europe/Berlin',
      latitude: 52.5,
      longitude: 13.4,
      client_id: 'RoundTripSuite000000000000000000',
    },
  }
  const input = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Networks that are set aside for benchmarks (RFC 2544). */
export function randomAddress(): string {
  const [a = 0, b = 0, c = 0] = randomBytes(3)
  return `198.${18 + (a & 1)}.${b}.${c}`
}

/** Each another person, address and reset: nothing is shared but what everybody shares. */
export function requestOf(kind: Kind, host = HOST, secret = SECRETS.session): Sent {
  const address = randomAddress()
  const token = sessionToken(host, secret, address)
  const state = `hKFo2SB${randomUUID()}`
  const headers = {
    host: 'verify.example.com',
    accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
    'accept-language': 'en-GB,en;q=0.9',
    'sec-fetch-dest': 'document',
    'sec-fetch-mode': 'navigate',
    'user-agent':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'x-client': address,
  }
  if (kind === 'get') {
    const path = `/verify?${new URLSearchParams({ session_token: token, state })}`
    return { method: 'GET', path, headers: { ...headers, 'sec-fetch-site': 'cross-site' } }
  }
  const sent =
    kind === 'post' ? token : `${token.slice(0, -43)}${randomBytes(32).toString('base64url')}`
  const fields = { session_token: sent, state, script: '1', webdriver: '0', elapsed_ms: '40' }
  return {
    method: 'POST',
    path: '/verify',
    headers: {
      ...headers,
      'content-type': 'application/x-www-form-urlencoded',
      cookie: `__Host-rv=${randomBytes(32).toString('base64url')}`,
      origin: ORIGIN,
      'sec-fetch-site': 'same-origin',
    },
    body: new URLSearchParams({ ...fields, time_zone: 'Europe/Berlin' }).toString(),
  }
}
