/** Reads our own pages in tests. Not a parser of HTML: it knows how these pages are written. */

export interface PageForm {
  readonly action: string | undefined
  readonly method: string | undefined
  readonly seconds: string | undefined
  /** Hidden fields by name. */
  readonly fields: Readonly<Record<string, string>>
}

export function formOf(html: string): PageForm {
  const [tag = ''] = /<form [^>]*>/.exec(html) ?? []
  const inputs = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  return {
    action: attribute(tag, 'action'),
    method: attribute(tag, 'method'),
    seconds: attribute(tag, 'data-seconds'),
    fields: Object.fromEntries([...inputs].map(([, name, value]) => [decode(name), decode(value)])),
  }
}

/** What a person reads: the title and the body without styles, scripts and tags. */
export const textOf = (html: string) =>
  decode(
    html
      .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' '),
  ).trim()

/** Every tag's name, in order: a payload that became markup adds one. */
export const tagsOf = (html: string) =>
  [...html.matchAll(/<([a-z!][a-z0-9]*)/gi)].map(([, name]) => name)

/** Every attribute of every tag. A `<`, `>` or `"` of a value is escaped, so none ends one early. */
export const attributesOf = (html: string) =>
  [...html.matchAll(/<[a-z][^>]*>/gi)].flatMap(([tag]) =>
    [...tag.matchAll(/ ([a-z-]+)="([^"]*)"/gi)].map(([, name = '', value]) => ({
      name,
      value: decode(value),
    })),
  )

function attribute(tag: string, name: string): string | undefined {
  const [, value] = new RegExp(` ${name}="([^"]*)"`).exec(tag) ?? []
  return value === undefined ? undefined : decode(value)
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}
const decode = (text = '') =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? '')
