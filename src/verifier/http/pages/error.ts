/**
 * What a person reads when a request is refused: one sentence, one next step, one code to quote.
 * Says nothing of why: the log holds the reason under the same code.
 */
import { html } from 'hono/html'
import type { PublicAnswer } from '../../domain/rejection.ts'
import type { Brand } from './brand.ts'
import { inline } from './inline.ts'
import { type Html, type Page, pageOf } from './layout.ts'
import type { Word, Wording } from './wording.ts'

export interface Refused {
  readonly brand: Brand
  readonly wording: Wording
  /** Where this tab's own attempt goes on. */
  readonly address: string
  readonly code: PublicAnswer['code']
  readonly reference: string
}

/** The refused link may sit in the address bar: it has no business in the history. */
const SCRIPT = inline("history.replaceState(null, '', location.pathname)")

interface Told {
  readonly heading: Word
  readonly next: Word
  /** The button: where a tenant lets people start again, or this tab's own attempt once more. */
  readonly button?: 'restart' | 'retry'
}

const NOT_OPENED: Told = { heading: 'notOpened', next: 'reopen' }

const TOLD: Record<PublicAnswer['code'], Told> = {
  token_not_usable: { heading: 'used', next: 'usedNext', button: 'restart' },
  wrong_browser: { heading: 'otherBrowser', next: 'otherBrowserNext' },
  unavailable: { heading: 'outage', next: 'outageNext', button: 'retry' },
  too_many: { heading: 'outage', next: 'outageNext', button: 'retry' },
  bad_request: { heading: 'incomplete', next: 'reopen' },
  framed: { heading: 'ownWindow', next: 'ownWindowNext' },
  internal: { heading: 'ourFault', next: 'reopen' },
  not_found: { heading: 'noSuchPage', next: 'reopen' },
  prefetch: NOT_OPENED,
  cross_site: NOT_OPENED,
  method_not_allowed: NOT_OPENED,
  body_too_large: NOT_OPENED,
  content_type_unsupported: NOT_OPENED,
}

export function errorPage(refused: Refused): Page {
  const { brand, wording, reference } = refused
  const { heading, next, button } = TOLD[refused.code]
  const { words } = wording
  return pageOf({
    wording,
    heading: words[heading],
    brand,
    content: html`<h1>${words[heading]}</h1>
<p>${words[next]}</p>
${buttonOf(button, refused)}
<p class="code">${words.reference} <code dir="ltr">${reference}</code>${brand.supportUrl && html` <a href="${brand.supportUrl}">${words.contactSupport}</a>`}</p>`,
    script: SCRIPT,
    formAction: "'none'",
    referrerPolicy: 'same-origin',
  })
}

function buttonOf(
  button: Told['button'],
  { brand: { restartUrl }, wording: { words }, address }: Refused,
): Html | '' {
  if (button === 'retry') return html`<a class="button" href="${address}">${words.tryAgain}</a>`
  if (button === 'restart' && restartUrl !== undefined) {
    return html`<a class="button" href="${restartUrl}">${words.restart}</a>`
  }
  return ''
}
