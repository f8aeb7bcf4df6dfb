/**
 * HTML as a flat run of tags and text: enough to find forms, links and words on a page.
 * Not a browser's parser: it repairs nothing. Everything that reads pages reads them through `tokensOf`.
 */

export type Token =
  | {
      readonly kind: 'open'
      readonly name: string
      readonly attributes: ReadonlyMap<string, string>
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
}

function decode(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd'
  })
}

/** Elements whose content is text up to their own end tag, and whether entities count in it. */
const RAW: ReadonlyMap<string, boolean> = new Map([
  ['script', false],
  ['style', false],
  ['title', true],
  ['textarea', true],
])

const TAG = /<!--[\s\S]*?-->|<![^>]*>|<(\/?)([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi
const ATTRIBUTE = /([^\s=/>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g

function attributesOf(text: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name, double, single, bare] of text.matchAll(ATTRIBUTE)) {
    const key = (name as string).toLowerCase()
    if (!attributes.has(key)) attributes.set(key, decode(double ?? single ?? bare ?? ''))
  }
  return attributes
}

export function tokensOf(html: string): readonly Token[] {
  const tokens: Token[] = []
  const text = (part: string, decoded = true) => {
    if (part) tokens.push({ kind: 'text', text: decoded ? decode(part) : part })
  }
  let position = 0
  TAG.lastIndex = 0
  for (let tag = TAG.exec(html); tag; tag = TAG.exec(html)) {
    text(html.slice(position, tag.index))
    position = TAG.lastIndex
    const [, slash, given, rest] = tag
    if (given === undefined) continue
    const name = given.toLowerCase()
    if (slash) {
      tokens.push({ kind: 'close', name })
      continue
    }
    tokens.push({ kind: 'open', name, attributes: attributesOf(rest ?? '') })
    const decoded = RAW.get(name)
    if (decoded === undefined) continue
    const end = html.toLowerCase().indexOf(`</${name}`, position)
    text(html.slice(position, end < 0 ? undefined : end), decoded)
    position = end < 0 ? html.length : end
    TAG.lastIndex = position
  }
  text(html.slice(position))
  return tokens
}
