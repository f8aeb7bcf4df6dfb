/**
 * Everything that a round trip needs, over real sockets: the real Action file in the emulated tenant,
 * the real verifier, on Node or on workerd as the project says, a real database. Each world is a tenant of its own, so worlds that share a
 * database do not see each other.
 */
import { randomBytes } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { putListEntry, putProfile } from '../../db/operator.ts'
import { type RoundTrip, type RoundTripOptions, startRoundTrip } from '../../src/cli/round-trip.ts'
import {
  type Browser,
  type BrowserOptions,
  createBrowser,
  type FactorSeed,
  type Page,
  type UserSeed,
} from '../../src/emulator/index.ts'
import type { Decision, Outcome } from '../../src/verifier/domain/decision.ts'
import type { Facts } from '../../src/verifier/domain/facts.ts'
import { learn } from '../../src/verifier/domain/history.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import type { FreshDatabase } from './database.ts'
import { serveOnWorkerd } from './serve-on-workerd.ts'

export const OLD_PASSWORD = 'Old-passw0rd'
export const NEW_PASSWORD = 'New-passw0rd'
export const CLIENT_ID = 'RoundTripSuite000000000000000000'
export const OTHER_CLIENT_ID = 'AnotherApplication00000000000000'
/** Documentation networks (RFC 5737), which the emulated tenant takes for these countries. */
export const BERLIN = { ip: '192.0.2.10', headers: { 'x-test-country': 'DE' } }
export const CHICAGO = { ip: '198.51.100.20', headers: { 'x-test-country': 'US' } }

export interface World extends RoundTrip {
  /** Lines of the verifier's log so far. */
  readonly lines: readonly string[]
  readonly secrets: RoundTripOptions['secrets']
  /** Adds a user and answers the address: every call another one. */
  addUser(factors?: readonly FactorSeed[], more?: Partial<UserSeed>): string
  /** A browser without cookies, in Berlin unless said otherwise. */
  browser(place?: BrowserOptions): Browser
  /** Asks for a reset, on the tenant's page, and answers the mailed link. */
  linkFor(email: string, browser?: Browser): Promise<string>
  /** The same, and opens the link: ends at the verifier's arrival page if the Action sends there. */
  arrive(email: string, browser?: Browser): Promise<{ browser: Browser; page: Page }>
  setPassword(browser: Browser): Promise<Page>
  /** `old` or `new`: which password the tenant takes now. */
  passwordOf(email: string): Promise<'old' | 'new'>
  /** Records of this world, oldest first, once their decisions are written back. */
  records(): Promise<readonly StoredDecision[]>
  /** Puts the user on the deny list. */
  deny(email: string): Promise<void>
  /** Makes the last recorded visit a habit of this user: thirty such events over three months. */
  makeHabit(email: string): Promise<void>
  /** JSON lines of the Action's log, oldest first. */
  actionLog(): readonly Readonly<Record<string, unknown>>[]
}

export interface StoredDecision {
  readonly id: string
  readonly reference: string
  readonly outcome: Outcome | null
  readonly assessed: Outcome | null
  readonly decision: Decision | null
}

export const randomSecret = () => randomBytes(32).toString('base64url')

