/**
 * A whole sign-in, with the emulator's tenant as the OpenID provider and its post-login Action giving the
 * roles: the browser, both sites and the tokens are real, and nothing leaves the process.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { createBrowser, createTenant, type Tenant } from '../../src/emulator/index.ts'
import { createAdminApp } from '../../src/verifier/admin/app.ts'
import { createSignIn, type OidcParts } from '../../src/verifier/admin/oidc.ts'
import { csrfTokenOf } from '../../src/verifier/admin/session-cookie.ts'
import type { OidcSettings } from '../../src/verifier/config-admin.ts'
import {
  ADMIN_ORIGIN,
  type AdminWorld,
  adminWorld,
  cookieOf,
  SESSION_SECRET,
} from '../support/admin-world.ts'
import { onLogin } from '../support/login-world.ts'

const CLIENT_ID = 'AdminOfTheVerifier00000000000000'
const SECRET = 'the-clients-own-secret-0123456789-abcdef'
const PASSWORD = 'Admin-password-1'
const CLAIM = 'https://verify.example.com/roles'
const ROLES_ACTION = onLogin(
  `api.idToken.setCustomClaim('${CLAIM}', event.user.app_metadata.verifier_roles)`,
)

const tenants: Tenant[] = []
afterEach(async () => {
  await Promise.all(tenants.splice(0).map((tenant) => tenant.close()))
})

function provider(): Tenant {
  const user = (email: string, roles: unknown) => ({
    email,
    password: PASSWORD,
    factors: [],
    app_metadata: { verifier_roles: roles },
  })
  const tenant = createTenant({
    users: [
      user('ada@example.com', ['people', 'security-lead']),
      user('ben@example.com', 'support'),
      user('eve@example.com', ['people']),
      user('fay@example.com', ['viewer', 'admin']),
    ],
    clients: [
      {
        client_id: CLIENT_ID,
        name: 'redirect-verifier',
        client_secret: SECRET,
        callbacks: [`${ADMIN_ORIGIN}/admin/callback`],
        allowed_logout_urls: [`${ADMIN_ORIGIN}/admin/signed-out`],
      },
    ],
    actions: { 'post-login': [{ name: 'roles', code: ROLES_ACTION }] },
  })
  tenants.push(tenant)
  return tenant
}

interface SignInWorld extends AdminWorld {
  readonly tenant: Tenant
  /** What the provider was asked for by the service itself, by path. */
  readonly asked: string[]
  signInAs(
    email: string,
  ): Promise<{ readonly status: number; readonly text: string; readonly url: string }>
}

function world(
  changes: Partial<OidcSettings> = {},
  clientSecret: string | undefined = SECRET,
  answer: (response: Response, path: string) => Promise<Response> = async (given) => given,
): SignInWorld {
  const tenant = provider()
  const asked: string[] = []
  const base = adminWorld()
  const parts: OidcParts = {
    settings: {
      issuer: `${tenant.origin}/`,
      clientId: CLIENT_ID,
      scope: 'openid profile email',
      clientAuthentication: 'post',
      rolesClaim: CLAIM,
      roles: new Map([
        ['security-lead', 'admin'],
        ['support', 'operator'],
        ['viewer', 'viewer'],
      ]),
      ...changes,
    },
    ...(clientSecret === '' ? {} : { clientSecret }),
    clock: () => Math.floor(Date.now() / 1000),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    log: base.deps.log,
    fetch: async (url, init) => {
      asked.push(new URL(url).pathname)
      return await answer(await tenant.fetch(new Request(url, init)), new URL(url).pathname)
    },
  }
  const app = createAdminApp({ ...base.deps, signIn: createSignIn(parts) })
  const signInAs = async (email: string) => {
    const browser = createBrowser({
      routes: { [tenant.origin]: tenant.fetch, [ADMIN_ORIGIN]: (request) => app.fetch(request) },
    })
    await browser.visit(`${ADMIN_ORIGIN}/admin/login?return=/admin/api/me`)
    const page = await browser.submit(undefined, { username: email, password: PASSWORD })
    return { status: page.status, text: page.body, url: page.url }
  }
  return Object.assign(base, { app, tenant, asked, signInAs })
}

