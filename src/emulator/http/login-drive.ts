/**
 * A login as a person takes it, for tests and the demo: the application sends them here, they type their
 * password, go where Actions send them, answer challenges, and are back.
 */
import type { Browser } from './driver/browser.ts'
import { type DrivenTenant, passChallenge, passSites } from './driver/drive.ts'
import type { Page } from './driver/page.ts'

/** A tenant whose applications say where they want to be answered. */
export interface LoginTenant extends DrivenTenant {
  readonly clients: {
    all(): readonly { readonly client_id: string; readonly callbacks: readonly string[] }[]
  }
}

export interface LoginSteps {
  readonly email: string
  readonly password: string
  /** The tenant's first application by default. */
  readonly clientId?: string
  /** More parameters of `/authorize`, or others. */
  readonly parameters?: Readonly<Record<string, string>>
}

const pathOf = (browser: Browser) => new URL(browser.page.url).pathname

/** The page the browser ends on: the application's callback, with a code or an error in its query. */
export async function logIn(
  browser: Browser,
  tenant: LoginTenant,
  { email, password, clientId, parameters }: LoginSteps,
): Promise<Page> {
  const clients = tenant.clients.all()
  const client = clients.find(({ client_id }) => client_id === clientId) ?? clients[0]
  const [redirectUri] = client?.callbacks ?? []
  if (!client || redirectUri === undefined)
    throw new Error('The application has no callback address: give its client `callbacks`.')
  const query = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'a-state-of-the-application',
    ...parameters,
  })
  await browser.visit(`${tenant.origin}/authorize?${query}`)
  if (pathOf(browser) === '/u/login') await browser.submit(undefined, { username: email, password })
  await passSites(browser, tenant)
  for (let challenges = 0; challenges < 4; challenges += 1) {
    if (pathOf(browser) !== '/u/mfa-challenge') break
    await passChallenge(browser, tenant, email)
    await passSites(browser, tenant)
  }
  return browser.page
}
