/**
 * What a browser tells about where a navigation comes from: SameSite context, `Sec-Fetch-Site`, `Origin`
 * and `Referer` (Fetch standard; RFC 6265bis section 5.2).
 */

/** The registrable domain, as far as a test needs it; every `*.localhost` name is a site of its own. */
function domainOf(hostname: string): string {
  if (/^[\d.]+$|:/.test(hostname)) return hostname
  return hostname.split('.').slice(-2).join('.')
}

const siteOf = (url: URL) => `${url.protocol}//${domainOf(url.hostname)}`

export const sameSite = (one: URL, other: URL) => siteOf(one) === siteOf(other)

/** Which cookies go along: all, those for top-level GETs, or only SameSite=None. */
export function cookieContext(
  initiator: URL | undefined,
  target: URL,
  method: string,
): 'strict' | 'lax' | 'none' {
  if (!initiator || sameSite(initiator, target)) return 'strict'
  return method === 'GET' || method === 'HEAD' ? 'lax' : 'none'
}

/** Every address of the redirect chain counts, not only the last. */
export function fetchSite(initiator: URL | undefined, chain: readonly URL[]): string {
  if (!initiator) return 'none'
  if (chain.every((url) => url.origin === initiator.origin)) return 'same-origin'
  return chain.every((url) => sameSite(initiator, url)) ? 'same-site' : 'cross-site'
}

/** `Origin` of a request that is neither GET nor HEAD. */
export function originHeader(initiator: URL | undefined, target: URL, policy: string): string {
  if (!initiator || policy === 'no-referrer') return 'null'
  if (policy === 'same-origin' && initiator.origin !== target.origin) return 'null'
  const downgrade = initiator.protocol === 'https:' && target.protocol === 'http:'
  const strict = policy !== 'origin' && policy !== 'unsafe-url'
  return downgrade && strict ? 'null' : initiator.origin
}

export function refererHeader(
  initiator: URL | undefined,
  target: URL,
  policy: string,
): string | undefined {
  if (!initiator || policy === 'no-referrer') return undefined
  const full = `${initiator.origin}${initiator.pathname}${initiator.search}`
  const here = initiator.origin === target.origin
  switch (policy) {
    case 'unsafe-url':
      return full
    case 'same-origin':
      return here ? full : undefined
    case 'origin':
    case 'strict-origin':
      return `${initiator.origin}/`
    default:
      return here ? full : `${initiator.origin}/`
  }
}
