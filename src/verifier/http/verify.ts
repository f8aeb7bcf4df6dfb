/**
 * The two requests of a verification. `arrive` shows the page and changes nothing anywhere; `decide`
 * is the page's own post: it consumes the token and sends the browser back with the answer. Each reads
 * from the cheapest check to the dearest, so that what cannot succeed costs no signature check, and
 * what has no valid signature costs no query.
 */
import type { OpenerPolicy } from '../config.ts'
import type { Session } from '../domain/session.ts'
import type { Tenant } from '../ports.ts'
import type { AppContext, AppDeps, Refuse } from './app-deps.ts'
import { keepBinding, keepDevice, readBinding } from './cookies.ts'
import { readForm } from './form-body.ts'
import { refusedNavigation, refusedPost } from './gates.ts'
import { completePage } from './headers.ts'
import { HINTS, mannerOf } from './manner.ts'
import { arrivalPage, barePage } from './pages/arrival.ts'
import { brandOf } from './pages/brand.ts'
import type { Page } from './pages/layout.ts'
import { leavingPage } from './pages/leaving.ts'
import { parseLink, queryOf } from './parameters.ts'
import { readVisit } from './visit.ts'

/** Our own form's name for the session token, whatever the tenant's link calls it. */
const FORM_NAMES: ReadonlySet<string> = new Set(['session_token'])

export function createVerify(deps: AppDeps, refuse: Refuse, openerPolicy: OpenerPolicy) {
  const linkNames = tokenNames(deps.tenants)

  async function arrive(c: AppContext): Promise<Response> {
    const barred = refusedNavigation(c.req)
    if (barred !== undefined) return refuse(c, { code: barred })
    const query = queryOf(c.req.url)
    if (hasHintsOnly(query)) return bare(c, query)
    const link = parseLink(query, linkNames)
    if (!link.ok) return refuse(c, link.error)
    const { name, token, state } = link.value
    const verified = await deps.tokens.verifySessionToken(token, deps.clock())
    if (!verified.ok) return refuse(c, verified.error)
    const session = verified.value
    c.set('tenantId', session.tenantId)
    const tenant = tenantOf(deps.tenants, session.tenantId)
    if (tenant.tokenParameter !== name) {
      return refuse(c, { code: 'parameter_missing', tenantId: tenant.id })
    }
    const settings = deps.settings(tenant.id)
    const cookies = keepCookies(c)
    const check = deps.humanChecks?.get(tenant.id)
    const { wording, address } = mannerOf(c, query, session.spoken)
    const page = arrivalPage({
      brand: brandOf(settings),
      wording,
      address,
      token,
      state,
      requireClick: settings.requireClick,
      human: check && (await check.ask(session)),
    })
    return send(c, page, cookies)
  }

  function bare(c: AppContext, query: URLSearchParams) {
    const [only, second] = deps.tenants.keys()
    const known = only !== undefined && second === undefined
    const cookies = keepCookies(c)
    const brand = known ? brandOf(deps.settings(only)) : {}
    const proves = [...deps.tenants.values()].some(
      ({ humanCheck }) => humanCheck?.kind === 'proof_of_work',
    )
    return send(c, barePage({ ...mannerOf(c, query), brand, proves }), cookies)
  }

  /** The device's too, so that a browser's first post names it already and its profile can learn it. */
  function keepCookies(c: AppContext): [string, string] {
    return [keepBinding(c, deps.random), keepDevice(c, deps.random)]
  }

  function send(c: AppContext, page: Page, cookies: readonly [string, string?]): Response {
    const response = completePage(page, openerPolicy, cookies)
    c.set('complete', true)
    return response
  }

  async function decide(c: AppContext): Promise<Response> {
    const barred = refusedNavigation(c.req) ?? refusedPost(c.req, deps.publicOrigin)
    if (barred !== undefined) return refuse(c, { code: barred })
    const query = queryOf(c.req.url)
    // Values in both places would let whoever reads the other place see another token.
    if ([...linkNames, 'state'].some((name) => query.has(name))) {
      return refuse(c, { code: 'parameter_repeated' })
    }
    const form = await readForm(c.req)
    if (!form.ok) return refuse(c, form.error)
    const binding = readBinding(c)
    if (binding === undefined) return refuse(c, { code: 'browser_unbound' })
    const link = parseLink(form.value, FORM_NAMES)
    if (!link.ok) return refuse(c, link.error)
    const { token, state } = link.value
    const now = deps.clock()
    const verified = await deps.tokens.verifySessionToken(token, now)
    if (!verified.ok) return refuse(c, verified.error)
    const session = verified.value
    c.set('tenantId', session.tenantId)
    const visit = readVisit(c, deps.platform, form.value)
    if (!deps.rateLimits.admit(session.tenantId, session.subject, visit.address)) {
      return refuse(c, { code: 'too_many', tenantId: session.tenantId })
    }
    const humanChallenge = await humanVerdict(session, form.value)
    const seen = humanChallenge === undefined ? visit : { ...visit, humanChallenge }
    const answer = await deps.assess({ session, state, binding, visit: seen, now })
    if (!answer.ok) return refuse(c, answer.error)
    const tenant = tenantOf(deps.tenants, session.tenantId)
    const settings = deps.settings(tenant.id)
    const device = keepDevice(c, deps.random)
    const page = leavingPage({
      brand: brandOf(settings),
      wording: mannerOf(c, query, session.spoken).wording,
      continueOrigin: answer.value.continueOrigin,
      method: settings.continueMethod,
      tokenParameter: tenant.tokenParameter,
      continueToken: answer.value.continueToken,
      state: answer.value.state,
      seconds: answer.value.expiresAt - deps.clock(),
    })
    return send(c, page, [device])
  }

  /** Repeated or missing is not answered. */
  async function humanVerdict(session: Session, form: URLSearchParams) {
    const [answer, second] = form.getAll('human')
    if (second !== undefined) return undefined
    return await deps.humanChecks?.get(session.tenantId)?.verify(session, answer)
  }

  return { arrive, decide }
}

function hasHintsOnly(query: URLSearchParams): boolean {
  for (const name of query.keys()) if (!HINTS.has(name)) return false
  return true
}

/** Every name that any tenant's link may use for the session token. */
const tokenNames = (tenants: ReadonlyMap<string, Tenant>): ReadonlySet<string> =>
  new Set([...tenants.values()].map((tenant) => tenant.tokenParameter))

/** A session is made from a tenant of this registry, so a missing one is a bug and not a refusal. */
function tenantOf(tenants: ReadonlyMap<string, Tenant>, id: string): Tenant {
  const tenant = tenants.get(id)
  if (tenant === undefined) throw new Error('a verified session names no configured tenant')
  return tenant
}
