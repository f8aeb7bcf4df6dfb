/**
 * The page that a redirect from Auth0 arrives at. Nothing has happened yet when it is sent: only its
 * form, posted back by a person's browser, consumes anything. It works without script by its button.
 */
import { html } from 'hono/html'
import type { HumanQuestion } from '../../human-check.ts'
import { TURNSTILE_ACTION } from '../../human-check-turnstile.ts'
import { ARRIVAL_SCRIPT } from './arrival-script.ts'
import type { Brand } from './brand.ts'
import { type Html, layout, type Page, TURNSTILE_ORIGIN } from './layout.ts'
import type { Wording } from './wording.ts'

const TURNSTILE_SCRIPT = `${TURNSTILE_ORIGIN}/turnstile/v0/api.js`

export interface Arrival {
  readonly brand: Brand
  readonly wording: Wording
  /** Where the form posts to. */
  readonly address: string
  readonly token: string
  readonly state: string
  readonly requireClick: boolean
  /** What the browser is asked to prove; absent: nothing. */
  readonly human?: HumanQuestion
}

export function arrivalPage(arrival: Arrival): Page {
  const heading = arrival.wording.words.arrival
  return arrivalLayout(
    { ...arrival, ask: arrival.human?.kind },
    heading,
    html`<h1>${heading}</h1>
${form(arrival)}`,
  )
}

/**
 * A reload, or a way back, after the script took the parameters out of the address: the script
 * restores them from this tab's sessionStorage. Without script, or in another tab, nothing is left.
 */
export function barePage(
  bare: Pick<Arrival, 'brand' | 'wording' | 'address'> & {
    /** A tab may have kept a challenge; what it shows of Turnstile it cannot restore. */
    readonly proves?: boolean
  },
): Page {
  const { words } = bare.wording
  return arrivalLayout(
    { ...bare, ask: bare.proves ? 'proof_of_work' : undefined },
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
  {
    brand,
    wording,
    ask,
  }: Pick<Arrival, 'brand' | 'wording'> & { readonly ask: HumanQuestion['kind'] | undefined },
  heading: Html,
  content: Html,
) =>
  layout({
    wording,
    heading,
    brand,
    content,
    script: ARRIVAL_SCRIPT,
    ...(ask === undefined ? {} : { ask }),
    ...(ask === 'turnstile'
      ? { head: html`<script src="${TURNSTILE_SCRIPT}" async defer></script>` }
      : {}),
    formAction: "'self'",
    referrerPolicy: 'same-origin',
  })

/** `autocomplete="off"`: a browser must not put an earlier visit's values back into the fields. */
const form = ({ wording: { words }, address, token, state, requireClick, human }: Arrival) =>
  html`<form method="post" action="${address}" autocomplete="off" data-click="${requireClick ? 'yes' : 'no'}">
<input type="hidden" name="session_token" value="${token}">
<input type="hidden" name="state" value="${state}">
<input type="hidden" name="script" value="0">
<input type="hidden" name="webdriver" value="">
<input type="hidden" name="elapsed_ms" value="">
<input type="hidden" name="time_zone" value="">
${human && question(human)}
<div class="wait" role="progressbar" aria-label="${words.working}"></div>
<div class="ask">
<p>${words.pressGoOn}</p>
<button class="button" type="submit" id="go">${words.goOn}</button>
</div>
</form>`

/** Where the answer goes, and beside it what the script or the widget has to know. */
const question = (human: HumanQuestion) =>
  human.kind === 'proof_of_work'
    ? html`<input type="hidden" name="human" value="" data-challenge="${human.challenge}">`
    : html`<input type="hidden" name="human" value="">
<div class="cf-turnstile" data-sitekey="${human.siteKey}" data-action="${TURNSTILE_ACTION}" data-cdata="${human.boundTo}" data-response-field="false" data-callback="humanAnswered" data-error-callback="humanUnanswered" data-appearance="interaction-only"></div>`
