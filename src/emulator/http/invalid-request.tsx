/**
 * The answer when no waiting transaction belongs to a request: Auth0's `invalid_request`.
 * The browser learns no more than that; the trace says why.
 */
import type { Context } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import type { ContinueRefusal } from '../tenant/trace.ts'
import { documentOf, Page } from './page.tsx'

/** The wording a user of a real tenant reads (contract 1.3 item 6): people search for it. */
const SESSION_LOST =
  "You may have pressed the back button, refreshed during login, opened too many login dialogs, or there is some issue with cookies, since we couldn't find your session."

export function invalidRequest(core: TenantCore, c: Context, reason: ContinueRefusal): Response {
  const status = 400
  core.trace.record('continue.refused', {
    who: 'tenant',
    text: `refuses ${c.req.method} ${c.req.path}: ${reason}`,
    data: { reason, status },
  })
  if (!/text\/html/.test(c.req.header('accept') ?? ''))
    return c.json({ error: 'invalid_request', error_description: SESSION_LOST }, status)
  return c.html(
    documentOf(
      <Page title="We could not continue" tenant={core.displayName} mood="bad">
        <p class="lead">{SESSION_LOST}</p>
        <a class="button" href="/">
          Start again
        </a>
        <p class="meta">invalid_request</p>
      </Page>,
    ),
    status,
  )
}
