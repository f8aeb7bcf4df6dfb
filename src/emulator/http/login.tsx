/** The login page: name and password of the emulated database connection. */
import type { Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import type { TenantCore } from '../tenant/core.ts'
import type { LoginPrompt } from '../tenant/login-prompts.ts'
import type { ContinueRefusal } from '../tenant/trace.ts'
import { invalidRequest } from './invalid-request.tsx'
import { Alert, documentOf, Page } from './page.tsx'
import { BROWSER_COOKIE, factsOf, formOf, goTo, hostOf } from './surface.ts'

/** The login that waits under the request's state, in this browser and on this host. */
export function promptOf(
  core: TenantCore,
  c: Context,
  form: Readonly<Record<string, string>>,
): LoginPrompt | ContinueRefusal {
  const state = c.req.query('state') ?? form.state
  if (!state) return 'state_missing'
  return core.loginSide.prompts.find({
    state,
    host: hostOf(core, c),
    browser: getCookie(c, BROWSER_COOKIE),
    boundToBrowser: core.switches.cookieBinding,
  })
}

function loginPage(core: TenantCore, prompt: LoginPrompt, username: string, fault?: string) {
  const { state, request } = prompt
  const client = core.clients.get(request.clientId)
  const hint = encodeURIComponent(username)
  return documentOf(
    <Page title="Welcome" tenant={core.displayName}>
      <p class="lead">
        Log in to <strong>{client?.name ?? request.clientId}</strong>
      </p>
      <Alert text={fault} />
      <form method="post" action={`/u/login?state=${state}`}>
        <input type="hidden" name="state" value={state} />
        <label for="username">E-mail address</label>
        <input
          id="username"
          name="username"
          type="email"
          autocomplete="username"
          required
          value={username}
          aria-describedby={fault ? 'fault' : undefined}
        />
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          aria-describedby={fault ? 'fault' : undefined}
        />
        <button type="submit">Continue</button>
      </form>
      <a
        class="button plain"
        href={`/u/reset-password/request?client_id=${encodeURIComponent(request.clientId)}&login_hint=${hint}`}
      >
        Forgot your password?
      </a>
      <a class="button plain" href={`/u/signup?state=${state}`}>
        Sign up
      </a>
    </Page>,
  )
}

export function mountLogin(app: Hono, core: TenantCore) {
  app.get('/u/login', (c) => {
    const prompt = promptOf(core, c, {})
    if (typeof prompt === 'string') return invalidRequest(core, c, prompt)
    return c.html(loginPage(core, prompt, prompt.request.loginHint ?? ''))
  })

  app.post('/u/login', async (c) => {
    const form = await formOf(c)
    if (!form) return invalidRequest(core, c, 'body_not_urlencoded')
    const prompt = promptOf(core, c, form)
    if (typeof prompt === 'string') return invalidRequest(core, c, prompt)
    const username = (form.username ?? '').trim()
    const given = { username, password: form.password ?? '' }
    const next = await core.loginSide.login.enterPassword(prompt, given, factsOf(core, c))
    if (next === 'gone') return invalidRequest(core, c, 'state_unknown')
    if (next !== 'wrong') return goTo(c, next)
    return c.html(loginPage(core, prompt, username, 'Wrong email or password'), 400)
  })
}