/** Closed when the test ends. */
export async function openWorld(
  { url, sql }: FreshDatabase,
  options: Partial<RoundTripOptions> = {},
): Promise<World> {
  const tenantId = `world-${randomBytes(4).toString('hex')}`
  const secrets = options.secrets ?? {
    session: [randomSecret()],
    continue: [randomSecret()],
    identifier: randomSecret(),
  }
  const lines: string[] = []
  const trip = await startRoundTrip({
    databaseUrl: url,
    tenantId,
    policies: defaultPolicies('enforce'),
    node: { write: (line) => lines.push(line), storeLimits: { connections: 2 } },
    ...(inject('runtime') === 'workerd'
      ? { serve: serveOnWorkerd(inject('workerBundle').file, (line) => lines.push(line)) }
      : {}),
    ...options,
    secrets,
    env: { RV_COUNTRY_HEADER: 'x-test-country', ...options.env },
    tenant: {
      clients: [
        { client_id: CLIENT_ID, name: 'Acme Shop' },
        { client_id: OTHER_CLIENT_ID, name: 'Another application' },
      ],
      ...options.tenant,
    },
  })
  onTestFinished(() => trip.close())
  const { tenant, origins } = trip
  const userKey = (email: string) =>
    createIdentifiers(secrets.identifier).pseudonym(
      tenantId,
      'user',
      tenant.users.get(email)?.user_id ?? '',
    )
  let users = 0

  const world: World = {
    ...trip,
    lines,
    secrets,
    addUser: (factors = [], more = {}) => {
      users += 1
      const email = `person-${users}@example.com`
      tenant.users.add({ email, password: OLD_PASSWORD, factors, ...more })
      return email
    },
    browser: (place = BERLIN) => createBrowser(place),
    linkFor: async (email, browser = world.browser()) => {
      const query = new URLSearchParams({ client_id: CLIENT_ID, login_hint: email })
      await browser.visit(`${origins.tenant}/u/reset-password/request?${query}`)
      await browser.submit()
      const link = tenant.mailbox.latest(email)?.link
      if (link === undefined) throw new Error('No mail with a link was sent.')
      return link
    },
    arrive: async (email, browser = world.browser()) => {
      const page = await browser.visit(await world.linkFor(email, browser))
      return { browser, page }
    },
    setPassword: (browser) =>
      browser.submit(undefined, { password: NEW_PASSWORD, confirm_password: NEW_PASSWORD }),
    passwordOf: async (email) => {
      const changed = await tenant.users.checkPassword(email, NEW_PASSWORD)
      const kept = await tenant.users.checkPassword(email, OLD_PASSWORD)
      if (changed === kept) throw new Error('Both passwords work, or none.')
      return changed ? 'new' : 'old'
    },
    records: async () => {
      // A decision is written back after its answer has left.
      for (let attempt = 0; ; attempt += 1) {
        const rows = await sql<StoredDecision[]>`
          select id, reference, outcome, assessed, decision from assessment
          where tenant = ${tenantId} order by opened_at`
        if (attempt === 80 || rows.every(({ decision }) => decision !== null)) return rows
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    },
    deny: (email) =>
      putListEntry(url, { tenant: tenantId, kind: 'user', value: userKey(email), action: 'deny' }),
    makeHabit: async (email) => {
      const [last] = await sql<{ facts: Facts }[]>`
        select facts from assessment where tenant = ${tenantId} order by opened_at desc limit 1`
      if (last === undefined) throw new Error('There is no visit to make a habit of.')
      const { facts } = last
      const eventOf = (day: number) => ({
        ...facts,
        decided_at: facts.decided_at - (90 - 3 * day) * 86_400,
      })
      let profile = learn(null, eventOf(0))
      for (let day = 1; day < 30; day += 1) profile = learn(profile, eventOf(day))
      await putProfile(url, { tenant: tenantId, user: userKey(email), profile })
    },
    actionLog: () =>
      tenant.trace
        .of('action.ran')
        .flatMap(({ data }) => data.log.trim().split('\n').filter(Boolean))
        .map((line) => JSON.parse(line)),
  }
  return world
}

/** Presses Continue on the arrival page and again on the leaving page, as their scripts would. */
export async function passVerifier(browser: Browser): Promise<Page> {
  await browser.autoSubmit()
  return browser.autoSubmit()
}

/** The two values that the verifier's address carries. */
export function linkOf({ url }: Pick<Page, 'url'>): {
  readonly token: string
  readonly state: string
} {
  const { searchParams } = new URL(url)
  return {
    token: searchParams.get('session_token') ?? '',
    state: searchParams.get('state') ?? '',
  }
}

/** The leaving page's form: where it goes and what it carries. */
export function wayBackOf({ forms }: Page) {
  const [form] = forms
  if (form === undefined) throw new Error('The page has no form.')
  const values = Object.fromEntries(form.fields)
  return { action: form.action, values, token: values.session_token ?? '' }
}

/** The payload of a token, unverified. */
export const claimsOf = (token: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))

export type Place =
  | 'arrival'
  | 'leaving'
  | 'refused by the verifier'
  | 'factor'
  | 'new password'
  | 'done'
  | 'stopped'
  | 'lost'
  | 'elsewhere'

/** Which page of the flow the browser shows, by its address and what can be done on it. */
export function placeOf({ url, status, forms }: Page): Place {
  const { hostname, pathname } = new URL(url)
  if (hostname === 'verify.localhost') {
    const target = forms[0] && new URL(forms[0].action).pathname
    if (status === 200 && target === '/verify') return 'arrival'
    if (status === 200 && target === '/continue') return 'leaving'
    return forms.length === 0 ? 'refused by the verifier' : 'elsewhere'
  }
  if (pathname === '/u/reset-password/success' && status === 200) return 'done'
  if (pathname === '/u/reset-password/error') return 'stopped'
  // The tenant's `invalid_request` page: nothing can be done on it.
  if (status >= 400 && forms.length === 0) return 'lost'
  if (pathname === '/u/mfa-challenge') return 'factor'
  return pathname === '/u/reset-password/change' ? 'new password' : 'elsewhere'
}

/** The Action's text for an answer that is missing, late, or somebody else's. */
export const NO_ANSWER = 'This link no longer works. Ask for a new one.'
export const TRY_AGAIN = "We can't check this right now. Try again in a few minutes."

/** The stopped page's code for support. */
export const REFERENCE = /Contact support: ([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\./
