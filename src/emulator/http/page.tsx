/**
 * The frame every page of the emulated tenant stands in.
 */
import type { Child } from 'hono/jsx'

export interface PageProps {
  readonly title: string
  /** The tenant's friendly name. */
  readonly tenant: string
  readonly wide?: boolean
  readonly mood?: 'good' | 'bad'
  readonly children?: Child
}

const MARKS = { good: '✓', bad: '!' } as const

export function Page({ title, tenant, wide, mood, children }: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>
          {title} · {tenant}
        </title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/emulator/style.css" />
      </head>
      <body>
        <main class={wide ? 'wide' : ''}>
          <div class="card">
            <div class={`mark ${mood ?? ''}`} aria-hidden="true">
              {mood ? MARKS[mood] : tenant.slice(0, 1).toUpperCase()}
            </div>
            <h1>{title}</h1>
            {children}
          </div>
        </main>
        <footer>
          <b>emulator</b> This is not Auth0.{' '}
          <nav aria-label="Emulator">
            <a href="/">Start</a> <a href="/emulator/mailbox">Mailbox</a>{' '}
            <a href="/emulator/phone">Phone</a> <a href="/emulator/inspector">Inspector</a>
          </nav>
        </footer>
      </body>
    </html>
  )
}

/** A document, with the doctype that JSX has no element for. */
export const documentOf = (page: unknown) => `<!doctype html>${String(page)}`

export function Alert({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p class="alert" role="alert" id="fault">
      {text}
    </p>
  )
}
