/** A page of one message that needs no sign-in: signed out, not permitted, or out of order. */
import { html } from 'hono/html'
import type { AdminContext } from './admin-deps.ts'
import { standaloneStyle } from './admin-headers.ts'

const STYLE = standaloneStyle(`
body { max-width: 36rem; margin: 4rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem }
`)

export interface PlainPage {
  readonly title: string
  /** Sentences, each a paragraph. */
  readonly text: readonly string[]
  /** The one next step, as a path below `/admin`. */
  readonly next?: { readonly label: string; readonly path: string }
  /** A step on another site. */
  readonly elsewhere?: { readonly label: string; readonly url: string }
}

export async function sendPlainPage(
  c: AdminContext,
  page: PlainPage,
  status: 200 | 400 | 403 | 404 | 405 | 413 | 429 | 500 | 503,
): Promise<Response> {
  const { title, text, next, elsewhere } = page
  c.header('Content-Security-Policy', STYLE.policy)
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · redirect-verifier</title>
<style>${STYLE.text}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${text.map((paragraph) => html`<p>${paragraph}</p>\n`)}${
  elsewhere === undefined ? '' : html`<p><a href="${elsewhere.url}">${elsewhere.label}</a></p>\n`
}${next === undefined ? '' : html`<p><a href="${next.path}">${next.label}</a></p>\n`}</main>
</body>
</html>
`
  return c.html(String(await body), status)
}
