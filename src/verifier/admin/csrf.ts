/**
 * Whether a change was asked for by a page of this service. Two checks, each enough by itself against
 * one kind of failure: what the browser says of where the request came from, and a value that only our
 * own pages know. For credentials that browsers send by themselves; a bearer token is none.
 */
import { Buffer } from 'node:buffer'
import { timingSafeEqual } from 'node:crypto'
import type { AdminContext } from './admin-deps.ts'

/** Those change nothing (RFC 9110 section 9.2.1); HEAD runs what GET does. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export const isChange = (c: AdminContext): boolean => !SAFE.has(c.req.method)

/**
 * A browser that sends Sec-Fetch-Site is believed, as no page can set it, and an Origin beside it may
 * not contradict; `null` says nothing, as pages that send no referrer have it. Older browsers are told
 * by Origin alone.
 */
export function isSameOrigin(c: AdminContext, publicOrigin: string): boolean {
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  if (site === undefined) return origin === publicOrigin
  return (
    site === 'same-origin' && (origin === undefined || origin === 'null' || origin === publicOrigin)
  )
}

/**
 * From the header `x-csrf-token`, or the field `csrf` of a form. The body is read at most once: Hono
 * keeps it for the handler.
 */
export async function bringsToken(c: AdminContext, expected: string): Promise<boolean> {
  const header = c.req.header('x-csrf-token')
  if (header !== undefined) return equal(header, expected)
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return false
  const form = await c.req.parseBody({ all: true })
  // Twice, it comes as a list, and no list is a token.
  return typeof form.csrf === 'string' && equal(form.csrf, expected)
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
