/**
 * The headers of every answer (contract: security notes, section 5). Set before anything else runs,
 * so that a failure carries them too; a page replaces the two policies that differ.
 */
import type { Context } from 'hono'
import type { OpenerPolicy } from '../config.ts'
import type { Page } from './pages/layout.ts'

/** For answers that are not pages. */
const NOTHING_ALLOWED =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HEADERS = Object.entries({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': NOTHING_ALLOWED,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self)',
  'Referrer-Policy': 'same-origin',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Robots-Tag': 'noindex',
})

export function setHeaders(c: Context, openerPolicy: OpenerPolicy): void {
  for (const [name, value] of HEADERS) c.header(name, value)
  c.header('Cross-Origin-Opener-Policy', openerPolicy)
}

/** `status` 200 unless the page tells of a refusal. */
export function sendPage(
  c: Context,
  page: Page,
  status: 200 | 400 | 403 | 404 | 405 | 413 | 415 | 429 | 500 | 503 = 200,
): Response {
  c.header('Content-Security-Policy', page.contentSecurityPolicy)
  c.header('Referrer-Policy', page.referrerPolicy)
  // Bytes, for text would be measured, joined with the headers and encoded again on its way.
  c.header('Content-Type', 'text/html; charset=UTF-8')
  return c.body(page.body, status)
}
