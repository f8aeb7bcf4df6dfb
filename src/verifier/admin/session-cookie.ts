/**
 * The cookie of a signed-in person: 32 random bytes, of which the store knows the SHA-256. Lax and not
 * Strict: the answer that sets it belongs to a navigation that the provider's site began, and browsers
 * would leave a Strict one out of the very next request.
 */
import { Buffer } from 'node:buffer'
import { createHash, createHmac } from 'node:crypto'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { CookieOptions } from 'hono/utils/cookie'

/** A working day, unless it is configured. A role that the provider takes away is lost by then. */
export const SESSION_SECONDS = 8 * 3600

const NAME = 'rv_admin'
const FORM = /^[A-Za-z0-9_-]{43}$/

/** `__Host-` and `Secure` need https; development on a `localhost` name is without both. */
export function cookieOptions(publicOrigin: string): CookieOptions {
  const base = { path: '/', httpOnly: true, sameSite: 'Lax' } as const
  return publicOrigin.startsWith('https:') ? { ...base, secure: true, prefix: 'host' } : base
}

export const cookiePrefix = (publicOrigin: string): 'host' | undefined =>
  publicOrigin.startsWith('https:') ? 'host' : undefined

/** Undefined when there is none, or one that this service never set. */
export function readSession(c: Context, publicOrigin: string): string | undefined {
  const value = getCookie(c, NAME, cookiePrefix(publicOrigin))
  return value !== undefined && FORM.test(value) ? value : undefined
}

/** A new one at each sign-in: whatever the browser brought along stays without meaning. */
export const newSession = (random: (bytes: number) => Uint8Array): string =>
  Buffer.from(random(32)).toString('base64url')

/** Only when it is stored: a cookie without a session behind it is a puzzle for its owner. */
export function keepSession(
  c: Context,
  publicOrigin: string,
  session: string,
  seconds: number,
): void {
  setCookie(c, NAME, session, { ...cookieOptions(publicOrigin), maxAge: seconds })
}

export function endSession(c: Context, publicOrigin: string): void {
  deleteCookie(c, NAME, cookieOptions(publicOrigin))
}

export const hashSession = (value: string): string =>
  createHash('sha256').update(value).digest('hex')

/**
 * What forms and scripts of one session send back. Keyed by the service's secret: whoever reads one off
 * a page cannot make another. `session` is the cookie, or what stands for one.
 */
export const csrfTokenOf = (sessionSecret: string, session: string): string =>
  createHmac('sha256', sessionSecret)
    .update(`redirect-verifier/admin-csrf/1\0${session}`)
    .digest('base64url')
