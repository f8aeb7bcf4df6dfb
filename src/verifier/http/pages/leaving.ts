/**
 * The page that takes the browser back to the tenant's `/continue` with the continue token: a form
 * post, because Auth0 advises it against replays, or a plain navigation where a tenant's Action
 * expects one. It is a page and not a redirect, because Chromium would hold a redirect, and every hop
 * after it, to the arrival page's `form-action`.
 */
import { html } from 'hono/html'
import type { Brand } from './brand.ts'
import { type Html, type Page, pageOf } from './layout.ts'
import { LEAVING_SCRIPT } from './leaving-script.ts'
import type { Wording } from './wording.ts'

export interface Leaving {
  readonly brand: Brand
  readonly wording: Wording
  /** From the tenant registry: never anything that a request said. */
  readonly continueOrigin: string
  readonly method: 'post' | 'get'
  /** The parameter that the Action's `validateToken` reads. */
  readonly tokenParameter: string
  readonly continueToken: string
  readonly state: string
  /** How long the continue token is good for from now. */
  readonly seconds: number
}

export function leavingPage(leaving: Leaving): Page {
  const url = new URL('/continue', leaving.continueOrigin)
  url.searchParams.set('state', leaving.state)
  if (leaving.method === 'get') url.searchParams.set(leaving.tokenParameter, leaving.continueToken)
  const { brand, wording } = leaving
  const heading = wording.words.leaving
  return pageOf({
    wording,
    heading,
    brand,
    content: html`<h1>${heading}</h1>
${leaving.method === 'get' ? link(url, leaving) : form(url, leaving)}`,
    ...(leaving.method === 'get'
      ? {
          head: html`<noscript><meta http-equiv="refresh" content="0; url=${url.href}"></noscript>`,
        }
      : {}),
    script: LEAVING_SCRIPT,
    referrerPolicy: 'no-referrer',
  })
}

const form = (url: URL, { state, tokenParameter, continueToken, seconds, wording }: Leaving) =>
  html`<form method="post" action="${url.href}" autocomplete="off" data-seconds="${seconds}">
<input type="hidden" name="${tokenParameter}" value="${continueToken}">
<input type="hidden" name="state" value="${state}">
${ask(wording, html`<button class="button" type="submit" id="go">${wording.words.goOn}</button>`)}
</form>`

const link = (url: URL, { seconds, wording }: Leaving) =>
  ask(
    wording,
    html`<a class="button" id="go" href="${url.href}" data-seconds="${seconds}">${wording.words.goOn}</a>`,
  )

const ask = ({ words }: Wording, button: Html) =>
  html`<div class="wait" role="progressbar" aria-label="${words.working}"></div>
<div class="ask">
<p>${words.pressGoOn}</p>
${button}
</div>`
