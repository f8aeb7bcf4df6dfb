/**
 * Logging out: Auth0's own `/v2/logout`, and `/oidc/logout` (OpenID Connect RP-Initiated Logout 1.0), which
 * asks the person when it cannot tell who sent them.
 */
import type { Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { jwtVerify } from 'jose'
import { firstUrl, isAllowedUrl } from '../tenant/allowed-urls.ts'
import type { TenantCore } from '../tenant/core.ts'
import { loginErrorPage } from './login-error.tsx'
import { documentOf, Page } from './page.tsx'
import { BROWSER_COOKIE, formOf, originOf } from './surface.ts'

/** Auth0 compares addresses without their query. */
const isAllowed = (allowed: readonly string[], url: string) => {
  if (!URL.canParse(url)) return false
  const { origin, pathname } = new URL(url)
  return isAllowedUrl(allowed, url) || isAllowedUrl(allowed, `${origin}${pathname}`)
}

function endSession(core: TenantCore, c: Context, clientId: string | undefined) {
  const session = core.sessions.in(getCookie(c, BROWSER_COOKIE))
  if (!session) return
  core.sessions.end(session.id)
  core.log.write('slo', { userId: session.userId, clientId })
  core.trace.record('session.ended', {
    who: 'user',
    text: 'logs out',
    data: { reason: 'logout', refreshTokensKept: true },
  })
}

function donePage(core: TenantCore) {
  return documentOf(
    <Page title="You are logged out" tenant={core.displayName} mood="good">
      <p class="lead">You can close this window.</p>
    </Page>,
  )
}

function askPage(core: TenantCore, parameters: Readonly<Record<string, string>>) {
  return documentOf(
    <Page title="Log out?" tenant={core.displayName}>
      <p class="lead">Do you want to log out of {core.displayName}?</p>
      <form method="post" action="/oidc/logout/confirm">
        {Object.entries(parameters).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button type="submit">Log out</button>
      </form>
    </Page>,
  )
}

export function mountLogout(app: Hono, core: TenantCore) {
  app.get('/v2/logout', (c) => {
    const { returnTo, client_id: clientId } = c.req.query()
    const client = clientId === undefined ? undefined : core.clients.get(clientId)
    const allowed = client?.allowed_logout_urls ?? core.settings.allowed_logout_urls
    if (returnTo !== undefined && !isAllowed(allowed, returnTo)) {
      core.log.write('flo', { clientId, description: 'returnTo is not allowed' })
      return loginErrorPage(core, c, {
        error: 'invalid_request',
        description: `The "returnTo" querystring parameter "${returnTo}" is not defined as a valid URL in "Allowed Logout URLs".`,
      })
    }
    endSession(core, c, clientId)
    const target = returnTo ?? firstUrl(allowed)
    return target === undefined ? c.html(donePage(core)) : c.redirect(target, 302)
  })

  /** The client an ID token of this tenant was made for; expired ones still say whose they were. */
  const hinted = async (token: string | undefined, origin: string) => {
    if (token === undefined) return undefined
    const { publicKey } = await core.loginSide.keys.signing()
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        algorithms: ['RS256'],
        issuer: `${origin}/`,
        currentDate: new Date(0),
      })
      return typeof payload.aud === 'string' ? payload : undefined
    } catch {
      return undefined
    }
  }

  const leave = (c: Context, parameters: Readonly<Record<string, string>>, clientId: string) => {
    const { post_logout_redirect_uri: to, state } = parameters
    endSession(core, c, clientId)
    if (to === undefined) return c.html(donePage(core))
    const target = new URL(to)
    if (state !== undefined) target.searchParams.set('state', state)
    return c.redirect(target.href, 302)
  }

  const logout = async (
    c: Context,
    parameters: Readonly<Record<string, string>>,
    asked: boolean,
  ) => {
    const hint = await hinted(parameters.id_token_hint, originOf(c))
    const clientId = typeof hint?.aud === 'string' ? hint.aud : parameters.client_id
    const refuse = (description: string) => {
      core.log.write('flo', { clientId, description })
      return loginErrorPage(core, c, { error: 'invalid_request', description })
    }
    if (parameters.id_token_hint !== undefined && !hint) return refuse('Invalid id_token_hint.')
    if (parameters.client_id !== undefined && parameters.client_id !== clientId)
      return refuse('client_id is not the one of the id_token_hint.')
    const client = clientId === undefined ? undefined : core.clients.get(clientId)
    const allowed = client?.allowed_logout_urls ?? core.settings.allowed_logout_urls
    const to = parameters.post_logout_redirect_uri
    if (to !== undefined && !isAllowed(allowed, to))
      return refuse('post_logout_redirect_uri is not one of the allowed logout addresses.')
    const session = core.sessions.in(getCookie(c, BROWSER_COOKIE))
    const isTheirs = !session || hint?.sid === session.id || parameters.logout_hint === session.id
    return isTheirs || asked
      ? leave(c, parameters, clientId ?? '')
      : c.html(askPage(core, parameters))
  }

  app.get('/oidc/logout', (c) => logout(c, c.req.query(), false))
  app.post('/oidc/logout', async (c) =>
    logout(c, { ...c.req.query(), ...(await formOf(c)) }, false),
  )
  app.post('/oidc/logout/confirm', async (c) => logout(c, (await formOf(c)) ?? {}, true))
}
