/**
 * Asking for a reset: the page a person sees, and the Authentication API's endpoint for applications.
 */
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { Alert, documentOf, Page } from './page.tsx'
import { factsOf, formOf, originOf } from './surface.ts'

const MOST_EMAIL_LENGTH = 320
const looksLikeEmail = (text: string) =>
  text.length <= MOST_EMAIL_LENGTH && /^[^\s@]+@[^\s@]+$/.test(text)

function requestPage(core: TenantCore, clientId: string, email: string, fault?: string) {
  const client = core.clients.get(clientId)
  return documentOf(
    <Page title="Forgot your password?" tenant={core.displayName}>
      <p class="lead">
        Enter your e-mail address{client ? ` for ${client.name}` : ''} and we will send you a link.
      </p>
      <Alert text={fault} />
      <form method="post" action="/u/reset-password/request">
        <input type="hidden" name="client_id" value={clientId} />
        <label for="email">E-mail address</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          required
          value={email}
          aria-describedby={fault ? 'fault' : undefined}
        />
        <button type="submit">Send the link</button>
      </form>
      {client ? null : (
        <div class="emulated">
          <p>
            <strong>No application is named.</strong> Auth0 runs no Action for a reset that was
            requested without a client_id.
          </p>
        </div>
      )}
    </Page>,
  )
}

function sentPage(core: TenantCore, email: string) {
  return documentOf(
    <Page title="Check your e-mail" tenant={core.displayName} mood="good">
      <p class="lead">
        If there is an account for <strong>{email}</strong>, a link is on its way.
      </p>
      <div class="emulated">
        <p>
          No mail leaves this machine. <a href="/emulator/mailbox">Open the mailbox</a>
        </p>
      </div>
    </Page>,
  )
}

/** The parameters of `POST /dbconnections/change_password`, from JSON or a form. */
async function parametersOf(c: Context): Promise<Record<string, unknown> | undefined> {
  if (!(c.req.header('content-type') ?? '').toLowerCase().includes('application/json'))
    return formOf(c)
  try {
    const parsed: unknown = await c.req.json()
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

export function mountResetRequest(app: Hono, core: TenantCore) {
  app.get('/u/reset-password/request', (c) =>
    c.html(requestPage(core, c.req.query('client_id') ?? '', c.req.query('login_hint') ?? '')),
  )

  app.post('/u/reset-password/request', async (c) => {
    const form = (await formOf(c)) ?? {}
    const email = (form.email ?? '').trim()
    const clientId = form.client_id ?? ''
    if (!looksLikeEmail(email))
      return c.html(requestPage(core, clientId, email, 'Enter a valid e-mail address.'), 400)
    const { ip, user_agent } = factsOf(core, c)
    core.resetRequests.request({
      email,
      clientId: core.clients.get(clientId) ? clientId : undefined,
      by: 'page',
      origin: originOf(c),
      ip,
      userAgent: user_agent,
    })
    return c.html(sentPage(core, email))
  })

  app.post('/dbconnections/change_password', async (c) => {
    const parameters = await parametersOf(c)
    const refuse = (description: string) =>
      c.json({ error: 'invalid_request', error_description: description }, 400)
    if (!parameters) return refuse('Send JSON or an urlencoded form.')
    const { email, client_id: clientId, connection } = parameters
    if (typeof email !== 'string' || !looksLikeEmail(email)) return refuse('email is required')
    if (connection !== undefined && connection !== core.connection.name)
      return refuse('connection is not one of this tenant')
    if (clientId !== undefined && (typeof clientId !== 'string' || !core.clients.get(clientId)))
      return refuse('client_id is not one of this tenant')
    const { ip, user_agent } = factsOf(core, c)
    core.resetRequests.request({
      email,
      clientId,
      by: 'change_password',
      origin: originOf(c),
      ip,
      userAgent: user_agent,
    })
    return c.text("We've just sent you an email to reset your password.")
  })
}
