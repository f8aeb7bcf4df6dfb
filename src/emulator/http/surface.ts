/**
 * What every page and endpoint of the emulated tenant shares: how a request is read, which hosts are
 * answered, the cookie that ties a transaction to its browser, and the way to the next place.
 */
import { isIP } from 'node:net'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { TenantCore } from '../tenant/core.ts'
import type { Destination, Screen } from '../tenant/destinations.ts'
import type { RequestFacts } from '../tenant/request-facts.ts'
import type { StatePurpose } from '../tenant/states.ts'
import type { ContinueRefusal } from '../tenant/trace.ts'
import type { Transaction } from '../tenant/transactions.ts'
import { respond } from './authorize-response.tsx'

/** Node's server hands its socket over here; in process there is none. */
interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
}

export const BROWSER_COOKIE = 'auth0'

/** Three days: how long the browser keeps the cookie, not how long a transaction lives. */
const COOKIE_SECONDS = 259_200

/** The name the tenant answers to on this machine: its own when that resolves here. */
export const localHost = (core: TenantCore) =>
  core.host === 'localhost' || core.host.endsWith('.localhost') ? core.host : 'tenant.localhost'

/** A page of another name (DNS rebinding) must not reach the tenant. */
export const answersTo = (core: TenantCore, hostname: string) =>
  hostname === core.host ||
  hostname === localHost(core) ||
  core.customDomains.some(({ domain }) => domain === hostname)

/** Scheme, host and port as the browser used them; the host has been checked before. */
export const originOf = (c: Context) => new URL(c.req.url).origin

/** What `event.request.hostname` says: a custom domain, or the tenant's own host. */
export function hostOf(core: TenantCore, c: Context): string {
  const { hostname } = new URL(c.req.url)
  return core.customDomains.some(({ domain }) => domain === hostname) ? hostname : core.host
}

const firstOf = (list: string | undefined) => list?.split(',')[0]?.trim() || undefined

/**
 * The request as Actions see it. The tenant stands for Auth0's edge, so the address a test or a demo
 * names in `X-Forwarded-For` counts; only loopback can reach it.
 */
export function factsOf(
  core: TenantCore,
  c: Context,
  body: Readonly<Record<string, string>> = {},
): RequestFacts {
  const socket = (c.env as NodeBindings | undefined)?.incoming?.socket?.remoteAddress
  const named = firstOf(c.req.header('x-forwarded-for'))
  const ip = named && isIP(named) ? named : (socket?.replace(/^::ffff:/, '') ?? '127.0.0.1')
  const language = firstOf(c.req.header('accept-language'))?.split(';')[0]
  const userAgent = c.req.header('user-agent')
  return {
    method: c.req.method,
    hostname: hostOf(core, c),
    ip,
    geoip: core.geoip(ip),
    query: Object.fromEntries(new URL(c.req.url).searchParams),
    body,
    ...(language === undefined ? {} : { language }),
    ...(userAgent === undefined ? {} : { user_agent: userAgent }),
  }
}

/** The fields of an urlencoded body; undefined when the body is anything else. */
export async function formOf(c: Context): Promise<Record<string, string> | undefined> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  const text = await c.req.text()
  if (type === undefined && text === '') return {}
  if (type !== 'application/x-www-form-urlencoded') return undefined
  return Object.fromEntries(new URLSearchParams(text))
}

/** The browser's cookie value, made and set when it has none yet. */
export function browserOf(core: TenantCore, c: Context): string {
  const presented = getCookie(c, BROWSER_COOKIE)
  const browser = core.sessions.browser(presented)
  if (browser !== presented && !core.faults.lostCookie)
    setCookie(c, BROWSER_COOKIE, browser, {
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: core.switches.cookieSameSite === 'lax' ? 'Lax' : 'None',
      maxAge: COOKIE_SECONDS,
    })
  return browser
}

/** The transaction that waits under the request's state, in this browser and on this host. */
export function transactionOf(
  core: TenantCore,
  c: Context,
  state: string | undefined,
  purpose: StatePurpose,
): Transaction | ContinueRefusal {
  if (!state) return 'state_missing'
  return core.transactions.find({
    state,
    purpose,
    host: hostOf(core, c),
    browser: getCookie(c, BROWSER_COOKIE),
    boundToBrowser: core.switches.cookieBinding,
  })
}

const SCREENS: Record<Screen, string> = {
  form: '/u/form',
  mfa: '/u/mfa-challenge',
  new_recovery_code: '/u/mfa-recovery-code-challenge-new-code',
  new_password: '/u/reset-password/change',
  success: '/u/reset-password/success',
  stopped: '/u/reset-password/error',
  login: '/u/login',
  signup: '/u/signup',
  enrol: '/u/mfa-enroll',
}

export function goTo(c: Context, destination: Destination): Response {
  switch (destination.kind) {
    case 'other_site':
      return c.redirect(destination.url, 302)
    case 'screen':
      return c.redirect(`${SCREENS[destination.screen]}?state=${destination.state}`, 302)
    case 'answer':
      return respond(c, destination.answer)
  }
}

/** A browser that only guesses ahead, or a scanner that only asks for the headers: nothing may start. */
export const isGlance = (c: Context) =>
  c.req.method === 'HEAD' ||
  /prefetch|prerender|preview/i.test(c.req.header('sec-purpose') ?? c.req.header('purpose') ?? '')
