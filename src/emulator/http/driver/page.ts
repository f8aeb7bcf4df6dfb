/**
 * One loaded page: its words, links and forms, with addresses resolved as a browser would.
 */
import { type Token, tokensOf } from './html.ts'

export interface Link {
  readonly text: string
  /** Absolute. */
  readonly href: string
}

export interface Button {
  readonly text: string
  readonly value: string
  readonly name?: string
  /** Absolute; stands over the form's. */
  readonly action?: string
}

export interface Form {
  readonly method: 'GET' | 'POST'
  /** Absolute. */
  readonly action: string
  /** What would be sent without anybody typing: hidden and preset values. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly buttons: readonly Button[]
  readonly id?: string
  /** The page asks for it to be sent at once (`data-auto-submit`). */
  readonly autoSubmit: boolean
}

export interface Page {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  /** The body as it came. */
  readonly body: string
  readonly title: string
  /** The words a person reads, white space folded. */
  readonly text: string
  readonly links: readonly Link[]
  readonly forms: readonly Form[]
  /** Absolute address of a `<meta http-equiv="refresh">`. */
  readonly refresh?: string
  /** The policy requests from this page follow. */
  readonly referrerPolicy: string
}

type Attributes = ReadonlyMap<string, string>
type Opening = Extract<Token, { kind: 'open' }>

const fold = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
const resolve = (href: string, base: string) =>
  URL.canParse(href, base) ? new URL(href, base).href : href

/** The text between an opening tag and its end tag, nested tags left out. */
function textWithin(tokens: readonly Token[], from: number, name: string): string {
  let text = ''
  for (const token of tokens.slice(from + 1)) {
    if (token.kind === 'close' && token.name === name) break
    if (token.kind === 'text') text += token.text
  }
  return fold(text)
}

/** The form whose opening tag stands at `start`, up to its end tag. */
function formAt(tokens: readonly Token[], start: number, base: string): Form {
  const opening = tokens[start] as Opening
  const fields: [string, string][] = []
  const buttons: Button[] = []
  let select: { name: string; value: string | undefined; first: string | undefined } | undefined

  const addButton = (attributes: Attributes, text: string) => {
    const name = attributes.get('name')
    const action = attributes.get('formaction')
    buttons.push({
      text,
      value: attributes.get('value') ?? '',
      ...(name === undefined ? {} : { name }),
      ...(action === undefined ? {} : { action: resolve(action, base) }),
    })
  }
  const addInput = (attributes: Attributes) => {
    const name = attributes.get('name')
    const type = (attributes.get('type') ?? 'text').toLowerCase()
    if (type === 'submit') return addButton(attributes, attributes.get('value') ?? '')
    if (!name || attributes.has('disabled') || type === 'button' || type === 'reset') return
    if ((type === 'checkbox' || type === 'radio') && !attributes.has('checked')) return
    const preset = type === 'checkbox' || type === 'radio' ? 'on' : ''
    fields.push([name, attributes.get('value') ?? preset])
  }

  for (let index = start + 1; index < tokens.length; index += 1) {
    const token = tokens[index] as Token
    if (token.kind === 'close' && token.name === 'form') break
    if (token.kind === 'close' && token.name === 'select' && select) {
      fields.push([select.name, select.value ?? select.first ?? ''])
      select = undefined
    }
    if (token.kind !== 'open') continue
    const { name, attributes } = token
    if (name === 'input') addInput(attributes)
    if (name === 'button' && (attributes.get('type') ?? 'submit') === 'submit')
      addButton(attributes, textWithin(tokens, index, 'button'))
    if (name === 'textarea' && attributes.get('name'))
      fields.push([attributes.get('name') as string, textWithin(tokens, index, 'textarea')])
    if (name === 'select' && attributes.get('name'))
      select = { name: attributes.get('name') as string, value: undefined, first: undefined }
    if (name === 'option' && select) {
      const value = attributes.get('value') ?? textWithin(tokens, index, 'option')
      select.first ??= value
      if (attributes.has('selected')) select.value = value
    }
  }

  const id = opening.attributes.get('id')
  return {
    method: opening.attributes.get('method')?.toLowerCase() === 'post' ? 'POST' : 'GET',
    action: resolve(opening.attributes.get('action') || base, base),
    fields,
    buttons,
    ...(id === undefined ? {} : { id }),
    autoSubmit: opening.attributes.has('data-auto-submit'),
  }
}

const UNSEEN = new Set(['script', 'style', 'title', 'template'])

function wordsOf(tokens: readonly Token[]): string {
  let words = ''
  let unseen: string | undefined
  for (const token of tokens) {
    if (token.kind === 'open' && UNSEEN.has(token.name)) unseen ??= token.name
    else if (token.kind === 'close' && token.name === unseen) unseen = undefined
    else if (token.kind === 'text') words += unseen ? '' : token.text
    else words += /^(a|b|i|em|strong|span|code)$/.test(token.name) ? '' : ' '
  }
  return fold(words)
}

const DEFAULT_REFERRER_POLICY = 'strict-origin-when-cross-origin'

export function readPage(
  url: string,
  response: { readonly status: number; readonly headers: Headers },
  body: string,
): Page {
  const isHtml = /html/.test(response.headers.get('content-type') ?? '')
  const tokens = isHtml ? tokensOf(body) : []
  const links: Link[] = []
  const forms: Form[] = []
  let title = ''
  let refresh: string | undefined
  let policy = response.headers.get('referrer-policy')?.split(',').at(-1)?.trim()
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'open') continue
    const { name, attributes } = token
    const href = attributes.get('href')
    if (name === 'a' && href !== undefined)
      links.push({ text: textWithin(tokens, index, 'a'), href: resolve(href, url) })
    if (name === 'form') forms.push(formAt(tokens, index, url))
    if (name === 'title') title = textWithin(tokens, index, 'title')
    if (name === 'meta' && attributes.get('name') === 'referrer') policy = attributes.get('content')
    if (name === 'meta' && attributes.get('http-equiv')?.toLowerCase() === 'refresh') {
      const target = /^\s*[\d.]*\s*[;,]?\s*url\s*=\s*['"]?(.*?)['"]?\s*$/i.exec(
        attributes.get('content') ?? '',
      )?.[1]
      if (target) refresh = resolve(target, url)
    }
  }
  return {
    url,
    status: response.status,
    headers: response.headers,
    body,
    title,
    text: isHtml ? wordsOf(tokens) : body,
    links,
    forms,
    ...(refresh === undefined ? {} : { refresh }),
    referrerPolicy: policy || DEFAULT_REFERRER_POLICY,
  }
}
