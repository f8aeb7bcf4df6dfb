/**
 * The page that a redirect from Auth0 arrives at. Nothing has happened yet when it is sent: only its
 * form, posted back by a person's browser, consumes anything. It works without script by its button.
 */
import { html } from 'hono/html'
import type { HumanQuestion } from '../../human-check.ts'
import { TURNSTILE_ACTION } from '../../human-check-turnstile.ts'
import { ARRIVAL_SCRIPT } from './arrival-script.ts'
import type { Brand } from './brand.ts'
import { type Html, layout, type Page, type Policies, TURNSTILE_ORIGIN } from './layout.ts'
import { type Fill, type Outline, outline, PLACE, prepare } from './outline.ts'
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
  readonly human?: HumanQuestion | undefined
}

export function arrivalPage(arrival: Arrival): Page {
  const { token, state, human } = arrival
  const { fill, contentSecurityPolicy, referrerPolicy } = preparedOf(arrival)
  const body = human === undefined ? fill(token, state) : fill(token, state, ...answersOf(human))
  return { body, contentSecurityPolicy, referrerPolicy }
}

type Prepared = Policies & { readonly fill: Fill }

/** Some ten megabytes. Beyond it all are made anew: that costs time, and no more than a page each. */
const MOST_PREPARED = 1000

/**
 * By the brand, which lives as long as the settings it was made of, and by words of our own: nothing that
 * a request says makes a key, and nothing of a request is kept.
 */
let prepared = new WeakMap<Brand, Map<string, Prepared>>()
let count = 0

function preparedOf(arrival: Arrival): Prepared {
  const { brand, wording, address, requireClick, human } = arrival
  const key = `${wording.language} ${wording.flow} ${address} ${requireClick} ${human?.kind}`
  const known = prepared.get(brand)?.get(key)
  if (known !== undefined) return known
  if (count >= MOST_PREPARED) {
    prepared = new WeakMap()
    count = 0
  }
  const heading = wording.words.arrival
  const { body, ...policies } = arrivalLayout(
    { ...arrival, ask: human?.kind },
    heading,
    outline`<h1>${heading}</h1>
${form(arrival)}`,
  )
  const made = { fill: prepare(body), ...policies }
  const pages = prepared.get(brand) ?? new Map()
  prepared.set(brand, pages.set(key, made))
  count += 1
  return made
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
  const { body, ...policies } = arrivalLayout(
    { ...bare, ask: bare.proves ? 'proof_of_work' : undefined },
    words.moment,
    outline`<div id="lost">
<h1>${words.reopen}</h1>
<p>${words.onlyFromThere}</p>
</div>
<div id="found" hidden>
<h1>${words.confirming}</h1>
${form({ ...bare, requireClick: false })}
</div>`,
  )
  return { body: prepare(body)('', ''), ...policies }
}

const arrivalLayout = (
  {
    brand,
    wording,
    ask,
  }: Pick<Arrival, 'brand' | 'wording'> & { readonly ask: HumanQuestion['kind'] | undefined },
  heading: Html,
  content: Outline,
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

/**
 * Places for token, state and what `answersOf` gives. `autocomplete="off"`: a browser must not put an
 * earlier visit's values back into the fields.
 */
const form = ({
  wording: { words },
  address,
  requireClick,
  human,
}: Omit<Arrival, 'brand' | 'token' | 'state'>) =>
  outline`<form method="post" action="${address}" autocomplete="off" data-click="${requireClick ? 'yes' : 'no'}">
<input type="hidden" name="session_token" value="${PLACE}">
<input type="hidden" name="state" value="${PLACE}">
<input type="hidden" name="script" value="0">
<input type="hidden" name="webdriver" value="">
<input type="hidden" name="elapsed_ms" value="">
<input type="hidden" name="time_zone" value="">
${human && question(human.kind)}
<div class="wait" role="progressbar" aria-label="${words.working}"></div>
<div class="ask">
<p>${words.pressGoOn}</p>
<button class="button" type="submit" id="go">${words.goOn}</button>
</div>
</form>`

/** Where the answer goes, and beside it what the script or the widget has to know. */
const question = (kind: HumanQuestion['kind']) =>
  kind === 'proof_of_work'
    ? outline`<input type="hidden" name="human" value="" data-challenge="${PLACE}">`
    : outline`<input type="hidden" name="human" value="">
<div class="cf-turnstile" data-sitekey="${PLACE}" data-action="${TURNSTILE_ACTION}" data-cdata="${PLACE}" data-response-field="false" data-callback="humanAnswered" data-error-callback="humanUnanswered" data-appearance="interaction-only"></div>`

/** What `question` leaves open, in its order. */
function answersOf(human: HumanQuestion): readonly string[] {
  return human.kind === 'proof_of_work' ? [human.challenge] : [human.siteKey, human.boundTo]
}
