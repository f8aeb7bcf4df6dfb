/**
 * The operator's part of the service, under `/admin`: signing in and out, the API, the pages. An
 * application of its own, so that nothing of it lies on the path of a verification; an entry mounts it
 * only where it is configured.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { StoreError } from '../ports.ts'
import { isBadCursor } from '../ports-admin.ts'
import type { AdminApp, AdminContext, AdminDeps } from './admin-deps.ts'
import { setAdminHeaders } from './admin-headers.ts'
import { createAdminApi } from './api.ts'
import { createAdminAttempts } from './attempts.ts'
import { isChange } from './csrf.ts'
import { createGate, isApiPath, refusal } from './gate.ts'
import { createAdminPages } from './pages/app.tsx'
import type { Problem } from './problem.ts'
import { createSignInPages } from './sign-in.ts'
import { createSignedOut, createSignOut } from './sign-out.ts'

/** A policy of three hundred rules is a tenth of it. */
const BODY_BYTES = 512 * 1024
/** `createPages` makes what people see; paths below `/admin`, behind the gate. */
export function createAdminApp(
  deps: AdminDeps,
  createPages: (deps: AdminDeps) => AdminApp = createAdminPages,
): AdminApp {
  const { signIn, access, sessionSecret } = deps
  if ((signIn ?? access) !== undefined && sessionSecret === undefined) {
    throw new Error('people can be told apart, and no secret was given for their sessions')
  }
  const app: AdminApp = new Hono()
  const stopwatch = deps.stopwatch ?? (() => deps.clock() * 1000)
  const attempts = deps.attempts ?? createAdminAttempts(stopwatch)

  app.use(async (c, next) => {
    const start = stopwatch()
    c.set('requestId', deps.newId())
    setAdminHeaders(c)
    await next()
    // Also where the pages have answered it in their own way.
    if (c.error !== undefined && !isBadCursor(c.error)) logThrown(deps, c, c.error)
    if (c.res.ok && !isChange(c)) return
    deps.log('request', {
      request_id: c.get('requestId'),
      method: c.req.method,
      route: isApiPath(c.req.path) ? '/admin/api/*' : '/admin/*',
      status: c.res.status,
      duration_ms: Math.round(stopwatch() - start),
    })
  })
  app.use(bodyLimit({ maxSize: BODY_BYTES, onError: (c) => refusal(c, TOO_LARGE) }))

  if (signIn !== undefined && sessionSecret !== undefined) {
    const pages = createSignInPages(deps, signIn, sessionSecret, attempts.signIns)
    app.get('/admin/login', pages.login)
    app.get('/admin/callback', pages.callback)
  }
  app.get('/admin/signed-out', createSignedOut(deps, attempts.signIns))
  // What is left of these addresses must not be asked to sign in, which leads back to them.
  for (const path of ['login', 'callback', 'signed-out']) app.all(`/admin/${path}`, notFound)

  app.use(createGate(deps, attempts.tokens))
  app.post('/admin/logout', createSignOut(deps))
  app.route('/admin/api', createAdminApi(deps))
  app.route('/admin', createPages(deps))

  app.notFound(notFound)
  app.onError((error, c) => {
    if (isBadCursor(error)) return refusal(c, badCursor(c))
    return refusal(c, error instanceof StoreError ? UNAVAILABLE : INTERNAL)
  })
  return app
}

function logThrown({ log }: AdminDeps, c: AdminContext, error: Error): void {
  log('failure', {
    request_id: c.get('requestId'),
    where: 'admin',
    error_class: error.name,
    ...(error instanceof StoreError ? { store_error: error.code } : {}),
  })
}

const notFound = (c: AdminContext) =>
  refusal(c, { code: 'not_found', detail: 'There is nothing at this address.' })

const TOO_LARGE: Problem = {
  code: 'body_too_large',
  detail: `At most ${BODY_BYTES / 1024} KiB are accepted at once. Nothing was changed: go back and send less.`,
}

const badCursor = (c: AdminContext): Problem => ({
  code: 'invalid',
  detail: 'The page that was asked for is none of this list; begin at the first.',
  errors: [
    {
      ...(c.req.method === 'GET' ? { parameter: 'cursor' } : { pointer: '#/cursor' }),
      detail: 'must be what an earlier page gave as next',
    },
  ],
})

const UNAVAILABLE: Problem = {
  code: 'unavailable',
  detail: 'The database does not answer. Look whether the change was made before you repeat it.',
  retryAfterSeconds: 10,
}

const INTERNAL: Problem = {
  code: 'internal',
  detail: 'This is a fault of the service. Quote the request id.',
}
