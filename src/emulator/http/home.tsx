/** The emulated tenant's first page: where a flow starts. */
import type { Hono } from 'hono'
import type { Client } from '../tenant/clients.ts'
import type { TenantCore } from '../tenant/core.ts'
import { documentOf, Page } from './page.tsx'

/** Where the application would send a browser; undefined when it could not be answered. */
function loginLink({ client_id, callbacks, addons }: Client): string | undefined {
  if (addons.samlp) return `/samlp/${encodeURIComponent(client_id)}`
  const [redirect_uri] = callbacks
  if (redirect_uri === undefined) return undefined
  const scope = 'openid profile email'
  const query = new URLSearchParams({ client_id, redirect_uri, response_type: 'code', scope })
  return `/authorize?${query}`
}

function homePage(core: TenantCore) {
  return documentOf(
    <Page title={core.displayName} tenant={core.displayName}>
      <p class="lead">An emulated tenant. Start a flow:</p>
      {core.clients.all().map((client) => {
        const login = loginLink(client)
        return login === undefined ? null : (
          <a class="button" href={login}>
            Log in to {client.name}
          </a>
        )
      })}
      {core.clients.all().map((client) => (
        <a
          class="button"
          href={`/u/reset-password/request?client_id=${encodeURIComponent(client.client_id)}`}
        >
          Reset a password for {client.name}
        </a>
      ))}
      <a class="button plain" href="/emulator/mailbox">
        Mailbox
      </a>
      <a class="button plain" href="/emulator/phone">
        Phone
      </a>
      <dl>
        <dt>Users</dt>
        <dd>
          {core.users
            .all()
            .map(({ email }) => email)
            .join(', ') || 'none yet'}
        </dd>
      </dl>
    </Page>,
  )
}

export function mountHome(app: Hono, core: TenantCore) {
  app.get('/', (c) => c.html(homePage(core)))
}
