/**
 * A single-page application on `@auth0/auth0-spa-js` in a real browser logs in through the emulated tenant:
 * by redirect, in a popup, silently in a frame, and with rotating refresh tokens.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished } from 'vitest'
import { createTenant } from '../../src/emulator/index.ts'
import { EMAIL, onLogin, PASSWORD } from '../support/login-world.ts'
import { it, type Person } from './person.ts'
import { serveSite } from './sites.ts'

const CLIENT_ID = 'SinglePageApplication00000000000'
const LIBRARY = readFileSync(
  createRequire(import.meta.url)
    .resolve('@auth0/auth0-spa-js')
    .replace(/dist\/.*$/, 'dist/auth0-spa-js.production.js'),
)

/** What the library is told, besides the tenant and the client. */
type Settings = Readonly<Record<string, unknown>>

/** The page of the application: the library's own build, and one client that tests talk to. */
const applicationPage = (domain: string, settings: Settings) => `<!doctype html>
<title>Application</title><link rel="icon" href="data:,"><script src="/auth0.js"></script>
<script>
  window.client = new auth0.Auth0Client({
    domain: ${JSON.stringify(domain)},
    clientId: ${JSON.stringify(CLIENT_ID)},
    ...${JSON.stringify(settings)},
    authorizationParams: { redirect_uri: location.origin },
  })
</script>`

async function serve(settings: Settings, action = '') {
  const tenant = createTenant({
    users: [{ email: EMAIL, password: PASSWORD }],
    clients: [],
    actions: { 'post-login': [{ name: 'check', code: onLogin(action) }] },
  })
  onTestFinished(() => tenant.close())
  const { origin: domain } = await tenant.listen()
  const site = await serveSite('app', (request, response) => {
    const isScript = request.url === '/auth0.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? LIBRARY : applicationPage(domain, settings))
  })
  tenant.clients.add({
    client_id: CLIENT_ID,
    name: 'Page',
    app_type: 'spa',
    callbacks: [site.origin],
    web_origins: [site.origin],
    allowed_logout_urls: [site.origin],
    refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring' },
  })
  return { tenant, site }
}

const enterPassword = async (page: Page) => {
  await page.getByLabel('E-mail address').fill(EMAIL)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Continue' }).click()
}

/** Runs an expression of the page and waits for what it promises. */
const run = (page: Page, expression: string): Promise<unknown> => page.evaluate(expression)

const USER = 'client.getUser().then((user) => user && user.email)'
const FRESH_TOKEN =
  "client.getTokenSilently({ cacheMode: 'off' }).then(() => 'token', (error) => error.error)"

async function logInByRedirect({ page }: Person, origin: string) {
  await page.goto(origin)
  await run(page, 'void client.loginWithRedirect()')
  await page.waitForURL('**/u/login**')
  await enterPassword(page)
  await page.waitForURL(`${origin}/?code=*`)
  await run(page, 'client.handleRedirectCallback().then(() => history.replaceState({}, "", "/"))')
}

