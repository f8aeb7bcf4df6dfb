/**
 * Logging in through the emulated tenant: `/authorize`, the login page, the token endpoint, `/userinfo`
 * and logging out, one change away from the accepted case each.
 */
import { createHash } from 'node:crypto'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import {
  APP,
  CALLBACK,
  CLIENT,
  EMAIL,
  loginWorld,
  PASSWORD,
  type TokenAnswer,
} from '../support/login-world.ts'

const open: { close(): Promise<void> }[] = []
const start = (...given: Parameters<typeof loginWorld>) => {
  const world = loginWorld(...given)
  open.push(world.tenant)
  return world
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((tenant) => tenant.close()))
})

const ask = (world: ReturnType<typeof start>, path: string, init?: RequestInit) =>
  world.tenant.fetch(new Request(`${world.tenant.origin}${path}`, init))

const keysOf = async (world: ReturnType<typeof start>) =>
  createLocalJWKSet((await (await ask(world, '/.well-known/jwks.json')).json()) as JSONWebKeySet)

const verifyIdToken = async (world: ReturnType<typeof start>, { id_token }: TokenAnswer) => {
  const { payload, protectedHeader } = await jwtVerify(id_token, await keysOf(world), {
    issuer: `${world.tenant.origin}/`,
    audience: CLIENT,
  })
  expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' })
  return payload
}

const VERIFIER = 'v'.repeat(43)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
const PKCE = { code_challenge: CHALLENGE, code_challenge_method: 'S256' }

describe('a login that goes through', () => {
  it('ends at the callback with a code and the state, and the code is worth an ID token', async () => {
    const world = start()
    const tokens = await world.tokens({ nonce: 'n-0S6_WzA2Mj' })
    expect(world.told()).toMatchObject({ state: 'the-state-of-the-application' })
    const claims = await verifyIdToken(world, tokens)
    const user = world.tenant.users.get(EMAIL)
    expect(claims).toMatchObject({
      sub: user?.user_id,
      email: EMAIL,
      email_verified: true,
      given_name: 'Ada',
      nonce: 'n-0S6_WzA2Mj',
    })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(36_000)
    expect(tokens).toMatchObject({ expires_in: 86_400, scope: 'openid profile email' })
    expect(tokens.refresh_token).toBeUndefined()
    expect(user?.logins_count).toBe(1)
    expect(world.tenant.logs().map(({ type }) => type)).toEqual(['s', 'seacft'])
  })

  it('tells no more than the scope covers', async () => {
    const world = start()
    const claims = await verifyIdToken(world, await world.tokens({ scope: 'openid' }))
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'sid', 'sub'])
  })

  it('makes an access token for a named API a JWT, and an opaque one without', async () => {
    const world = start()
    const opaque = await world.tokens()
    expect(opaque.access_token).not.toContain('.')
    const named = await world.tokens({ audience: 'https://api.example' })
    const [, payload = ''] = named.access_token.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      aud: ['https://api.example', `${world.tenant.origin}/userinfo`],
      azp: CLIENT,
      scope: 'openid profile email',
    })
    expect(named.expires_in).toBe(600)
  })

  it('does not ask again while the session lives, and asks for a password after it ended', async () => {
    const world = start()
    await world.logIn()
    await world.authorize({ prompt: 'none' })
    expect(world.told()).toHaveProperty('code')
    world.tenant.clock.advanceSeconds(73 * 3600)
    await world.authorize({ prompt: 'none' })
    expect(world.told()).toMatchObject({ error: 'login_required' })
    expect((await world.authorize()).pathname).toBe('/u/login')
  })

  it('asks again for prompt=login, for a session older than max_age, and then tells auth_time', async () => {
    const world = start()
    world.tenant.clock.set(Date.UTC(2026, 0, 2))
    await world.logIn()
    expect((await world.authorize({ prompt: 'login' })).pathname).toBe('/u/login')
    world.tenant.clock.advanceSeconds(100)
    expect((await world.authorize({ max_age: '101' })).pathname).toBe('/callback')
    expect((await world.authorize({ max_age: '100' })).pathname).toBe('/u/login')
    await world.browser.submit(undefined, { username: EMAIL, password: PASSWORD })
    const { code = '' } = world.told()
    const tokens = await world.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
    })
    const claims = await jwtVerify(tokens.id_token, await keysOf(world), {
      currentDate: new Date(world.tenant.clock.now()),
    })
    expect(claims.payload.auth_time).toBe(Math.floor(world.tenant.clock.now() / 1000))
  })

  it('fills in the login hint and opens the signup page on request', async () => {
    const world = start()
    await world.authorize({ login_hint: 'grace@example.com' })
    expect(world.browser.page.forms[0]?.fields).toContainEqual(['username', 'grace@example.com'])
    await world.authorize({ screen_hint: 'signup' })
    await world.browser.submit(undefined, { email: 'new@example.com', password: 'New-password-1' })
    expect(world.told()).toHaveProperty('code')
    expect(world.tenant.users.get('new@example.com')?.email_verified).toBe(false)
    expect(world.tenant.logs().map(({ type }) => type)).toEqual(['ss', 's'])
  })

  it.each([
    ['form_post', (world: ReturnType<typeof start>) => world.browser.page.forms[0]?.fields],
  ] as const)('answers by %s', async (mode, fields) => {
    const world = start()
    await world.logIn({ response_mode: mode })
    expect(world.browser.page.headers.get('content-security-policy')).toContain(
      "script-src 'sha256-",
    )
    expect(fields(world)).toContainEqual(['state', 'the-state-of-the-application'])
    await world.browser.autoSubmit()
    expect(world.browser.page.url).toBe(CALLBACK)
  })

  it('puts tokens into the fragment, never into the query', async () => {
    const world = start()
    const end = await world.logIn({ response_type: 'id_token token', nonce: 'n' })
    const fragment = new URLSearchParams(end.hash.slice(1))
    expect([...fragment.keys()].sort()).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'scope',
      'state',
      'token_type',
    ])
    expect(end.search).toBe('')
    await world.logIn({ response_type: 'id_token', nonce: 'n', response_mode: 'query' })
    expect(world.told()).toMatchObject({ error: 'invalid_request' })
  })
})

