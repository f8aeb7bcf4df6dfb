/**
 * How a reset ends: done, denied by an Action, or failed.
 */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import type { Ending } from '../tenant/transactions.ts'
import { invalidRequest } from './invalid-request.tsx'
import { documentOf, Page } from './page.tsx'
import { transactionOf } from './surface.ts'

function successPage(core: TenantCore, resultUrl: string | undefined) {
  return documentOf(
    <Page title="Your password has been changed" tenant={core.displayName} mood="good">
      <p class="lead">You can sign in with the new password now.</p>
      {resultUrl === undefined ? null : (
        <a class="button" href={resultUrl} rel="noreferrer">
          Back to the application
        </a>
      )}
    </Page>,
  )
}

function stoppedPage(core: TenantCore, ending: Ending) {
  const denied = ending.kind === 'denied' && core.switches.denyReasonShown
  return documentOf(
    <Page
      title={ending.kind === 'denied' ? 'Your password was not changed' : 'Something went wrong'}
      tenant={core.displayName}
      mood="bad"
    >
      <p class="lead" role="alert">
        {denied ? ending.reason : 'There was an error while resetting your password.'}
      </p>
      <a class="button plain" href="/">
        Start again
      </a>
      {ending.kind === 'failed' ? (
        <div class="emulated">
          <p>A real tenant says no more than this. The reason here: {ending.reason}.</p>
        </div>
      ) : null}
    </Page>,
  )
}

export function mountEndings(app: Hono, core: TenantCore) {
  for (const path of ['/u/reset-password/success', '/u/reset-password/error'])
    app.get(path, (c) => {
      const transaction = transactionOf(core, c, c.req.query('state'), 'ended')
      if (typeof transaction === 'string') return invalidRequest(core, c, transaction)
      const ending = transaction.ending
      if (!ending) return invalidRequest(core, c, 'state_unknown')
      if (ending.kind === 'completed') return c.html(successPage(core, ending.resultUrl))
      return c.html(stoppedPage(core, ending), 400)
    })
}
