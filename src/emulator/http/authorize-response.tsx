/**
 * The answer to an application as the browser carries it: a redirect, a form that sends itself, or a
 * message to the page that waits in another window.
 */
import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { raw } from 'hono/html'
import { type LoginAnswer, redirectAddress } from '../tenant/login-answer.ts'
import { documentOf } from './page.tsx'

const hashOf = (script: string) =>
  `'sha256-${createHash('sha256').update(script).digest('base64')}'`

const SUBMIT = 'document.forms[0].submit()'

/** The waiting page opened this window, or holds it in a frame. */
const TELL = `
const { target, response } = JSON.parse(document.getElementById('answer').textContent)
const waiting = window.opener ?? window.parent
waiting.postMessage({ type: 'authorization_response', response }, target)
`

const policy = (script: string, ancestors: string) =>
  `default-src 'none'; script-src ${hashOf(script)}; style-src 'self'; base-uri 'none'; frame-ancestors ${ancestors}`

const Script = ({ code }: { readonly code: string }) => <script>{raw(code)}</script>

function formPage(
  action: string,
  fields: Readonly<Record<string, string | undefined>>,
  c: Context,
): Response {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return c.html(
    documentOf(
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <title>Back to the application</title>
          <link rel="stylesheet" href="/emulator/style.css" />
        </head>
        <body>
          <main>
            <form method="post" action={action}>
              {given.map(([name, value]) => (
                <input type="hidden" name={name} value={value} />
              ))}
              <noscript>
                <button type="submit">Back to the application</button>
              </noscript>
            </form>
            <Script code={SUBMIT} />
          </main>
        </body>
      </html>,
    ),
    200,
    { 'content-security-policy': policy(SUBMIT, "'none'") },
  )
}

function messagePage(answer: Extract<LoginAnswer, { kind: 'oidc' }>, c: Context): Response {
  const target = new URL(answer.redirectUri).origin
  const message = JSON.stringify({ target, response: answer.parameters })
  return c.html(
    documentOf(
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <title>Back to the application</title>
        </head>
        <body>
          <script type="application/json" id="answer">
            {raw(message.replaceAll('<', '\\u003c'))}
          </script>
          <Script code={TELL} />
        </body>
      </html>,
    ),
    200,
    { 'content-security-policy': policy(TELL, target) },
  )
}

/** A session whose cookie must not outlive the browser: the same value again, without an age. */
function shortenCookie(c: Context, mode: LoginAnswer['cookieMode']) {
  const value = getCookie(c, 'auth0')
  if (mode !== 'non-persistent' || value === undefined) return
  setCookie(c, 'auth0', value, { path: '/', httpOnly: true, secure: true, sameSite: 'None' })
}

export function respond(c: Context, answer: LoginAnswer): Response {
  shortenCookie(c, answer.cookieMode)
  if (answer.kind === 'saml')
    return formPage(
      answer.destination,
      { SAMLResponse: answer.response, RelayState: answer.relayState },
      c,
    )
  switch (answer.responseMode) {
    case 'form_post':
      return formPage(answer.redirectUri, answer.parameters, c)
    case 'web_message':
      return messagePage(answer, c)
    case 'query':
    case 'fragment':
      return c.redirect(redirectAddress(answer), 302)
  }
}
