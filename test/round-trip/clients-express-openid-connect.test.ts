/**
 * A web application on `express-openid-connect`, as its own documentation has it, logs in through the
 * emulated tenant: with its default (an ID token by form post) and with a code.
 */
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { auth, type ConfigParams, requiresAuth } from 'express-openid-connect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, createBrowser, createTenant, type Tenant } from '../../src/emulator/index.ts'
import { EMAIL, onLogin, PASSWORD } from '../support/login-world.ts'

/** The part of Express that is used here: the package brings no types. */
interface ExpressRequest {
  readonly oidc: {
    isAuthenticated(): boolean
    readonly user: Readonly<Record<string, unknown>> | undefined
    fetchUserInfo(): Promise<unknown>
  }
}
interface ExpressResponse {
  status(code: number): ExpressResponse
  send(body: string): void
  json(body: unknown): void
}
type Handler = (request: ExpressRequest, response: ExpressResponse) => void | Promise<void>
type Middleware = ReturnType<typeof auth>
type Application = RequestListener & {
  use(middleware: Middleware): void
  use(
    middleware: (
      error: Error,
      request: ExpressRequest,
      response: ExpressResponse,
      next: () => void,
    ) => void,
  ): void
  get(path: string, ...handlers: readonly (Handler | Middleware)[]): void
}
const express = createRequire(import.meta.url)('express') as () => Application

const CLIENT_ID = 'ExpressApplication00000000000000'
const SECRET = 'a-secret-of-the-express-application'

let tenant: Tenant
const servers: Server[] = []

beforeAll(async () => {
  tenant = createTenant({
    host: 'localhost',
    users: [{ email: EMAIL, password: PASSWORD }],
    clients: [],
    actions: {
      'post-login': [
        {
          name: 'plan',
          code: onLogin(`api.idToken.setCustomClaim('https://app.example/plan', 'gold')
            if (event.user.user_metadata.denied) api.access.deny('not from here')`),
        },
      ],
    },
  })
  await tenant.listen()
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await tenant.close()
})

/** The application of the package's README on a port of its own. */
async function serveApplication(more: ConfigParams): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const baseURL = `http://localhost:${(server.address() as AddressInfo).port}`
  tenant.clients.add({
    client_id: CLIENT_ID,
    name: 'Express',
    client_secret: SECRET,
    callbacks: [`${baseURL}/callback`],
    allowed_logout_urls: [baseURL],
  })
  const application = express()
  application.use(
    auth({
      issuerBaseURL: tenant.origin,
      baseURL,
      clientID: CLIENT_ID,
      secret: 'a long random value that encrypts the cookie of the application',
      idpLogout: true,
      authRequired: false,
      session: { cookie: { secure: false, sameSite: 'Lax' } },
      ...more,
    }),
  )
  application.get('/', (request: ExpressRequest, response: ExpressResponse) => {
    response.send(`<title>${request.oidc.isAuthenticated() ? 'in' : 'out'}</title>`)
  })
  application.get(
    '/profile',
    requiresAuth(),
    async (request: ExpressRequest, response: ExpressResponse) => {
      response.json({
        user: request.oidc.user,
        info: await request.oidc.fetchUserInfo().catch(() => null),
      })
    },
  )
  application.use(
    (error: Error, _request: ExpressRequest, response: ExpressResponse, _next: () => void) => {
      response.status(400).send(`<p>${error.message}</p>`)
    },
  )
  server.on('request', application)
  return baseURL
}

const logIn = async (browser: Browser, address: string) => {
  await browser.visit(address)
  await browser.submit(undefined, { username: EMAIL, password: PASSWORD })
  if (browser.page.forms.length > 0) await browser.autoSubmit()
}

describe('express-openid-connect', () => {
  it('logs in with a code, asks for the profile, and logs out at the tenant', async () => {
    const baseURL = await serveApplication({
      clientSecret: SECRET,
      authorizationParams: { response_type: 'code', response_mode: 'query' },
    })
    const browser = createBrowser()
    await logIn(browser, `${baseURL}/profile`)
    const { user, info } = JSON.parse(browser.page.body)
    expect(user).toMatchObject({ email: EMAIL, 'https://app.example/plan': 'gold' })
    expect(info).toMatchObject({ sub: user.sub, email: EMAIL })
    await browser.visit(`${baseURL}/logout`)
    expect(browser.page.title).toBe('out')
    await browser.visit(`${baseURL}/login`)
    expect(new URL(browser.page.url).pathname).toBe('/u/login')
  })

  it('logs in with its default, an ID token by form post', async () => {
    const baseURL = await serveApplication({})
    const browser = createBrowser()
    await logIn(browser, `${baseURL}/login`)
    expect(browser.page.url).toBe(`${baseURL}/`)
    expect(browser.page.title).toBe('in')
  })

  it('shows the error of a login that was denied, and lets nobody in', async () => {
    const baseURL = await serveApplication({
      clientSecret: SECRET,
      authorizationParams: { response_type: 'code', response_mode: 'query' },
    })
    const user = tenant.users.get(EMAIL)
    tenant.users.update(user?.user_id ?? '', { user_metadata: { denied: true } })
    const browser = createBrowser()
    await logIn(browser, `${baseURL}/login`)
    expect(browser.page.status).toBe(400)
    await browser.visit(baseURL)
    expect(browser.page.title).toBe('out')
  })
})
