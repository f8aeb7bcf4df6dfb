/**
 * A tenant with one user, one application and post-login Actions, a browser, and an application that says
 * what it was told: what the tests of the login side start from.
 */
import {
  type ActionSpec,
  type Browser,
  type BrowserOptions,
  createBrowser,
  createTenant,
  type Tenant,
  type TenantOptions,
} from '../../src/emulator/index.ts'

export const EMAIL = 'ada@example.com'
export const PASSWORD = 'Old-password-1'
export const CLIENT = 'WebApplication000000000000000000'
export const SECRET = 'a-secret-only-this-test-knows-0123456789'
export const APP = 'https://app.example'
export const CALLBACK = `${APP}/callback`
export const SITE = 'https://site.example'

export interface LoginWorld {
  readonly tenant: Tenant
  readonly browser: Browser
  /** Addresses the third-party site was asked for, in order. */
  readonly visits: URL[]
  otherBrowser(options?: BrowserOptions): Browser
  /** `/authorize` with these parameters over the usual ones. */
  authorize(parameters?: Readonly<Record<string, string>>): Promise<URL>
  /** The same, and the password when it is asked for: where the browser ended. */
  logIn(parameters?: Readonly<Record<string, string>>): Promise<URL>
  /** What the application was told: the query of its callback. */
  told(): Readonly<Record<string, string>>
  /** One request to the token endpoint, as this client. */
  token(parameters: Readonly<Record<string, string>>): Promise<TokenAnswer>
  /** Logs in and exchanges the code. */
  tokens(parameters?: Readonly<Record<string, string>>): Promise<TokenAnswer>
}

export interface TokenAnswer {
  readonly status: number
  readonly access_token: string
  readonly id_token: string
  readonly refresh_token?: string
  readonly scope: string
  readonly expires_in: number
  readonly error?: string
  readonly error_description?: string
}

const html = (body: string) =>
  new Response(body, { headers: { 'content-type': 'text/html; charset=utf-8' } })

export function loginWorld(
  actions: readonly (string | ActionSpec)[] = [],
  options: TenantOptions = {},
): LoginWorld {
  const tenant = createTenant({
    users: [{ email: EMAIL, password: PASSWORD, factors: [], given_name: 'Ada' }],
    clients: [
      {
        client_id: CLIENT,
        name: 'Application',
        client_secret: SECRET,
        callbacks: [CALLBACK],
        allowed_logout_urls: [APP],
        grant_types: [
          'authorization_code',
          'implicit',
          'refresh_token',
          'password',
          'http://auth0.com/oauth/grant-type/password-realm',
        ],
      },
    ],
    resourceServers: [{ identifier: 'https://api.example', token_lifetime: 600 }],
    settings: { default_directory: 'Username-Password-Authentication' },
    ...options,
    actions: {
      'post-login': actions.map((action, index) =>
        typeof action === 'string' ? { name: `action ${index + 1}`, code: action } : action,
      ),
    },
  })
  const visits: URL[] = []
  const routes = {
    [tenant.origin]: tenant.fetch,
    [SITE]: (request: Request) => {
      visits.push(new URL(request.url))
      return html('<title>Third party</title><p>Third party</p>')
    },
    [APP]: () => html('<title>Application</title><p>Application</p>'),
  }
  const otherBrowser = (more: BrowserOptions = {}) => createBrowser({ routes, ...more })
  const browser = otherBrowser()

  const here = () => new URL(browser.page.url)
  const authorize: LoginWorld['authorize'] = async (parameters = {}) => {
    const query = new URLSearchParams({
      client_id: CLIENT,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid profile email',
      state: 'the-state-of-the-application',
      ...parameters,
    })
    await browser.visit(`${tenant.origin}/authorize?${query}`)
    return here()
  }
  const logIn: LoginWorld['logIn'] = async (parameters = {}) => {
    await authorize(parameters)
    if (here().pathname === '/u/login')
      await browser.submit(undefined, { username: EMAIL, password: PASSWORD })
    return here()
  }
  const told = () => Object.fromEntries(here().searchParams)
  const token: LoginWorld['token'] = async (parameters) => {
    const answer = await tenant.fetch(
      new Request(`${tenant.origin}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: CLIENT, client_secret: SECRET, ...parameters }),
      }),
    )
    return { status: answer.status, ...((await answer.json()) as Omit<TokenAnswer, 'status'>) }
  }
  return {
    tenant,
    browser,
    visits,
    otherBrowser,
    authorize,
    logIn,
    told,
    token,
    tokens: async (parameters) => {
      await logIn(parameters)
      const { code = '' } = told()
      return token({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK })
    },
  }
}

/** An Action's code from what its two handlers do. */
export const onLogin = (onExecute: string, onContinue = '') => `
exports.onExecutePostLogin = async (event, api) => { ${onExecute} }
exports.onContinuePostLogin = async (event, api) => { ${onContinue} }
`
