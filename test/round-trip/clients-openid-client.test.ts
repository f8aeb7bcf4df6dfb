/**
 * The emulated tenant as `openid-client` sees it: discovery, code with PKCE, refresh, user info, and
 * logging out, over real HTTP.
 */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBrowser, createTenant, type Tenant } from '../../src/emulator/index.ts'
import { EMAIL, onLogin, PASSWORD, SITE } from '../support/login-world.ts'

const CALLBACK = 'http://localhost:9/callback'
const HOME = 'http://localhost:9/'
const CLIENT_ID = 'OpenIdClient00000000000000000000'
const API = 'https://api.example'

let tenant: Tenant
let config: client.Configuration

beforeAll(async () => {
  tenant = createTenant({
    host: 'localhost',
    users: [{ email: EMAIL, password: PASSWORD }],
    clients: [
      {
        client_id: CLIENT_ID,
        name: 'openid-client',
        client_secret: 'a secret of+its own',
        callbacks: [CALLBACK],
        allowed_logout_urls: [HOME],
        refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring' },
      },
    ],
    resourceServers: [{ identifier: API }],
    actions: {
      'post-login': [
        {
          name: 'login-check',
          code: onLogin(
            `api.idToken.setCustomClaim('https://app.example/plan', 'gold')
             if (event.request.query.redirect) api.redirect.sendUserTo('${SITE}/verify')`,
          ),
        },
      ],
    },
  })
  const { origin } = await tenant.listen()
  config = await client.discovery(
    new URL(origin),
    CLIENT_ID,
    undefined,
    client.ClientSecretBasic('a secret of+its own'),
    { execute: [client.allowInsecureRequests] },
  )
})
afterAll(() => tenant.close())

/** Logs in with a browser and gives back where it ended. */
async function logIn(more: Readonly<Record<string, string>> = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const expectedNonce = client.randomNonce()
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...more,
  })
  const empty = () => new Response('', { headers: { 'content-type': 'text/html' } })
  const browser = createBrowser({ routes: { 'http://localhost:9': empty, [SITE]: empty } })
  await browser.visit(address.href)
  await browser.submit(undefined, { username: EMAIL, password: PASSWORD })
  const checks = { pkceCodeVerifier, expectedState, expectedNonce }
  return { browser, checks }
}

async function tokensOf({ browser, checks }: Awaited<ReturnType<typeof logIn>>) {
  return client.authorizationCodeGrant(config, new URL(browser.page.url), checks)
}

describe('openid-client', () => {
  it('finds everything it needs by discovery', () => {
    const server = config.serverMetadata()
    expect(server.issuer).toBe(`${tenant.origin}/`)
    expect(server.supportsPKCE()).toBe(true)
  })

  it('logs in by code with PKCE and verifies the ID token', async () => {
    const tokens = await tokensOf(await logIn({ max_age: '600' }))
    expect(tokens.claims()).toMatchObject({ email: EMAIL, 'https://app.example/plan': 'gold' })
    const sub = tokens.claims()?.sub ?? ''
    const info = await client.fetchUserInfo(config, tokens.access_token, sub)
    expect(info).toMatchObject({ sub, email: EMAIL, 'https://app.example/plan': 'gold' })
  })

  it('accepts neither another verifier, state nor nonce', async () => {
    const { browser, checks } = await logIn()
    const url = new URL(browser.page.url)
    const grant = (change: object) =>
      client.authorizationCodeGrant(config, url, { ...checks, ...change })
    await expect(grant({ expectedState: 'another' })).rejects.toMatchObject({
      code: 'OAUTH_INVALID_RESPONSE',
    })
    await expect(
      grant({ pkceCodeVerifier: client.randomPKCECodeVerifier() }),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
    const again = await logIn()
    await expect(
      tokensOf({ ...again, checks: { ...again.checks, expectedNonce: 'another' } }),
    ).rejects.toMatchObject({ code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' })
  })

  it('refreshes with rotation, and is told when a value was used before', async () => {
    const tokens = await tokensOf(await logIn())
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
    expect(refreshed.claims()?.sub).toBe(tokens.claims()?.sub)
    await expect(
      client.refreshTokenGrant(config, tokens.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
    await expect(
      client.refreshTokenGrant(config, refreshed.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('revokes a refresh token', async () => {
    const { refresh_token = '' } = await tokensOf(await logIn())
    await client.tokenRevocation(config, refresh_token)
    await expect(client.refreshTokenGrant(config, refresh_token)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('gets the tokens of an implicit and of a hybrid login with matching hashes', async () => {
    const { origin } = tenant
    const implicit = await client.discovery(
      new URL(origin),
      CLIENT_ID,
      undefined,
      client.ClientSecretPost('a secret of+its own'),
      { execute: [client.allowInsecureRequests, client.useCodeIdTokenResponseType] },
    )
    const { browser, checks } = await logIn({ response_type: 'code id_token' })
    const tokens = await client.authorizationCodeGrant(implicit, new URL(browser.page.url), checks)
    expect(tokens.claims()?.email).toBe(EMAIL)
  })

  it('is sent away and back by an Action in between', async () => {
    const login = await logIn({ redirect: '1' })
    const away = new URL(login.browser.page.url)
    expect(away.origin).toBe(SITE)
    const state = away.searchParams.get('state') ?? ''
    await login.browser.visit(`${tenant.origin}/continue?state=${encodeURIComponent(state)}`)
    expect((await tokensOf(login)).claims()?.email).toBe(EMAIL)
  })

  it('is told why a login was denied', async () => {
    tenant.setActions('post-login', [
      { name: 'deny', code: onLogin(`api.access.deny('not from here')`) },
    ])
    await expect(tokensOf(await logIn())).rejects.toMatchObject({
      error: 'access_denied',
      error_description: 'not from here',
    })
    tenant.setActions('post-login', [])
  })

  it('logs out and is sent home', async () => {
    const { browser, checks } = await logIn()
    const tokens = await tokensOf({ browser, checks })
    const leave = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: HOME,
    })
    await browser.visit(leave.href)
    expect(browser.page.url).toBe(HOME)
    const again = client.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid',
      prompt: 'none',
    })
    await browser.visit(again.href)
    expect(new URL(browser.page.url).searchParams.get('error')).toBe('login_required')
  })
})
