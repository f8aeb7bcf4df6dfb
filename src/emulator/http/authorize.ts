/**
 * `/authorize`: an application sends a browser to log somebody in (OpenID Connect Core 3.1.2.1, RFC 7636).
 * What is wrong with the application itself is told to the person, anything else to the application.
 */
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { type LoginError, oidcError } from '../tenant/login-answer.ts'
import { checkAuthorization } from '../tenant/login-authorization.ts'
import { respond } from './authorize-response.tsx'
import { loginErrorPage } from './login-error.tsx'
import { browserOf, factsOf, formOf, goTo, originOf } from './surface.ts'

export function mountAuthorize(app: Hono, core: TenantCore) {
  const answer = async (c: Context, parameters: Readonly<Record<string, string>>) => {
    const checked = checkAuthorization(core, parameters, originOf(c))
    if (checked.kind === 'unsafe') return loginErrorPage(core, c, checked.fault)
    if (checked.kind === 'refused') {
      const { error, description }: LoginError = checked.fault
      core.trace.record('login.refused', {
        who: 'tenant',
        text: description,
        data: { reason: error },
      })
      return respond(c, oidcError(checked.returnTo, checked.fault))
    }
    const facts = factsOf(core, c)
    const browser = browserOf(core, c)
    return goTo(c, await core.loginSide.login.begin(checked.request, browser, facts))
  }

  app.get('/authorize', (c) => answer(c, c.req.query()))
  app.post('/authorize', async (c) => answer(c, { ...c.req.query(), ...(await formOf(c)) }))
}