it('a wildcard on the list of callbacks stands for one label, and logs in nowhere else', async () => {
  const callbacks = ['https://*.preview.example/callback', CALLBACK]
  const world = start([], { clients: [{ client_id: CLIENT, name: 'Application', callbacks }] })
  const redirectedTo = async (host: string) => {
    const redirect_uri = `https://${host}/callback`
    await world.authorize({ redirect_uri, prompt: 'none', response_type: 'code' })
    return world.browser.hops.at(-1)?.url
  }
  const to = async (host: string) => new URL((await redirectedTo(host)) ?? '').host
  world.browser.route('https://pr-1.preview.example', () => new Response(''))
  expect(await to('pr-1.preview.example')).toBe('pr-1.preview.example')
  const own = new URL(world.tenant.origin).host
  expect(await to('a.pr-1.preview.example')).toBe(own)
  expect(await to('evil.example')).toBe(own)
})

describe('a request that cannot be answered safely', () => {
  it.each([
    ['an unknown client', { client_id: 'x'.repeat(32) }, 'Unknown client'],
    [
      'another callback',
      { redirect_uri: 'https://evil.example/callback' },
      'Callback URL mismatch',
    ],
    ['a callback one character longer', { redirect_uri: `${CALLBACK}/` }, 'Callback URL mismatch'],
    [
      'a message to a page that is not registered',
      { response_mode: 'web_message' },
      'does not have a registered origin',
    ],
  ])('tells the person about %s and sends the browser nowhere', async (_what, change, text) => {
    const world = start()
    const end = await world.authorize(change)
    expect(end.origin).toBe(world.tenant.origin)
    expect(world.browser.page.status).toBe(400)
    expect(world.browser.page.text).toContain(text)
  })

  it.each([
    ['no response type', { response_type: '' }, 'unsupported_response_type'],
    ['a plain challenge', { ...PKCE, code_challenge_method: 'plain' }, 'invalid_request'],
    ['a short challenge', { ...PKCE, code_challenge: 'abc' }, 'invalid_request'],
    ['prompt none and another', { prompt: 'none login' }, 'invalid_request'],
    ['an ID token without a nonce', { response_type: 'code id_token' }, 'invalid_request'],
    ['an unknown API', { audience: 'https://other.example' }, 'access_denied'],
    ['an unknown organization', { organization: 'org_x' }, 'invalid_request'],
  ])('tells the application about %s', async (_what, change, error) => {
    const world = start()
    const end = await world.authorize(change)
    expect(end.origin + end.pathname).toBe(CALLBACK)
    const told = new URLSearchParams(end.hash ? end.hash.slice(1) : end.search)
    expect(told.get('error')).toBe(error)
    expect(told.get('state')).toBe('the-state-of-the-application')
    expect(world.browser.hops).toHaveLength(2)
  })
})

