/**
 * HTML with places left open. What is the same for everybody is written out once; what a request brings
 * goes into the places and nowhere else, escaped there as everywhere.
 */
import { Buffer } from 'node:buffer'
import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** Stands in a template where a value of the request will. */
export const PLACE = Symbol('place')

export interface Outline {
  /** What stands before, between and after the places. */
  readonly pieces: readonly string[]
}

/** As `html`, with places; an outline inside another brings its places along. */
export function outline(
  strings: TemplateStringsArray,
  ...values: readonly (Outline | Html | string | typeof PLACE | false | undefined)[]
): Outline {
  const pieces: string[] = []
  let piece = ''
  for (let at = 0; at < strings.length; at += 1) {
    piece += strings[at]
    const value = values[at]
    if (value === PLACE) {
      pieces.push(piece)
      piece = ''
    } else if (isOutline(value)) {
      for (const [inner, text] of value.pieces.entries()) {
        if (inner > 0) {
          pieces.push(piece)
          piece = ''
        }
        piece += text
      }
    } else piece += written(value)
  }
  return { pieces: [...pieces, piece] }
}

const isOutline = (value: unknown): value is Outline =>
  typeof value === 'object' && value !== null && 'pieces' in value

/** Escaped unless it is HTML already. */
function written(value: unknown): string {
  const text = html`${value}`
  if (text instanceof Promise) throw new Error('a page waits for nothing')
  return String(text)
}

/** The bytes of an outline without places. */
export function bytesOf({ pieces }: Outline): Uint8Array<ArrayBuffer> {
  if (pieces.length > 1) throw new Error('a page has a value for each place')
  return Buffer.from(pieces[0] as string)
}

/** Takes one value for each place, in their order. */
export type Fill = (...values: readonly string[]) => Uint8Array<ArrayBuffer>

/** Keeps the outline as the bytes that are sent: for one that is filled in many times. */
export function prepare({ pieces }: Outline): Fill {
  const fixed = pieces.map((piece) => Buffer.from(piece))
  const fixedBytes = fixed.reduce((sum, piece) => sum + piece.length, 0)
  return (...values) => {
    if (values.length !== fixed.length - 1) throw new Error('a page has a value for each place')
    const texts = values.map(written)
    let bytes = fixedBytes
    for (const text of texts) bytes += Buffer.byteLength(text)
    const page = Buffer.allocUnsafe(bytes)
    let end = 0
    for (const [at, piece] of fixed.entries()) {
      if (at > 0) end += page.write(texts[at - 1] as string, end)
      page.set(piece, end)
      end += piece.length
    }
    // Memory that is not written over holds what others left there.
    if (end !== bytes) throw new Error('a page has as many bytes as were counted')
    return page
  }
}
