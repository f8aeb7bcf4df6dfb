/**
 * The two cookies. `__Host-rv` binds a verification to the browser that opened it; `__Host-rv-device`
 * tells a browser seen before, as a signal and never as proof. The `__Host-` prefix keeps sibling
 * subdomains from planting either. Lax and not Strict: the browser arrives from Auth0's site.
 */
import { Buffer } from 'node:buffer'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'

/** Auth0 keeps a suspended transaction for one hour. */
const BINDING_SECONDS = 3600
/** The longest that browsers keep a cookie: 400 days. */
const DEVICE_SECONDS = 400 * 86_400

/** 32 random bytes. */
const WELL_FORMED = /^[A-Za-z0-9_-]{43}$/

export type Random = (bytes: number) => Uint8Array

export const readBinding = (c: Context) => read(c, 'rv')
export const readDevice = (c: Context) => read(c, 'rv-device')

/** Values of Set-Cookie. They keep the browser's own value: a second tab must not unbind the first. */
export const keepBinding = (c: Context, random: Random) => keep(c, 'rv', BINDING_SECONDS, random)
export const keepDevice = (c: Context, random: Random) =>
  keep(c, 'rv-device', DEVICE_SECONDS, random)

function read(c: Context, name: string): string | undefined {
  const value = getCookie(c, name, 'host')
  return value !== undefined && WELL_FORMED.test(value) ? value : undefined
}

function newValue(random: Random): string {
  const { buffer, byteOffset, length } = random(32)
  return Buffer.from(buffer, byteOffset, length).toString('base64url')
}

function keep(c: Context, name: string, maxAge: number, random: Random): string {
  const value = read(c, name) ?? newValue(random)
  const attributes = `Max-Age=${maxAge}; Path=/; HttpOnly; Secure; SameSite=Lax`
  return `__Host-${name}=${value}; ${attributes}`
}
