/**
 * The new password, after every Action let the reset through.
 */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { passwordFault } from '../tenant/passwords.ts'
import { invalidRequest } from './invalid-request.tsx'
import { Alert, documentOf, Page } from './page.tsx'
import { factsOf, formOf, goTo, transactionOf } from './surface.ts'

function newPasswordPage(core: TenantCore, state: string, email: string, fault?: string) {
  return documentOf(
    <Page title="Choose a new password" tenant={core.displayName}>
      <p class="lead">
        For <strong>{email}</strong>
      </p>
      <Alert text={fault} />
      <form method="post" action={`/u/reset-password/change?state=${state}`}>
        <input type="hidden" name="state" value={state} />
        <input type="hidden" name="username" autocomplete="username" value={email} />
        <label for="password">New password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="new-password"
          required
          aria-describedby={fault ? 'fault rules' : 'rules'}
        />
        <p class="hint" id="rules">
          At least 8 characters, with three of: lower case, upper case, digits, others.
        </p>
        <label for="confirm_password">Once more</label>
        <input
          id="confirm_password"
          name="confirm_password"
          type="password"
          autocomplete="new-password"
          required
        />
        <button type="submit">Save the password</button>
      </form>
    </Page>,
  )
}

export function mountNewPassword(app: Hono, core: TenantCore) {
  app.on(['GET', 'POST'], '/u/reset-password/change', async (c) => {
    const form = c.req.method === 'POST' ? await formOf(c) : {}
    if (!form) return invalidRequest(core, c, 'body_not_urlencoded')
    const state = c.req.query('state') ?? form.state ?? ''
    const transaction = transactionOf(core, c, state, 'password')
    if (typeof transaction === 'string') return invalidRequest(core, c, transaction)
    const email = core.users.get(transaction.userId)?.email ?? ''
    if (c.req.method !== 'POST') return c.html(newPasswordPage(core, state, email))
    const password = form.password ?? ''
    const fault =
      passwordFault(password) ??
      (password === form.confirm_password ? undefined : 'The two passwords are not the same.')
    if (fault) return c.html(newPasswordPage(core, state, email, fault), 400)
    const facts = factsOf(core, c)
    return goTo(c, await core.passwordReset.changePassword(transaction, password, facts))
  })
}
