/**
 * What a request must be before anything in it is read: sent by a person's own navigation, not ahead
 * of it, not inside a frame, and for a post, by our own page. Header facts only; no cookies, no keys.
 */
import type { HonoRequest } from 'hono'
import type { RejectionCode } from '../domain/rejection.ts'

/** Where browsers and proxies say that nobody asked yet. */
const PURPOSES = ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'] as const

const FRAMES = new Set(['iframe', 'frame', 'object', 'embed', 'fencedframe'])

/** Undefined: let through. For every method on `/verify`. */
export function refusedNavigation(request: HonoRequest): RejectionCode | undefined {
  // Fetched before a person asked for it: a later real navigation would get this stale answer.
  // `Sec-Purpose: prefetch;prerender` too, and the older `Purpose` and `X-Moz`.
  for (const name of PURPOSES) {
    const purpose = request.header(name)
    if (purpose !== undefined && /prefetch|prerender|preview/i.test(purpose)) return 'prefetch'
  }
  if (FRAMES.has(request.header('sec-fetch-dest') ?? '')) return 'framed'
  return undefined
}

/** For the post only. `publicOrigin` comes from configuration, never from a Host header. */
export function refusedPost(request: HonoRequest, publicOrigin: string): RejectionCode | undefined {
  if (!sameOrigin(request.header('sec-fetch-site'), request.header('origin'), publicOrigin)) {
    return 'cross_site'
  }
  const type = (request.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  return type === 'application/x-www-form-urlencoded' ? undefined : 'content_type_unsupported'
}

/**
 * A browser that sends Sec-Fetch-Site is believed, as a page cannot set it, and an Origin beside it
 * may not contradict. Older browsers are told by Origin alone; `null` says nothing, as a sandboxed
 * foreign page sends it too.
 */
function sameOrigin(
  site: string | undefined,
  origin: string | undefined,
  publicOrigin: string,
): boolean {
  if (site === undefined) return origin === publicOrigin
  return (
    site === 'same-origin' && (origin === undefined || origin === 'null' || origin === publicOrigin)
  )
}
