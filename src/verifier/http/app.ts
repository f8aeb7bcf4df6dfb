/**
 * The HTTP face of the verifier: routes, and what every answer has in common. The same application on
 * Node and on Workers; what differs comes in through `Platform`.
 */
import { Hono } from 'hono'
import { referenceOf } from '../domain/reference.ts'
import { publicAnswer, type Rejection } from '../domain/rejection.ts'
import type { App, AppContext, AppDeps, Refuse } from './app-deps.ts'
import { commonHeaders, completeHeaders } from './headers.ts'
import { createLogHook } from './hooks.ts'
import { HUMAN_WORKER_PATH, sendHumanWorker } from './human-worker.ts'
import { type Brand, brandOf } from './pages/brand.ts'
import { createReadiness } from './readiness.ts'
import { sendRefusal } from './refusal.ts'
import { createVerify } from './verify.ts'

export function createApp(deps: AppDeps): App {
  const app: App = new Hono()
  const { openerPolicy = 'same-origin' } = deps
  const common = commonHeaders(openerPolicy)
  const ready = createReadiness(deps.ready, deps.clock)
  const refuse: Refuse = (c, rejection) => {
    c.set('refused', rejection.code)
    if (rejection.tenantId !== undefined) c.set('tenantId', rejection.tenantId)
    return sendRefusal(c, rejection.code, c.get('requestId'), brandFor(deps, rejection))
  }
  const only =
    (...methods: readonly string[]) =>
    (c: AppContext) => {
      c.header('Allow', methods.join(', '))
      return refuse(c, { code: 'method_not_allowed' })
    }
  const fail = (c: AppContext, error: Error) => {
    deps.log('failure', {
      request_id: c.get('requestId').id,
      tenant_id: c.get('tenantId'),
      where: 'http',
      error_class: error.name,
    })
    return refuse(c, { code: 'internal' })
  }
  /**
   * Around every route, and not as Hono's middleware: a route that is alone under its address is then
   * called directly, which a link notices.
   */
  const on = (route: string, handle: Handle) => async (c: AppContext) => {
    const start = deps.stopwatch()
    const id = deps.newId()
    c.set('requestId', { id, reference: referenceOf(id) })
    let response: Response
    try {
      response = await handle(c)
    } catch (error) {
      response = await fail(c, error instanceof Error ? error : new Error('thrown'))
    }
    if (!c.get('complete')) completeHeaders(response, common)
    logRequest(deps, c, { route, response, start })
    return response
  }
  const get = (route: string, handle: Handle) => {
    app.get(route, on(route, handle))
    app.all(route, on(route, only('GET', 'HEAD')))
  }
  const verify = createVerify(deps, refuse, openerPolicy)

  const verifyOthers = only('GET', 'POST')
  app.all(
    '/verify',
    on('/verify', (c) => {
      // Hono would answer HEAD by running the GET handler.
      if (c.req.method === 'GET') return verify.arrive(c)
      if (c.req.method === 'POST') return verify.decide(c)
      return verifyOthers(c)
    }),
  )
  if ([...deps.tenants.values()].some(({ humanCheck }) => humanCheck?.kind === 'proof_of_work')) {
    get(HUMAN_WORKER_PATH, sendHumanWorker)
  }
  // Browsers ask for it beside every page; without an answer each visit would log a refusal.
  get('/favicon.ico', (c) => c.body(null, 204))
  get('/livez', (c) => c.json({ status: 'ok' }))
  get('/readyz', async (c) => {
    if (await ready()) return c.json({ status: 'ok' })
    c.header('Retry-After', '1')
    return c.json({ status: 'unavailable' }, 503)
  })
  if (deps.logStream !== undefined) {
    const hook = '/hooks/auth0-logs'
    app.post(hook, on(hook, createLogHook(deps, deps.logStream, refuse)))
    app.all(hook, on(hook, only('POST')))
  }
  app.notFound(on('/*', (c) => refuse(c, { code: 'not_found' })))
  // What fails around a route. Hono's own answer would print the error.
  app.onError((error, c) => fail(c, error))
  return app
}

type Handle = (c: AppContext) => Response | Promise<Response>

interface Answered {
  /** The pattern, never the path that was asked for. */
  readonly route: string
  readonly response: Response
  readonly start: number
}

/** Health checks that succeed are left out: every Action asks before every redirect. */
function logRequest(deps: AppDeps, c: AppContext, { route, response, start }: Answered): void {
  if (route !== '/verify' && response.ok) return
  const { id, reference } = c.get('requestId')
  deps.log('request', {
    request_id: id,
    reference,
    tenant_id: c.get('tenantId'),
    method: c.req.method,
    route,
    status: response.status,
    code: c.get('refused'),
    duration_ms: Math.round(deps.stopwatch() - start),
  })
}

/**
 * The brand of the only tenant, or of the tenant whose key verified the token. Not for a token that
 * cannot be used: a brand there would tell an expired or spent token from a forged one.
 */
function brandFor({ tenants, settings }: AppDeps, { code, tenantId }: Rejection): Brand {
  const [only, second] = tenants.keys()
  if (only !== undefined && second === undefined) return brandOf(settings(only))
  const told = tenantId !== undefined && publicAnswer(code).code !== 'token_not_usable'
  return told ? brandOf(settings(tenantId)) : {}
}
