/**
 * A round-trip world whose tenant has the login Action as well: an application that says what it was told,
 * and the ways in which it asks for a login, with and without a browser.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ActionSecrets, RoundTripOptions } from '../../src/cli/round-trip.ts'
import type { Browser, Page } from '../../src/emulator/index.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import type { FreshDatabase } from './database.ts'
import {
  CLIENT_ID,
  OLD_PASSWORD,
  OTHER_CLIENT_ID,
  openWorld,
  placeOf,
  type World,
} from './world.ts'

export const APP = 'http://app.localhost:9'
export const CALLBACK = `${APP}/callback`
const CLIENT_SECRET = 'a-secret-only-this-suite-knows-0123456789'

/** The login Action's texts, as the application is told them. */
export const UNFINISHED = "We couldn't finish this login. Start again."
export const STOPPED =
  /^We can't log you in\. Contact support: ([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\.$/

export interface LoginTrip extends World {
  /** A browser in which the application answers. */
  browser: World['browser']
  /** `/authorize`, and the password when it is asked for. */
  logIn(
    email: string,
    browser?: Browser,
    more?: Parameters,
  ): Promise<{ browser: Browser; page: Page }>
  /** The same request without a person: `prompt=none`. */
  silently(browser: Browser, more?: Parameters): Promise<Told>
  /** One request to the token endpoint. */
  token(parameters: Parameters): Promise<Told>
  /** The tokens for the code that the browser brought back. */
  exchange(page: Page): Promise<Told>
  /** Deploys the login Action anew with these secrets. */
  deployLogin(secrets?: ActionSecrets): void
}

export type Parameters = Readonly<Record<string, string>>
export type Told = Readonly<Record<string, string>>

export interface LoginTripOptions extends Partial<RoundTripOptions> {
  readonly loginSecrets?: ActionSecrets
  /** Changes the Action's code before it is deployed. */
  readonly loginCode?: (code: string) => string
}

export const LOGIN_ACTION = fileURLToPath(new URL('../../actions/login-verify.js', import.meta.url))

export async function openLoginTrip(
  database: FreshDatabase,
  { loginSecrets, loginCode, ...options }: LoginTripOptions = {},
): Promise<LoginTrip> {
  const application = {
    client_secret: CLIENT_SECRET,
    callbacks: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token', 'password'],
    refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring' },
  } as const
  const world = await openWorld(database, {
    ...options,
    tenant: {
      clients: [
        { client_id: CLIENT_ID, name: 'Acme Shop', ...application },
        { client_id: OTHER_CLIENT_ID, name: 'Another application', ...application },
      ],
      settings: { default_directory: 'Username-Password-Authentication' },
      ...options.tenant,
    },
  })
  const { tenant, origins, secrets } = world

  const deployLogin = (given: ActionSecrets = {}) => {
    const all = {
      RV_URL: origins.verifier,
      RV_SESSION_SECRET: secrets.session[0],
      RV_CONTINUE_SECRET: secrets.continue[0],
      RV_MODE: 'enforce',
      ...loginSecrets,
      ...given,
    }
    const set = Object.entries(all).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    )
    const source = loginCode
      ? { code: loginCode(readFileSync(LOGIN_ACTION, 'utf8')) }
      : { file: LOGIN_ACTION }
    tenant.setActions('post-login', [
      { name: 'login-verify', ...source, secrets: Object.fromEntries(set) },
    ])
  }
  deployLogin()

  const browser: LoginTrip['browser'] = (place) => {
    const opened = world.browser(place)
    opened.route(APP, () => new Response('', { headers: { 'content-type': 'text/html' } }))
    return opened
  }
  const authorize = (visitor: Browser, more: Parameters) => {
    const query = new URLSearchParams({
      client_id: CLIENT_ID,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid offline_access',
      state: 'of-the-application',
      ...more,
    })
    return visitor.visit(`${origins.tenant}/authorize?${query}`)
  }
  const token: LoginTrip['token'] = async (parameters) => {
    const answer = await tenant.fetch(
      new Request(`${origins.tenant}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          ...parameters,
        }),
      }),
    )
    return answer.json() as Promise<Told>
  }
  return {
    ...world,
    browser,
    deployLogin,
    logIn: async (email, visitor = browser(), more = {}) => {
      await authorize(visitor, more)
      if (new URL(visitor.page.url).pathname === '/u/login')
        await visitor.submit(undefined, { username: email, password: OLD_PASSWORD })
      return { browser: visitor, page: visitor.page }
    },
    silently: async (visitor, more = {}) =>
      told(await authorize(visitor, { prompt: 'none', ...more })),
    token,
    exchange: (page) =>
      token({
        grant_type: 'authorization_code',
        code: told(page).code ?? '',
        redirect_uri: CALLBACK,
      }),
  }
}

/** What the application's callback was called with; throws when the browser is not there. */
export function told(page: Page): Told {
  const url = new URL(page.url)
  if (!page.url.startsWith(`${CALLBACK}?`))
    throw new Error(`Not at the application: ${url.pathname}`)
  return Object.fromEntries(url.searchParams)
}

/** `in`, `refused`, or the place of the flow that the browser shows. */
export function loginPlaceOf(page: Page) {
  if (!page.url.startsWith(CALLBACK)) return placeOf(page)
  const { code, error } = told(page)
  if (code !== undefined && error === undefined) return 'in'
  return error === 'access_denied' && code === undefined ? 'refused' : 'elsewhere'
}

const enrolled = (value: boolean) => ({ signal: 'mfa_enrolled', op: 'eq', value }) as const

/** Every login steps up, whatever the user has enrolled. */
export const alwaysStepUp = (no_factor: 'deny' | 'hold' | 'form' | 'allow' = 'hold') =>
  defaultPolicies('enforce').map((policy) => ({
    ...policy,
    no_factor,
    floors: [
      ...policy.floors,
      {
        id: 'always',
        when: { any: [enrolled(true), enrolled(false)] },
        floor: 'step_up',
        on_unknown: 'step_up',
        reason: 'always',
      } as const,
    ],
  }))