describe('the login page', () => {
  it('says the same about a wrong password and an unknown user, and logs which it was', async () => {
    const world = start()
    await world.authorize()
    await world.browser.submit(undefined, { username: EMAIL, password: 'Wrong-password-1' })
    const wrong = world.browser.page.text
    await world.browser.submit(undefined, { username: EMAIL, password: PASSWORD })
    expect(world.told()).toHaveProperty('code')
    await world.authorize({ prompt: 'login' })
    await world.browser.submit(undefined, { username: EMAIL, password: 'x' })
    expect(world.browser.page.text).toBe(wrong)
    await world.browser.submit(undefined, { username: 'nobody@example.com', password: 'x' })
    expect(world.browser.page.text).toContain('Wrong email or password')
    expect(world.tenant.logs().map(({ type }) => type)).toEqual(['fp', 's', 'fp', 'fu'])
  })

  it('belongs to the browser that was sent to it', async () => {
    const world = start()
    const { href } = await world.authorize()
    const thief = world.otherBrowser()
    await thief.visit(href)
    expect(thief.page.text).toContain('invalid_request')
  })

  it('is submitted once', async () => {
    const world = start()
    await world.authorize()
    const [form] = world.browser.page.forms
    const values = { username: EMAIL, password: PASSWORD }
    await world.browser.submit(form, values)
    await world.browser.submit(form, values)
    expect(world.browser.page.text).toContain('invalid_request')
    expect(world.tenant.users.get(EMAIL)?.logins_count).toBe(1)
  })

  it('takes an address, not the id of a user', async () => {
    const world = start()
    const id = world.tenant.users.get(EMAIL)?.user_id ?? ''
    await world.authorize()
    await world.browser.submit(undefined, { username: id, password: PASSWORD })
    expect(world.browser.page.text).toContain('Wrong email or password')
  })

  it('lets nobody in who is blocked', async () => {
    const world = start()
    const user = world.tenant.users.get(EMAIL)
    world.tenant.users.update(user?.user_id ?? '', { blocked: true })
    await world.logIn()
    expect(world.browser.page.text).toContain('Wrong email or password')
  })
})

describe('an authorization code', () => {
  const exchange = { grant_type: 'authorization_code', redirect_uri: CALLBACK }

  it('works once', async () => {
    const world = start()
    await world.logIn()
    const { code = '' } = world.told()
    expect((await world.token({ ...exchange, code })).status).toBe(200)
    expect(await world.token({ ...exchange, code })).toMatchObject({
      status: 403,
      error: 'invalid_grant',
      error_description: 'Invalid authorization code',
    })
  })

  it('works for ten minutes', async () => {
    const world = start()
    await world.logIn()
    const { code = '' } = world.told()
    world.tenant.clock.advanceSeconds(600)
    expect(await world.token({ ...exchange, code })).toMatchObject({ error: 'invalid_grant' })
  })

  it.each([
    ['another address', { redirect_uri: `${CALLBACK}?` }, 'invalid_grant'],
    ['a wrong secret', { client_secret: 'wrong' }, 'access_denied'],
    ['no secret', { client_secret: '' }, 'access_denied'],
    ['a verifier nobody announced', { code_verifier: VERIFIER }, 'invalid_grant'],
  ])('is refused with %s, and nothing is issued', async (_what, change, error) => {
    const world = start()
    await world.logIn()
    const { code = '' } = world.told()
    expect(await world.token({ ...exchange, code, ...change })).toMatchObject({ error })
    expect(world.tenant.trace.of('tokens.issued')).toEqual([])
  })

  it('needs the verifier of its challenge', async () => {
    const world = start()
    for (const [code_verifier, status] of [
      [VERIFIER, 200],
      [`${VERIFIER.slice(1)}w`, 403],
      [undefined, 403],
    ] as const) {
      await world.logIn(PKCE)
      const { code = '' } = world.told()
      const answer = await world.token({
        ...exchange,
        code,
        ...(code_verifier === undefined ? {} : { code_verifier }),
      })
      expect(answer.status).toBe(status)
    }
  })

  it('is worth nothing to a client without a secret that announced no challenge', async () => {
    const client_id = 'SinglePageApplication00000000000'
    const world = start([], {
      clients: [{ client_id, name: 'Page', app_type: 'spa', callbacks: [CALLBACK] }],
    })
    for (const [pkce, verifier, status] of [
      [PKCE, { code_verifier: VERIFIER }, 200],
      [{}, {}, 403],
    ] as const) {
      await world.logIn({ client_id, ...pkce })
      const { code = '' } = world.told()
      const answer = await ask(world, '/oauth/token', {
        method: 'POST',
        body: new URLSearchParams({ ...exchange, ...verifier, client_id, code }),
      })
      expect(answer.status).toBe(status)
    }
  })
})

