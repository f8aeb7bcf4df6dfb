/** The emulated tenant's first page: where a flow starts. */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { documentOf, Page } from './page.tsx'

function homePage(core: TenantCore) {
  return documentOf(
    <Page title={core.displayName} tenant={core.displayName}>
      <p class="lead">An emulated tenant. Start a flow:</p>
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
