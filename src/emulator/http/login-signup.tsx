/** Signing up in the middle of a login. */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import type { LoginPrompt } from '../tenant/login-prompts.ts'
import { passwordFault } from '../tenant/passwords.ts'
import { invalidRequest } from './invalid-request.tsx'
import { promptOf } from './login.tsx'
import { Alert, documentOf, Page } from './page.tsx'
import { factsOf, formOf, goTo } from './surface.ts'

function signupPage(core: TenantCore, { state }: LoginPrompt, email: string, fault?: string) {
  return documentOf(
    <Page title="Create your account" tenant={core.displayName}>
      <Alert text={fault} />
      <form method="post" action={`/u/signup?state=${state}`}>
        <input type="hidden" name="state" value={state} />
        <label for="email">E-mail address</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="username"
          required
          value={email}
        />
        <label for="password">Password</label>
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
        <button type="submit">Continue</button>
      </form>
      <a class="button plain" href={`/u/login?state=${state}`}>
        I have an account
      </a>
    </Page>,
  )
}

export function mountSignup(app: Hono, core: TenantCore) {
  app.on(['GET', 'POST'], '/u/signup', async (c) => {
    const form = c.req.method === 'POST' ? await formOf(c) : {}
    if (!form) return invalidRequest(core, c, 'body_not_urlencoded')
    const prompt = promptOf(core, c, form)
    if (typeof prompt === 'string') return invalidRequest(core, c, prompt)
    if (c.req.method !== 'POST')
      return c.html(signupPage(core, prompt, prompt.request.loginHint ?? ''))
    const email = (form.email ?? '').trim()
    const password = form.password ?? ''
    const fault = /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(email)
      ? passwordFault(password)
      : 'Enter a valid e-mail address.'
    if (fault) return c.html(signupPage(core, prompt, email, fault), 400)
    const next = await core.loginSide.login.signUp(prompt, { email, password }, factsOf(core, c))
    if (next === 'gone') return invalidRequest(core, c, 'state_unknown')
    if (next !== 'exists') return goTo(c, next)
    return c.html(signupPage(core, prompt, email, 'Something went wrong, please try again.'), 400)
  })
}
