/**
 * The headers of every answer (contract: security notes, section 5). Added after everything else has run,
 * so that a failure carries them too; a page says the two policies that differ.
 */
import type { Context } from 'hono'
import type { OpenerPolicy } from '../config.ts'
import type { Page } from './pages/layout.ts'

/** For answers that are not pages. */
const NOTHING_ALLOWED =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** By name, as they are written. */
export type CommonHeaders = Readonly<Record<string, string>>

export const commonHeaders = (openerPolicy: OpenerPolicy): CommonHeaders =>
  headersOf(openerPolicy, NOTHING_ALLOWED, 'same-origin')

/** Written out, because an object that is spread for each request costs as much as the page in it. */
const headersOf = (
  openerPolicy: OpenerPolicy,
  contentSecurityPolicy: string,
  referrerPolicy: Page['referrerPolicy'],
): Record<string, string> => ({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': openerPolicy,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self)',
  'Referrer-Policy': referrerPolicy,
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Robots-Tag': 'noindex',
})

/** Adds what the answer does not say itself. */
export function completeHeaders({ headers }: Response, common: CommonHeaders): void {
  for (const [name, value] of Object.entries(common)) {
    if (!headers.has(name)) headers.set(name, value)
  }
}

const HTML = 'text/html; charset=UTF-8'

/** A page beside headers of its own, as a refusal has them; what is common is added to it later. */
export function sendPage(
  c: Context,
  page: Page,
  status: 200 | 400 | 403 | 404 | 405 | 413 | 415 | 429 | 500 | 503,
): Response {
  c.header('Content-Security-Policy', page.contentSecurityPolicy)
  c.header('Referrer-Policy', page.referrerPolicy)
  c.header('Content-Type', HTML)
  return c.body(page.body, status)
}

/**
 * The page of a step that went well, with all its headers. They are a plain object, because the server on
 * Node writes one as it stands, where a `Headers` is checked, sorted and copied into one. Two names that
 * differ in case are two headers (Fetch, fill a Headers object), which is how an object holds two cookies.
 * The body is bytes, for text would be measured and encoded on its way.
 */
export function completePage(
  page: Page,
  openerPolicy: OpenerPolicy,
  [first, second]: readonly [string, string?],
): Response {
  const headers = headersOf(openerPolicy, page.contentSecurityPolicy, page.referrerPolicy)
  headers['Content-Type'] = HTML
  headers['Set-Cookie'] = first
  if (second !== undefined) headers['set-cookie'] = second
  return new Response(page.body, { headers })
}
