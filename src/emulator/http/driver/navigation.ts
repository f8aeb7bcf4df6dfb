/**
 * One navigation of the driver: the request, the redirects after it, and the page at their end.
 */
import { shownUrl } from '../../tenant/trace.ts'
import type { Cookies } from './cookies.ts'
import { type Page, readPage } from './page.ts'
import { cookieContext, fetchSite, originHeader, refererHeader } from './site.ts'

/** One request and its answer. */
export interface Hop {
  readonly method: string
  readonly url: string
  /** The same without `state`, `ticket` and tokens. */
  readonly shownUrl: string
  readonly status: number
  readonly location?: string
  /** Names of the cookies that went along. */
  readonly cookies: readonly string[]
}

/** What a navigation needs of the browser it happens in. */
export interface Navigator {
  readonly cookies: Cookies
  /** Headers of every request. */
  readonly standing: Readonly<Record<string, string>>
  /** Told every request and answer. */
  readonly hops: Hop[]
  /** One request without redirects; takes the cookies of the answer. */
  send(request: Request): Promise<Response>
}

const MOST_REDIRECTS = 20
const REDIRECTS = new Set([301, 302, 303, 307, 308])

export const encodeForm = (values: readonly (readonly [string, string])[]) => {
  const encoded = new URLSearchParams()
  for (const [name, value] of values) encoded.append(name, value)
  return encoded.toString()
}

export interface Navigation {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly values?: readonly (readonly [string, string])[]
  /** The page it starts from; absent when typed. */
  readonly from?: Page | undefined
}

export async function navigate(browser: Navigator, start: Navigation): Promise<Page> {
  const initiator = start.from ? new URL(start.from.url) : undefined
  const chain: URL[] = []
  let strayed = false
  let policy = start.from?.referrerPolicy ?? ''
  let method = start.method ?? 'GET'
  let body = method === 'POST' ? encodeForm(start.values ?? []) : undefined
  let target = new URL(start.url)
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const cameFrom = chain.at(-1)
    strayed ||= cameFrom !== undefined && cameFrom.origin !== target.origin
    chain.push(target)
    const headers = new Headers({
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      ...browser.standing,
      'sec-fetch-site': fetchSite(initiator, chain),
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-user': '?1',
    })
    const referer = refererHeader(initiator, target, policy)
    if (referer) headers.set('referer', referer)
    if (method === 'POST') {
      headers.set('content-type', 'application/x-www-form-urlencoded')
      headers.set('origin', strayed ? 'null' : originHeader(initiator, target, policy))
    }
    const cookies = await browser.cookies.matching(
      target.href,
      cookieContext(initiator, target, method),
    )
    if (cookies.length > 0)
      headers.set('cookie', cookies.map((cookie) => cookie.cookieString()).join('; '))
    const answer = await browser.send(
      new Request(target.href, { method, headers, ...(body === undefined ? {} : { body }) }),
    )
    const location = REDIRECTS.has(answer.status) ? answer.headers.get('location') : null
    browser.hops.push({
      method,
      url: target.href,
      shownUrl: shownUrl(target.href),
      status: answer.status,
      ...(location === null ? {} : { location: new URL(location, target).href }),
      cookies: cookies.map((cookie) => cookie.key),
    })
    if (location === null) return readPage(target.href, answer, await answer.text())
    await answer.arrayBuffer()
    policy = answer.headers.get('referrer-policy')?.split(',').at(-1)?.trim() || policy
    target = new URL(location, target)
    if (answer.status === 303 || (answer.status < 303 && method === 'POST')) {
      method = 'GET'
      body = undefined
    }
  }
  throw new Error(`More than ${MOST_REDIRECTS} redirects from ${shownUrl(start.url)}.`)
}
