/**
 * The emulated tenant over HTTP: the surfaces put together, with the checks and headers all of them have.
 */
import { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { mountAuthorize } from './authorize.ts'
import { mountContinue } from './continue.tsx'
import { mountEndings } from './endings.tsx'
import { mountForm } from './form.tsx'
import { mountHome } from './home.tsx'
import { mountInboxPages } from './inbox-pages.tsx'
import { mountLogin } from './login.tsx'
import { mountEnrol } from './login-enrol.tsx'
import { mountSignup } from './login-signup.tsx'
import { mountLogout } from './logout.tsx'
import { mountManagement } from './management.ts'
import { mountMfa } from './mfa.tsx'
import { mountNewPassword } from './new-password.tsx'
import { allowScripts } from './oauth-cors.ts'
import { mountToken } from './oauth-token.ts'
import { mountDiscovery } from './oidc-discovery.ts'
import { mountUserinfo } from './oidc-userinfo.ts'
import { mountRecoveryCode } from './recovery-code.tsx'
import { mountResetRequest } from './reset-request.tsx'
import { mountSaml } from './saml.tsx'
import { STYLESHEET } from './style.ts'
import { answersTo } from './surface.ts'
import { mountTicketLink } from './ticket-link.tsx'
import { mountTicketsApi } from './tickets-api.ts'

/**
 * No `form-action`: Chromium applies it to every redirect after a submit, and the answer to a form here
 * may be a redirect to a third-party site.
 */
const HEADERS: Record<string, string> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}

export function createApp(core: TenantCore): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    if (!answersTo(core, new URL(c.req.url).hostname))
      return c.text('This tenant does not answer to this host name.', 421)
    await next()
    // A page that needs a script of its own brings its own policy.
    for (const [name, value] of Object.entries(HEADERS))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
  })
  allowScripts(app, core)
  app.get('/emulator/style.css', (c) => c.body(STYLESHEET, 200, { 'content-type': 'text/css' }))
  mountHome(app, core)
  mountResetRequest(app, core)
  mountTicketsApi(app, core)
  mountTicketLink(app, core)
  mountContinue(app, core)
  mountMfa(app, core)
  mountRecoveryCode(app, core)
  mountForm(app, core)
  mountNewPassword(app, core)
  mountEndings(app, core)
  mountAuthorize(app, core)
  mountLogin(app, core)
  mountSignup(app, core)
  mountEnrol(app, core)
  mountToken(app, core)
  mountDiscovery(app, core)
  mountUserinfo(app, core)
  mountLogout(app, core)
  mountManagement(app, core)
  mountSaml(app, core)
  mountInboxPages(app, core)
  return app
}
