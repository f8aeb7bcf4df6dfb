/**
 * The page that a redirect from Auth0 arrives at. Nothing has happened yet when it is sent: only its
 * form, posted back by a person's browser, consumes anything. It works without script by its button.
 */
import { html } from 'hono/html'
import type { Flow } from '../../domain/session.ts'
import { ARRIVAL_SCRIPT } from './arrival-script.ts'
import type { Brand } from './brand.ts'
import { type Html, layout, type Page } from './layout.ts'

export interface Arrival {
  readonly brand: Brand
  readonly flow: Flow
  readonly token: string
  readonly state: string
  readonly requireClick: boolean
}

const HEADINGS: Record<Flow, string> = {
  password_reset: "One moment, we're confirming this reset.",
  login: "One moment, we're confirming this sign-in.",
}

export function arrivalPage({ brand, flow, token, state, requireClick }: Arrival): Page {
  const heading = HEADINGS[flow]
  return arrivalLayout(
    brand,
    heading,
    html`<h1>${heading}</h1>
${form({ token, state, requireClick })}`,
  )
}

/**
 * A reload, or a way back, after the script took the parameters out of the address: the script
 * restores them from this tab's sessionStorage. Without script, or in another tab, nothing is left.
 */
export function barePage(brand: Brand): Page {
  return arrivalLayout(
    brand,
    'One moment',
    html`<div id="lost">
<h1>Open the link in the e-mail again.</h1>
<p>This page can only be opened from that link.</p>
</div>
<div id="found" hidden>
<h1>One moment, we're confirming this.</h1>
${form({ token: '', state: '', requireClick: false })}
</div>`,
  )
}

const arrivalLayout = (brand: Brand, heading: string, content: Html) =>
  layout({
    heading,
    brand,
    content,
    script: ARRIVAL_SCRIPT,
    formAction: "'self'",
    referrerPolicy: 'same-origin',
  })

/** `autocomplete="off"`: a browser must not put an earlier visit's values back into the fields. */
const form = (values: Pick<Arrival, 'token' | 'state' | 'requireClick'>) =>
  html`<form method="post" action="/verify" autocomplete="off" data-click="${values.requireClick ? 'yes' : 'no'}">
<input type="hidden" name="session_token" value="${values.token}">
<input type="hidden" name="state" value="${values.state}">
<input type="hidden" name="script" value="0">
<input type="hidden" name="webdriver" value="">
<input type="hidden" name="elapsed_ms" value="">
<input type="hidden" name="time_zone" value="">
<div class="wait" role="progressbar" aria-label="Working"></div>
<div class="ask">
<p>Press Continue to go on.</p>
<button class="button" type="submit" id="go">Continue</button>
</div>
</form>`
