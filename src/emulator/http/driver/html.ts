/**
 * HTML as a flat run of tags and text, in the order and with the repairs of a browser's own parser:
 * enough to find forms, links and words on a page. Everything that reads pages reads them through `tokensOf`.
 */
import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5'

export type Token =
  | {
      readonly kind: 'open'
      readonly name: string
      readonly attributes: ReadonlyMap<string, string>
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }

/**
 * What a browser without scripts makes of the page: `noscript` is shown, the content of a `template` is
 * not part of it. Every element that is opened is closed, also where its end tag was left out.
 */
export function tokensOf(html: string): readonly Token[] {
  const tokens: Token[] = []
  for (const node of parse(html, { scriptingEnabled: false }).childNodes) add(node, tokens)
  return tokens
}

function add(node: Tree.ChildNode, tokens: Token[]): void {
  if ('value' in node) {
    tokens.push({ kind: 'text', text: node.value })
    return
  }
  // Comments and the doctype are nobody's words.
  if (!('tagName' in node)) return
  const attributes = new Map(node.attrs.map(({ name, value }) => [name, value]))
  tokens.push({ kind: 'open', name: node.tagName, attributes })
  for (const child of node.childNodes) add(child, tokens)
  tokens.push({ kind: 'close', name: node.tagName })
}