describe('a sign-in at an Auth0 tenant', () => {
  it('ends on the page that was asked for, signed in with the role of the claim', async () => {
    const { signInAs, store } = world()
    const { status, text, url } = await signInAs('ada@example.com')
    expect({ status, url }).toEqual({ status: 200, url: `${ADMIN_ORIGIN}/admin/api/me` })
    const told = JSON.parse(text) as { readonly name: string }
    expect(told).toMatchObject({ display_name: 'ada@example.com', role: 'admin' })
    expect(told.name).toMatch(/^oidc:auth0\|[0-9a-f]+$/)
    expect(store.audit).toMatchObject([{ action: 'session.begin', actor: told.name }])
  })

  it('takes a claim that is one text, and the highest of several roles', async () => {
    expect((await world().signInAs('ben@example.com')).text).toContain('"role":"operator"')
    const several = {
      roles: new Map([
        ['viewer', 'viewer'],
        ['admin', 'admin'],
      ] as const),
    }
    expect((await world(several).signInAs('fay@example.com')).text).toContain('"role":"admin"')
  })

  it('tells who has no role by name, and begins nothing', async () => {
    const { signInAs, store } = world()
    const { status, text } = await signInAs('eve@example.com')
    expect(status).toBe(403)
    expect(text).toContain('eve@example.com')
    expect(text).toMatch(/auth0\|/)
    expect(store.calls).toEqual([])
  })

  it('asks for the provider’s document once, and for its keys to check the ID token', async () => {
    const { signInAs, asked } = world()
    await signInAs('ada@example.com')
    await signInAs('ben@example.com')
    const documents = asked.filter((path) => path === '/.well-known/openid-configuration')
    expect(documents).toHaveLength(1)
    expect(asked).toContain('/.well-known/jwks.json')
  })
})

/** The ID token in a token endpoint's answer, changed. */
const withIdToken =
  (change: (parts: [string, string, string]) => [string, string, string]) =>
  async (response: Response, path: string) => {
    if (path !== '/oauth/token' || !response.ok) return response
    const body = (await response.json()) as { id_token: string }
    const id_token = change(body.id_token.split('.') as [string, string, string]).join('.')
    return Response.json({ ...body, id_token })
  }

const payload = (text: string, change: (claims: Record<string, unknown>) => object) =>
  Buffer.from(
    JSON.stringify(change(JSON.parse(Buffer.from(text, 'base64url').toString()))),
  ).toString('base64url')

describe('an answer of the provider', () => {
  it.each([
    [
      'whose ID token is signed by nobody',
      withIdToken(([head, body, mac]) => [head, body, `${mac.slice(0, -4)}AAAA`]),
    ],
    [
      'whose ID token was given another role on its way',
      withIdToken(([head, body, mac]) => [
        head,
        payload(body, (claims) => ({ ...claims, [CLAIM]: ['security-lead'] })),
        mac,
      ]),
    ],
    [
      'whose ID token is for another client',
      withIdToken(([head, body, mac]) => [
        head,
        payload(body, (claims) => ({ ...claims, aud: 'another' })),
        mac,
      ]),
    ],
    [
      'whose ID token claims no algorithm',
      withIdToken(([, body]) => [Buffer.from('{"alg":"none"}').toString('base64url'), body, '']),
    ],
  ])('%s signs nobody in', async (_what, answer) => {
    const { signInAs, store } = world({}, SECRET, answer)
    const { status } = await signInAs('eve@example.com')
    expect(status).toBe(400)
    expect(store.sessions.size).toBe(0)
  })

  it('to a client with another secret signs nobody in', async () => {
    const { signInAs, store } = world({}, 'another-secret-0123456789')
    expect((await signInAs('ada@example.com')).status).toBe(400)
    expect(store.calls).toEqual([])
  })

  it('that never comes is an outage, at the start and at the end', async () => {
    const away = world()
    const nothing = createSignIn({
      settings: {
        issuer: 'https://provider.example/',
        clientId: CLIENT_ID,
        scope: 'openid',
        clientAuthentication: 'post',
        rolesClaim: CLAIM,
        roles: new Map([['x', 'viewer']]),
      },
      clock: () => 0,
      random: (bytes) => new Uint8Array(bytes).fill(1),
      log: away.deps.log,
      fetch: async () => {
        throw new TypeError('fetch failed: secret-of-the-network')
      },
    })
    const app = createAdminApp({ ...away.deps, signIn: nothing })
    const response = await app.request(`${ADMIN_ORIGIN}/admin/login`)
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('secret-of-the-network')
    expect(away.lines.join()).toContain('"where":"oidc"')
    expect(away.lines.join()).not.toContain('secret-of-the-network')

    const { signInAs, store } = world({}, SECRET, async (given, path) =>
      path === '/oauth/token' ? new Response('', { status: 502 }) : given,
    )
    expect((await signInAs('ada@example.com')).status).toBe(503)
    expect(store.calls).toEqual([])
  })
})

