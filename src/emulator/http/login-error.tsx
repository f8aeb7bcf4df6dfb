/** What a person reads when a login cannot even start: there is nobody safe to answer to. */
import type { Context } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import type { LoginError } from '../tenant/login-answer.ts'
import { documentOf, Page } from './page.tsx'

export function loginErrorPage(core: TenantCore, c: Context, fault: LoginError): Response {
  core.trace.record('login.refused', {
    who: 'tenant',
    text: fault.description,
    data: { reason: fault.error },
  })
  return c.html(
    documentOf(
      <Page title="We could not log you in" tenant={core.displayName} mood="bad">
        <p class="lead" role="alert">
          {fault.description}
        </p>
        <p class="meta">{fault.error}</p>
      </Page>,
    ),
    400,
  )
}
