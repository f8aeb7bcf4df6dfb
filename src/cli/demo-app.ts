/**
 * The demo's application: a page from which a reset starts, and the page that the reset leads back to.
 * A site of its own, as a real application is.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { html } from 'hono/html'

export interface DemoApp {
  readonly origin: string
  close(): Promise<void>
}

interface Link {
  readonly text: string
  readonly href: string
}

const NAME = 'app.localhost'
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Port 0 takes any. `links`: what the first page offers, asked for at each visit. */
export async function startDemoApp(port: number, links: () => readonly Link[]): Promise<DemoApp> {
  const server = createServer((request, response) => {
    const page = pageFor(request.url ?? '/', links)
    response.writeHead(page === undefined ? 404 : 200, HEADERS)
    response.end(String(document(page ?? html`<h1>No such page</h1>`)))
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(port, '127.0.0.1', listening)
  })
  return {
    origin: `http://${NAME}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function pageFor(path: string, links: () => readonly Link[]) {
  if (path === '/') {
    return html`<h1>Example application</h1>
<p>You have forgotten your password. You are:</p>
<ul>${links().map(({ text, href }) => html`<li><a href="${href}">${text}</a></li>`)}</ul>`
  }
  if (path === '/done') {
    return html`<h1>Welcome back</h1>
<p>The reset led back to the application. <a href="/">Once more</a></p>`
  }
  return undefined
}

const document = (content: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Example application</title><link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
body { max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem }
li { margin: .5rem 0 }
</style></head>
<body>${content}</body></html>
`