describe('what comes back with a browser', () => {
  it('is worth nothing in any other browser, and a session in its own', async () => {
    const { app, tenant, store } = world()
    const back: string[] = []
    const browser = createBrowser({
      routes: {
        [tenant.origin]: tenant.fetch,
        [ADMIN_ORIGIN]: (request) => {
          if (!request.url.includes('/callback')) return app.fetch(request)
          back.push(request.url)
          return new Response('', { headers: { 'content-type': 'text/html' } })
        },
      },
    })
    await browser.visit(`${ADMIN_ORIGIN}/admin/login`)
    await browser.submit(undefined, { username: 'ada@example.com', password: PASSWORD })
    const [callback = ''] = back
    const come = async (cookie: string) =>
      (await app.request(callback, { headers: { cookie } })).status

    expect(await come('')).toBe(400)
    expect(await come(cookieOf(await app.request(`${ADMIN_ORIGIN}/admin/login`)))).toBe(400)
    expect(store.calls).toEqual([])
    const own = await browser.cookies(`${ADMIN_ORIGIN}/admin/callback`)
    const cookie = Object.entries(own)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ')
    expect(await come(cookie)).toBe(303)
    // The code is spent now.
    expect(await come(cookie)).toBe(400)
    expect(store.sessions.size).toBe(1)
  })
})

describe('signing out', () => {
  const ORIGIN_OF_BROWSER = { origin: ADMIN_ORIGIN, 'sec-fetch-site': 'same-origin' }

  it('at the provider too is asked for there, and ends in a password for whoever comes next', async () => {
    const { app, tenant } = world()
    const browser = createBrowser({
      routes: { [tenant.origin]: tenant.fetch, [ADMIN_ORIGIN]: (request) => app.fetch(request) },
    })
    await browser.visit(`${ADMIN_ORIGIN}/admin/login?return=/admin/api/me`)
    await browser.submit(undefined, { username: 'ada@example.com', password: PASSWORD })
    const cookies = await browser.cookies(`${ADMIN_ORIGIN}/admin`)
    const cookie = Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ')
    const csrf = csrfTokenOf(SESSION_SECRET, `cookie\0${cookies['__Host-rv_admin'] ?? ''}`)
    const out = await app.request(`${ADMIN_ORIGIN}/admin/logout`, {
      method: 'POST',
      headers: { ...ORIGIN_OF_BROWSER, cookie, 'x-csrf-token': csrf },
    })
    expect(out.headers.get('location')).toBe('/admin/signed-out')

    // Still signed in at the provider: no password is asked for.
    const again = await browser.visit(`${ADMIN_ORIGIN}/admin/login?return=/admin/api/me`)
    expect(again.url).toBe(`${ADMIN_ORIGIN}/admin/api/me`)

    const page = await (await app.request(`${ADMIN_ORIGIN}/admin/signed-out`)).text()
    const [, link = ''] = /href="(http[^"]+)"/.exec(page) ?? []
    const url = new URL(link.replaceAll('&amp;', '&'))
    expect(url.origin).toBe(tenant.origin)
    expect([...url.searchParams.keys()].sort()).toEqual([
      'client_id',
      'post_logout_redirect_uri',
      'state',
    ])
    expect((await browser.visit(url.href)).url).toBe(url.href)
    await browser.submit()
    const login = await browser.visit(`${ADMIN_ORIGIN}/admin/login`)
    expect(new URL(login.url).origin).toBe(tenant.origin)
    expect(login.body).toContain('name="password"')
  })

  /** The provider's document with another place to sign out at. */
  const advertising = (place: unknown) =>
    world({}, SECRET, async (response, path) => {
      if (path !== '/.well-known/openid-configuration') return response
      const { end_session_endpoint: _, ...document } = (await response.json()) as object & {
        readonly end_session_endpoint: string
      }
      return Response.json(
        place === undefined ? document : { ...document, end_session_endpoint: place },
      )
    })

  it.each([
    undefined,
    'javascript:alert(1)',
    'http://provider.example/logout',
    '//provider.example/logout',
    'nonsense',
    17,
  ])('has no link where the provider advertises %j', async (place) => {
    const { app } = advertising(place)
    const response = await app.request(`${ADMIN_ORIGIN}/admin/signed-out`)
    expect(response.status).toBe(200)
    const text = await response.text()
    expect(text).not.toContain('Sign out at')
    expect(text).not.toContain('alert')
  })
})
