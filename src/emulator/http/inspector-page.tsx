/** The frame and the small parts of the inspector's pages. */
import type { Child } from 'hono/jsx'

export interface InspectorPageProps {
  readonly title: string
  /** The tenant's friendly name. */
  readonly tenant: string
  readonly children?: Child
}

export const INSPECTOR_PATH = '/emulator/inspector'

/** One script of its own, nothing from anywhere else. */
export const INSPECTOR_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export function InspectorPage({ title, tenant, children }: InspectorPageProps) {
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
        <link rel="stylesheet" href="/emulator/inspector.css" />
        <script src="/emulator/inspector.js" defer></script>
      </head>
      <body class="inspector">
        <header class="bar">
          <a class="name" href={INSPECTOR_PATH}>
            {tenant} <span>· inspector</span>
          </a>
          <label hidden>
            <input type="checkbox" id="live" checked />
            Live
          </label>
          <nav aria-label="Emulator">
            <a href="/">Start</a> <a href="/emulator/mailbox">Mailbox</a>{' '}
            <a href="/emulator/phone">Phone</a>
          </nav>
        </header>
        <main>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  )
}

export function Chip({ tone, text }: { readonly tone: string; readonly text: string }) {
  return <span class={`chip ${tone}`}>{text}</span>
}

export const json = (value: unknown) => JSON.stringify(value, null, 2) ?? ''

/** `14:03:22.120`, UTC. */
export const timeOf = (epochMs: number) => new Date(epochMs).toISOString().slice(11, 23)
export const dateOf = (epochMs: number) =>
  `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
