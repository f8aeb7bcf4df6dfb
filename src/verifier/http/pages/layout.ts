/** The frame of every page, and the policy that goes with it: one cannot be sent without the other. */
import { html } from 'hono/html'
import type { HumanQuestion } from '../../human-check.ts'
import type { Brand } from './brand.ts'
import type { Inline } from './inline.ts'
import { bytesOf, type Outline, outline } from './outline.ts'
import { STYLE } from './style.ts'
import type { Wording } from './wording.ts'

export type Html = ReturnType<typeof html>

export interface Page extends Policies {
  /** UTF-8. */
  readonly body: Uint8Array<ArrayBuffer>
}

export interface Policies {
  readonly contentSecurityPolicy: string
  /** `same-origin` keeps the Origin header on our own post; `no-referrer` is for the way out. */
  readonly referrerPolicy: 'same-origin' | 'no-referrer'
}

export interface Layout {
  readonly wording: Wording
  readonly heading: Html
  readonly brand: Brand
  readonly content: Html | Outline
  readonly head?: Html
  readonly script?: Inline
  /** Which human check the page runs: it decides what the policy lets in. */
  readonly ask?: HumanQuestion['kind']
  /** Absent on the way out: Chromium holds every later hop, the application's own too, to it. */
  readonly formAction?: "'self'" | "'none'"
  readonly referrerPolicy: Policies['referrerPolicy']
}

/** A page without places: for one request. */
export function pageOf(page: Layout): Page {
  const { body, ...policies } = layout(page)
  return { body: bytesOf(body), ...policies }
}

/** The places are those of the content. */
export function layout(page: Layout): Policies & { readonly body: Outline } {
  const { wording, heading, brand, content, head, script } = page
  const { name, logoUrl, colors } = brand
  return {
    body: outline`<!doctype html>
<html lang="${wording.language}" dir="${wording.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${heading}${name !== undefined && html` · ${name}`}</title>
<style>${STYLE.text}</style>
${colors && html`<style>${colors.text}</style>`}
${head}
</head>
<body>
<main>
${brandLine(name, logoUrl)}
${content}
</main>
${script && html`<script>${script.text}</script>`}
</body>
</html>
`,
    contentSecurityPolicy: policyOf(page),
    referrerPolicy: page.referrerPolicy,
  }
}

function brandLine(name: string | undefined, logoUrl: string | undefined) {
  if (logoUrl !== undefined) {
    return html`<div class="brand"><img src="${logoUrl}" alt="${name ?? ''}" referrerpolicy="no-referrer"></div>`
  }
  return name === undefined ? '' : html`<div class="brand" dir="auto">${name}</div>`
}

/** Whose script and frame a page with Turnstile runs. */
export const TURNSTILE_ORIGIN = 'https://challenges.cloudflare.com'
/** The one name under which the arrival page's script may make an address of a script. */
export const TRUSTED_TYPES_POLICY = 'redirect-verifier'

function policyOf({ brand, script, formAction, ask }: Layout) {
  const styles = [STYLE.source, ...(brand.colors ? [brand.colors.source] : [])]
  const images = ["'self'", ...(brand.logoSource === undefined ? [] : [brand.logoSource])]
  return [
    "default-src 'none'",
    ...(script
      ? [`script-src ${script.source}${ask === 'turnstile' ? ` ${TURNSTILE_ORIGIN}` : ''}`]
      : []),
    ...(ask === 'proof_of_work' ? ["worker-src 'self'"] : []),
    ...(ask === 'turnstile' ? [`frame-src ${TURNSTILE_ORIGIN}`] : []),
    `style-src ${styles.join(' ')}`,
    `img-src ${images.join(' ')}`,
    ...(formAction === "'self'" ? ["connect-src 'self'"] : []),
    ...(formAction ? [`form-action ${formAction}`] : []),
    "base-uri 'none'",
    "frame-ancestors 'none'",
    // Turnstile's script is not ours to bring under it.
    ...(ask === 'turnstile' ? [] : ["require-trusted-types-for 'script'"]),
    ...(ask === 'proof_of_work' ? [`trusted-types ${TRUSTED_TYPES_POLICY}`] : []),
  ].join('; ')
}
