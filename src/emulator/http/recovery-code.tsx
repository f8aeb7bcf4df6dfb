/**
 * After a recovery code was used: the one that replaces it, shown once.
 */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { invalidRequest } from './invalid-request.tsx'
import { documentOf, Page } from './page.tsx'
import { factsOf, formOf, goTo, transactionOf } from './surface.ts'

/** Four at a time, so that it can be copied by hand; spaces do not count when it is typed. */
const inGroups = (code: string) => code.replaceAll(/(.{4})(?=.)/g, '$1 ')

function newCodePage(core: TenantCore, state: string, code: string) {
  return documentOf(
    <Page title="Keep your new recovery code" tenant={core.displayName}>
      <p class="lead">The one you used no longer works. Write this one down and keep it safe.</p>
      <p class="lead">
        <strong>{inGroups(code)}</strong>
      </p>
      <form method="post" action={`/u/mfa-recovery-code-challenge-new-code?state=${state}`}>
        <input type="hidden" name="state" value={state} />
        <label class="check">
          <input type="checkbox" name="kept" value="true" required /> I have kept this code
        </label>
        <button type="submit">Continue</button>
      </form>
    </Page>,
  )
}

export function mountRecoveryCode(app: Hono, core: TenantCore) {
  app.on(['GET', 'POST'], '/u/mfa-recovery-code-challenge-new-code', async (c) => {
    const body = c.req.method === 'POST' ? await formOf(c) : {}
    if (!body) return invalidRequest(core, c, 'body_not_urlencoded')
    const state = c.req.query('state') ?? body.state ?? ''
    const transaction = transactionOf(core, c, state, 'recovery')
    if (typeof transaction === 'string') return invalidRequest(core, c, transaction)
    if (c.req.method === 'POST') {
      const facts = { ...factsOf(core, c), query: {} }
      return goTo(c, await core.hops.keepRecoveryCode(transaction, facts))
    }
    const factor = core.users
      .get(transaction.userId)
      ?.factors.find(({ type }) => type === 'recovery-code')
    return c.html(newCodePage(core, state, factor?.type === 'recovery-code' ? factor.code : ''))
  })
}