describe('a refresh token', () => {
  const offline = { scope: 'openid offline_access' }
  const refresh = (refresh_token = '') => ({ grant_type: 'refresh_token', refresh_token })
  const rotating = {
    clients: [
      {
        client_id: CLIENT,
        name: 'Application',
        client_secret: 'a-secret-only-this-test-knows-0123456789',
        callbacks: [CALLBACK],
        refresh_token: {
          rotation_type: 'rotating',
          expiration_type: 'expiring',
          token_lifetime: 1000,
          idle_token_lifetime: 300,
        },
      },
    ],
  } as const

  it('without rotation stays the same', async () => {
    const world = start()
    const first = await world.tokens(offline)
    const second = await world.token(refresh(first.refresh_token))
    expect(second).toMatchObject({ status: 200, refresh_token: first.refresh_token })
    expect(second.access_token).not.toBe(first.access_token)
  })

  it('with rotation works once; reuse ends the whole grant', async () => {
    const world = start([], rotating)
    const first = await world.tokens(offline)
    const second = await world.token(refresh(first.refresh_token))
    expect(second.status).toBe(200)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(await world.token(refresh(first.refresh_token))).toMatchObject({
      status: 403,
      error: 'invalid_grant',
    })
    expect(await world.token(refresh(second.refresh_token))).toMatchObject({ status: 403 })
    expect(world.tenant.logs().map(({ type }) => type)).toContain('ferrt')
  })

  it('used twice at once with rotation is exchanged once', async () => {
    const world = start([], rotating)
    const first = await world.tokens(offline)
    const answers = await Promise.all([
      world.token(refresh(first.refresh_token)),
      world.token(refresh(first.refresh_token)),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403])
  })

  it('ends after its idle time and after its lifetime', async () => {
    const idle = start([], rotating)
    const { refresh_token } = await idle.tokens(offline)
    idle.tenant.clock.advanceSeconds(300)
    expect((await idle.token(refresh(refresh_token))).status).toBe(403)

    const absolute = start([], rotating)
    let value = (await absolute.tokens(offline)).refresh_token
    for (let passed = 0; passed < 800; passed += 200) {
      absolute.tenant.clock.advanceSeconds(200)
      const answer = await absolute.token(refresh(value))
      expect(answer.status).toBe(200)
      value = answer.refresh_token
    }
    absolute.tenant.clock.advanceSeconds(200)
    expect((await absolute.token(refresh(value))).status).toBe(403)
  })

  it('stops working when it is revoked', async () => {
    const world = start()
    const { refresh_token = '' } = await world.tokens(offline)
    const revoked = await ask(world, '/oauth/revoke', {
      method: 'POST',
      body: new URLSearchParams({
        client_id: CLIENT,
        client_secret: 'a-secret-only-this-test-knows-0123456789',
        token: refresh_token,
      }),
    })
    expect(revoked.status).toBe(200)
    expect((await world.token(refresh(refresh_token))).status).toBe(403)
  })
})

describe('the password grant', () => {
  const grant = { grant_type: 'password', username: EMAIL, password: PASSWORD, scope: 'openid' }

  it('logs in where a default directory is set, and with a realm', async () => {
    const world = start()
    expect((await world.token(grant)).status).toBe(200)
    const realm = {
      ...grant,
      grant_type: 'http://auth0.com/oauth/grant-type/password-realm',
      realm: 'Username-Password-Authentication',
    }
    expect((await world.token(realm)).status).toBe(200)
    expect((await world.token({ ...realm, realm: 'other' })).status).toBe(403)
    const without = start([], { settings: {} })
    expect(await without.token(grant)).toMatchObject({ error: 'access_denied' })
  })

  it('refuses a wrong password', async () => {
    const world = start()
    expect(await world.token({ ...grant, password: 'x' })).toMatchObject({
      status: 403,
      error: 'invalid_grant',
      error_description: 'Wrong email or password.',
    })
    expect(world.tenant.logs().map(({ type }) => type)).toEqual(['fepft'])
  })
})

