/**
 * What a person reads when a request is refused: one sentence, one next step, one code to quote.
 * Says nothing of why: the log holds the reason under the same code.
 */
import { html } from 'hono/html'
import type { PublicAnswer } from '../../domain/rejection.ts'
import type { Brand } from './brand.ts'
import { inline } from './inline.ts'
import { type Html, layout, type Page } from './layout.ts'

export interface Refused {
  readonly brand: Brand
  readonly code: PublicAnswer['code']
  readonly reference: string
}

/** The refused link may sit in the address bar: it has no business in the history. */
const SCRIPT = inline("history.replaceState(null, '', location.pathname)")

interface Text {
  readonly heading: string
  readonly next: string
  /** The button: where a tenant lets people start again, or this tab's own attempt once more. */
  readonly button?: 'restart' | 'retry'
}

const OPEN_AGAIN: Text = {
  heading: 'This page could not be opened.',
  next: 'Open the link in the e-mail again.',
}

const TEXTS: Record<PublicAnswer['code'], Text> = {
  token_not_usable: {
    heading: 'This link no longer works.',
    next: 'Ask for a new one.',
    button: 'restart',
  },
  wrong_browser: {
    heading: 'Continue in the browser where you opened the e-mail.',
    next: 'Open the link in the e-mail again there, with cookies allowed.',
  },
  unavailable: {
    heading: "We can't check this right now.",
    next: 'Your link still works: try again in a minute.',
    button: 'retry',
  },
  bad_request: { heading: 'This link is incomplete.', next: 'Open the link in the e-mail again.' },
  framed: {
    heading: 'This page only works in a window of its own.',
    next: 'Open the link in the e-mail in a new window.',
  },
  internal: {
    heading: 'Something went wrong on our side.',
    next: 'Open the link in the e-mail again.',
  },
  not_found: { heading: 'There is no such page.', next: 'Open the link in the e-mail again.' },
  prefetch: OPEN_AGAIN,
  cross_site: OPEN_AGAIN,
  method_not_allowed: OPEN_AGAIN,
  body_too_large: OPEN_AGAIN,
  content_type_unsupported: OPEN_AGAIN,
}

export function errorPage({ brand, code, reference }: Refused): Page {
  const { heading, next, button } = TEXTS[code]
  return layout({
    heading,
    brand,
    content: html`<h1>${heading}</h1>
<p>${next}</p>
${buttonOf(button, brand)}
<p class="code">Reference <code>${reference}</code>${brand.supportUrl && html` <a href="${brand.supportUrl}">Contact support</a>`}</p>`,
    script: SCRIPT,
    formAction: "'none'",
    referrerPolicy: 'same-origin',
  })
}

function buttonOf(button: Text['button'], { restartUrl }: Brand): Html | '' {
  if (button === 'retry') return html`<a class="button" href="/verify">Try again</a>`
  if (button === 'restart' && restartUrl !== undefined) {
    return html`<a class="button" href="${restartUrl}">Ask for a new link</a>`
  }
  return ''
}
