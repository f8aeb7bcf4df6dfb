/**
 * The headers of every answer below `/admin`. Stricter than those of the verification's pages: nothing
 * is inline, nothing comes from elsewhere, and no address of this part is ever told to another site:
 * `same-origin` tells it to this one alone, and keeps the Origin of our own posts from being `null`.
 */
import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { raw } from 'hono/html'

/**
 * Chromium applies `form-action` to what a post redirects to, so no form here may lead to the provider:
 * signing in begins by a link.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
]

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': PAGE_POLICY.join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'Referrer-Policy': 'same-origin',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Robots-Tag': 'noindex',
} as const

export function setAdminHeaders(c: Context): void {
  for (const [name, value] of Object.entries(HEADERS)) c.header(name, value)
}

/** The colours of the other pages: what a browser would take in the dark differs from one to the next. */
const GROUND = `
:root { color-scheme: light dark; background: #fff; color: #17202c; font: 1rem/1.5 system-ui, sans-serif }
a { color: #2251a8 }
@media (prefers-color-scheme: dark) { :root { background: #0e1319; color: #e8edf4 } a { color: #8db4ff } }`

/** A style for a page that stands alone, and the policy that allows exactly it and no script. */
export function standaloneStyle(own: string) {
  const css = `${GROUND}${own}`
  const hash = createHash('sha256').update(css).digest('base64')
  const policy = PAGE_POLICY.map((directive) => {
    if (directive.startsWith('style-src')) return `style-src 'sha256-${hash}'`
    return directive.startsWith('script-src') ? "script-src 'none'" : directive
  })
  return { text: raw(css), policy: policy.join('; ') }
}
