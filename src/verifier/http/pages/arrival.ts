/**
 * The page that a redirect from Auth0 arrives at. Nothing has happened yet when it is sent: only its
 * form, posted back by a person's browser, consumes anything. It works without script by its button.
 */
import { html } from 'hono/html'
import { ARRIVAL_SCRIPT } from './arrival-script.ts'
import type { Brand } from './brand.ts'
import { type Html, layout, type Page } from './layout.ts'
import type { Wording } from './wording.ts'

export interface Arrival {
  readonly brand: Brand
  readonly wording: Wording
  /** Where the form posts to. */
  readonly address: string
  readonly token: string
  readonly state: string
  readonly requireClick: boolean
}

export function arrivalPage(arrival: Arrival): Page {
  const heading = arrival.wording.words.arrival
  return arrivalLayout(
    arrival,
    heading,
    html`<h1>${heading}</h1>
${form(arrival)}`,
  )
}

/**
 * A reload, or a way back, after the script took the parameters out of the address: the script
 * restores them from this tab's sessionStorage. Without script, or in another tab, nothing is left.
 */
export function barePage(bare: Pick<Arrival, 'brand' | 'wording' | 'address'>): Page {
  const { words } = bare.wording
  return arrivalLayout(
    bare,
    words.moment,
    html`<div id="lost">
<h1>${words.reopen}</h1>
<p>${words.onlyFromThere}</p>
</div>
<div id="found" hidden>
<h1>${words.confirming}</h1>
${form({ ...bare, token: '', state: '', requireClick: false })}
</div>`,
  )
}

const arrivalLayout = (
  { brand, wording }: Pick<Arrival, 'brand' | 'wording'>,
  heading: Html,
  content: Html,
) =>
  layout({
    wording,
    heading,
    brand,
    content,
    script: ARRIVAL_SCRIPT,
    formAction: "'self'",
    referrerPolicy: 'same-origin',
  })

/** `autocomplete="off"`: a browser must not put an earlier visit's values back into the fields. */
const form = ({ wording: { words }, address, token, state, requireClick }: Arrival) =>
  html`<form method="post" action="${address}" autocomplete="off" data-click="${requireClick ? 'yes' : 'no'}">
<input type="hidden" name="session_token" value="${token}">
<input type="hidden" name="state" value="${state}">
<input type="hidden" name="script" value="0">
<input type="hidden" name="webdriver" value="">
<input type="hidden" name="elapsed_ms" value="">
<input type="hidden" name="time_zone" value="">
<div class="wait" role="progressbar" aria-label="${words.working}"></div>
<div class="ask">
<p>${words.pressGoOn}</p>
<button class="button" type="submit" id="go">${words.goOn}</button>
</div>
</form>`
