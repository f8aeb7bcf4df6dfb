/**
 * The link in the mail. Opening it by GET starts the Actions, as on a real tenant; asking for the headers
 * or prefetching starts nothing and uses nothing up.
 */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import type { TicketRefusal } from '../tenant/trace.ts'
import { documentOf, Page } from './page.tsx'
import { browserOf, factsOf, goTo, isGlance } from './surface.ts'

const TEXTS: Record<TicketRefusal, string> = {
  unknown: 'This link is not one of ours.',
  expired: 'This link has expired.',
  used: 'This link was already used.',
  superseded: 'A newer link was sent. Only the newest one works.',
  user_gone: 'There is no account for this link any more.',
}

export function mountTicketLink(app: Hono, core: TenantCore) {
  app.get('/u/reset-verify', async (c) => {
    if (c.req.method === 'HEAD') return c.body(null, 200)
    if (isGlance(c)) return c.body(null, 503)
    const facts = factsOf(core, c)
    const opened = await core.passwordReset.open(
      c.req.query('ticket') ?? '',
      browserOf(core, c),
      facts,
    )
    if (opened.kind !== 'refused') return goTo(c, opened)
    return c.html(
      documentOf(
        <Page title="This link no longer works" tenant={core.displayName} mood="bad">
          <p class="lead">{TEXTS[opened.reason]} Ask for a new one to reset your password.</p>
          <a class="button" href="/">
            Start again
          </a>
        </Page>,
      ),
      400,
    )
  })
}
