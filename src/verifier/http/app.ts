/**
 * The HTTP face of the verifier: routes, and what every answer has in common. The same application on
 * Node and on Workers; what differs comes in through `Platform`.
 */
import { Hono } from 'hono'
import { routePath } from 'hono/route'
import { publicAnswer, type Rejection } from '../domain/rejection.ts'
import type { App, AppContext, AppDeps, Refuse } from './app-deps.ts'
import { setHeaders } from './headers.ts'
import { createLogHook } from './hooks.ts'
import { HUMAN_WORKER_PATH, sendHumanWorker } from './human-worker.ts'
import { type Brand, brandOf } from './pages/brand.ts'
import { createReadiness } from './readiness.ts'
import { sendRefusal } from './refusal.ts'
import { newRequestId } from './request-id.ts'
import { createVerify } from './verify.ts'

export function createApp(deps: AppDeps): App {
  const app: App = new Hono()
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
  const verify = createVerify(deps, refuse)

  app.use(async (c, next) => {
    const start = deps.stopwatch()
    c.set('requestId', newRequestId(deps.random))
    setHeaders(c, deps.openerPolicy ?? 'same-origin')
    await next()
    logRequest(deps, c, start)
  })
  app.all('/verify', (c) => {
    // Hono would answer HEAD by running the GET handler.
    if (c.req.method === 'GET') return verify.arrive(c)
    if (c.req.method === 'POST') return verify.decide(c)
    return only('GET', 'POST')(c)
  })
  if ([...deps.tenants.values()].some(({ humanCheck }) => humanCheck?.kind === 'proof_of_work')) {
    app.get(HUMAN_WORKER_PATH, sendHumanWorker)
    app.all(HUMAN_WORKER_PATH, only('GET', 'HEAD'))
  }
  // Browsers ask for it beside every page; without an answer each visit would log a refusal.
  app.get('/favicon.ico', (c) => c.body(null, 204))
  app.get('/livez', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    if (await ready()) return c.json({ status: 'ok' })
    c.header('Retry-After', '1')
    return c.json({ status: 'unavailable' }, 503)
  })
  app.all('/favicon.ico', only('GET', 'HEAD'))
  app.all('/livez', only('GET', 'HEAD'))
  app.all('/readyz', only('GET', 'HEAD'))
  if (deps.logStream !== undefined) {
    app.post('/hooks/auth0-logs', createLogHook(deps, deps.logStream, refuse))
    app.all('/hooks/auth0-logs', only('POST'))
  }
  app.notFound((c) => refuse(c, { code: 'not_found' }))
  app.onError((error, c) => {
    deps.log('failure', {
      request_id: c.get('requestId').id,
      tenant_id: c.get('tenantId'),
      where: 'http',
      error_class: error.name,
    })
    return refuse(c, { code: 'internal' })
  })
  return app
}

/** Health checks that succeed are left out: every Action asks before every redirect. */
function logRequest(deps: AppDeps, c: AppContext, start: number): void {
  const route = routePath(c, -1)
  if (route !== '/verify' && c.res.ok) return
  const { id, reference } = c.get('requestId')
  deps.log('request', {
    request_id: id,
    reference,
    tenant_id: c.get('tenantId'),
    method: c.req.method,
    route,
    status: c.res.status,
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