describe('/userinfo', () => {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

  it('answers an opaque and a named access token, until it expires', async () => {
    const world = start()
    for (const audience of ['', 'https://api.example']) {
      const { access_token } = await world.tokens({ audience })
      const answer = await ask(world, '/userinfo', bearer(access_token))
      expect(await answer.json()).toMatchObject({ email: EMAIL })
      world.tenant.clock.advanceSeconds(86_400)
      expect((await ask(world, '/userinfo', bearer(access_token))).status).toBe(401)
    }
  })

  it.each([
    ['without a token', {}],
    ['with an ID token', undefined],
  ])('refuses a request %s', async (_what, given) => {
    const world = start()
    const { id_token } = await world.tokens()
    expect((await ask(world, '/userinfo', given ?? bearer(id_token))).status).toBe(401)
  })

  it('refuses an access token without openid', async () => {
    const world = start()
    const { access_token } = await world.tokens({ scope: 'profile' })
    expect((await ask(world, '/userinfo', bearer(access_token))).status).toBe(401)
  })
})

describe('logging out', () => {
  const isSignedIn = async (world: ReturnType<typeof start>) => {
    await world.authorize({ prompt: 'none' })
    return world.told().error !== 'login_required'
  }

  it('at /v2/logout ends the session and leads to an allowed address', async () => {
    const world = start()
    await world.logIn()
    await world.browser.visit(
      `${world.tenant.origin}/v2/logout?client_id=${CLIENT}&returnTo=${encodeURIComponent(APP)}`,
    )
    expect(world.browser.page.url).toBe(`${APP}/`)
    expect(await isSignedIn(world)).toBe(false)
  })

  it('at /v2/logout refuses another address and ends nothing', async () => {
    const world = start()
    await world.logIn()
    await world.browser.visit(
      `${world.tenant.origin}/v2/logout?client_id=${CLIENT}&returnTo=https://evil.example`,
    )
    expect(world.browser.page.status).toBe(400)
    expect(await isSignedIn(world)).toBe(true)
  })

  it('at /oidc/logout trusts the ID token of this session, and asks the person without one', async () => {
    const world = start()
    const { id_token } = await world.tokens()
    await world.browser.visit(`${world.tenant.origin}/oidc/logout?client_id=${CLIENT}`)
    expect(world.browser.page.title).toContain('Log out?')
    expect(await isSignedIn(world)).toBe(true)
    const query = new URLSearchParams({
      id_token_hint: id_token,
      post_logout_redirect_uri: APP,
      state: 'xyz',
    })
    await world.browser.visit(`${world.tenant.origin}/oidc/logout?${query}`)
    expect(world.browser.page.url).toBe(`${APP}/?state=xyz`)
    expect(await isSignedIn(world)).toBe(false)
  })

  it('at /oidc/logout refuses a hint that was not signed here', async () => {
    const world = start()
    const other = start()
    await world.logIn()
    const { id_token } = await other.tokens()
    await world.browser.visit(`${world.tenant.origin}/oidc/logout?id_token_hint=${id_token}`)
    expect(world.browser.page.text).toContain('Invalid id_token_hint')
    expect(await isSignedIn(world)).toBe(true)
  })
})

describe('organizations', () => {
  const organizations = [{ id: 'org_1', name: 'acme', members: [EMAIL] }]

  it('are named in the tokens of a member', async () => {
    const world = start([], { organizations })
    const claims = await verifyIdToken(world, await world.tokens({ organization: 'acme' }))
    expect(claims.org_id).toBe('org_1')
  })

  it('let nobody in who does not belong', async () => {
    const world = start([], { organizations: [{ id: 'org_1', name: 'acme' }] })
    await world.logIn({ organization: 'org_1' })
    expect(world.told()).toMatchObject({ error: 'access_denied' })
    expect(world.told()).not.toHaveProperty('code')
  })
})

describe('custom domains', () => {
  it('are the issuer of what is asked of them, and hold a session of their own', async () => {
    const world = start([], { customDomains: [{ domain: 'login.example' }] })
    world.browser.route('https://login.example', world.tenant.fetch)
    await world.logIn()
    const query = new URLSearchParams({
      client_id: CLIENT,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid',
    })
    await world.browser.visit(`https://login.example/authorize?${query}`)
    expect(new URL(world.browser.page.url).pathname).toBe('/u/login')
    await world.browser.submit(undefined, { username: EMAIL, password: PASSWORD })
    const { code = '' } = world.told()
    const { id_token } = await world.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
    })
    const [, payload = ''] = id_token.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).iss).toBe(
      'https://login.example/',
    )
  })
})