describe('auth0-spa-js', () => {
  it('logs in by redirect and gets a token again in a hidden frame', async ({ open }) => {
    const { site } = await serve({})
    const person = await open()
    await logInByRedirect(person, site.origin)
    expect(await run(person.page, USER)).toBe(EMAIL)
    expect(await run(person.page, FRESH_TOKEN)).toBe('token')
    const silent = person.requests.filter((request) => request.url().includes('prompt=none'))
    expect(silent.map((request) => request.frame().parentFrame() !== null)).toEqual([true])
  })

  it('finds the session of the tenant again after a reload', async ({ open }) => {
    const { site } = await serve({})
    const person = await open()
    await logInByRedirect(person, site.origin)
    await person.page.reload()
    expect(await run(person.page, `client.checkSession().then(() => ${USER})`)).toBe(EMAIL)
  })

  it('logs in through a popup', async ({ open }) => {
    const { site } = await serve({})
    const { page } = await open()
    await page.goto(site.origin)
    const opened = page.waitForEvent('popup')
    const done = run(page, `client.loginWithPopup().then(() => ${USER})`)
    await enterPassword(await opened)
    expect(await done).toBe(EMAIL)
  })

  it('renews with rotating refresh tokens and no frame', async ({ open }) => {
    const { tenant, site } = await serve({ useRefreshTokens: true })
    const person = await open()
    await logInByRedirect(person, site.origin)
    for (let renewals = 0; renewals < 2; renewals += 1)
      expect(await run(person.page, FRESH_TOKEN)).toBe('token')
    expect(tenant.logs().map(({ type }) => type)).toEqual(['s', 'seacft', 'sertft', 'sertft'])
    expect(person.requests.some((request) => request.url().includes('prompt=none'))).toBe(false)
  })

  it('is told that interaction is required when an Action redirects a silent login', async ({
    open,
  }) => {
    const { site } = await serve(
      {},
      `if (event.request.query.prompt === 'none') api.redirect.sendUserTo('https://site.example/')`,
    )
    const person = await open()
    await logInByRedirect(person, site.origin)
    expect(await run(person.page, FRESH_TOKEN)).toBe('interaction_required')
  })

  it('logs out at the tenant and comes back to nobody', async ({ open }) => {
    const { site } = await serve({})
    const person = await open()
    await logInByRedirect(person, site.origin)
    await run(person.page, 'void client.logout({ logoutParams: { returnTo: location.origin } })')
    await person.page.waitForURL(`${site.origin}/`)
    await person.page.waitForFunction('window.client !== undefined')
    expect(await run(person.page, `client.checkSession().then(() => ${USER})`)).toBeUndefined()
    expect(await run(person.page, FRESH_TOKEN)).toBe('login_required')
  })

  it('from another page gets nothing: neither a message nor an answer to its script', async ({
    open,
  }) => {
    const { tenant, site } = await serve({})
    const person = await open()
    await logInByRedirect(person, site.origin)
    const stranger = await serveSite('stranger', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<title>Stranger</title><link rel="icon" href="data:,">')
    })
    await person.page.goto(stranger.origin)
    person.expectFault(/frame-ancestors|Refused to frame|Content Security Policy/)
    const query = new URLSearchParams({
      client_id: CLIENT_ID,
      redirect_uri: site.origin,
      response_type: 'code',
      response_mode: 'web_message',
      prompt: 'none',
    })
    const heard = await run(
      person.page,
      `new Promise((resolve) => {
        addEventListener('message', (event) => resolve(event.data))
        const frame = document.createElement('iframe')
        frame.onload = () => setTimeout(() => resolve('nothing'), 200)
        frame.src = ${JSON.stringify(`${tenant.origin}/authorize?${query}`)}
        document.body.append(frame)
      })`,
    )
    expect(heard).toBe('nothing')
  })
})

describe.each(['light', 'dark'] as const)('the pages of a login, %s', (colorScheme) => {
  const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

  it('can be used by everybody, as far as a program can tell', async ({ open }) => {
    const { tenant, site } = await serve(
      {},
      `api.authentication.enrollWithAny([{ type: 'otp' }, { type: 'phone' }])`,
    )
    const { page, expectFault } = await open({
      colorScheme,
      viewport: { width: 320, height: 640 },
      bypassPolicy: true,
    })
    // Each refusal is a failed load for the console.
    expectFault(/status of 400/)
    const look = async (what: string) => {
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze()
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        what,
      ).toEqual([])
      expect(
        await run(page, 'document.documentElement.scrollWidth - innerWidth'),
        what,
      ).toBeLessThanOrEqual(0)
    }
    const authorize = new URLSearchParams({
      client_id: CLIENT_ID,
      redirect_uri: site.origin,
      response_type: 'code',
    })
    await page.goto(`${tenant.origin}/authorize?client_id=unknown`)
    await look('a request that cannot be answered')
    await page.goto(`${tenant.origin}/authorize?${authorize}`)
    await look('login')
    await page.getByLabel('E-mail address').fill(EMAIL)
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').waitFor()
    await look('a wrong password')
    await page.getByRole('link', { name: 'Sign up' }).click()
    await page.getByRole('heading', { name: 'Create your account' }).waitFor()
    await look('signup')
    await page.getByRole('link', { name: 'I have an account' }).click()
    await enterPassword(page)
    await page.getByRole('button', { name: 'Phone' }).click()
    await page.getByLabel('Phone number').waitFor()
    await look('enrolling a phone')
    await page.getByRole('button', { name: 'Use instead: Authenticator app' }).click()
    await page.getByLabel('Code').waitFor()
    await look('enrolling an authenticator app')
    await page.goto(`${tenant.origin}/oidc/logout?client_id=${CLIENT_ID}`)
    await look('logging out')
  })
})
