/**
 * `/continue`: where the third-party site sends the browser back to (contract 1.4).
 * GET with everything in the query, or a browser's urlencoded POST. Never JSON, never a server.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { invalidRequest } from './invalid-request.tsx'
import { documentOf, Page } from './page.tsx'
import { factsOf, formOf, goTo, isGlance, transactionOf } from './surface.ts'

export function mountContinue(app: Hono, core: TenantCore) {
  app.on(['GET', 'POST'], '/continue', async (c) => {
    if (isGlance(c)) return c.body(null, 503)
    if (core.faults.continueDelayMs > 0) await wait(core.faults.continueDelayMs)
    if (core.faults.continueFails)
      return c.html(
        documentOf(
          <Page title="Something went wrong" tenant={core.displayName} mood="bad">
            <p class="lead">The tenant could not answer. This fault was switched on.</p>
          </Page>,
        ),
        500,
      )
    const body = c.req.method === 'POST' ? await formOf(c) : {}
    if (body === undefined) return invalidRequest(core, c, 'body_not_urlencoded')
    const inBody = core.switches.bodyOnlyState === 'accepted' ? body.state : undefined
    const transaction = transactionOf(core, c, c.req.query('state') ?? inBody, 'redirect')
    if (typeof transaction === 'string') return invalidRequest(core, c, transaction)
    return goTo(c, await core.hops.resume(transaction, factsOf(core, c, body)))
  })
}
