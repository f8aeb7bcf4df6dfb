/**
 * A fixed script or style of a page together with the Content-Security-Policy source that allows
 * exactly it. Fixed texts and hashes instead of nonces: nothing of a request ever enters one.
 */
import { createHash } from 'node:crypto'
import { raw } from 'hono/html'

export interface Inline {
  readonly text: ReturnType<typeof raw>
  /** `'sha256-…'` */
  readonly source: string
}

export const inline = (text: string): Inline => ({
  text: raw(text),
  source: `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
})
