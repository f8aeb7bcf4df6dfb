/**
 * Who is acting, told before anything else of a request is read. Three credentials, the most explicit
 * first: a machine's bearer token, a signed-in browser's cookie, the word of the proxy in front. A token
 * that is given and not accepted ends the matter; it never falls back to a cookie.
 */
import type { MiddlewareHandler } from 'hono'
import type { Actor, Role } from '../ports-admin.ts'
import type { AdminContext, AdminDeps, AdminVariables } from './admin-deps.ts'
import { hashApiToken, isApiToken } from './api-token.ts'
import type { Attempts } from './attempts.ts'
import { bringsToken, isChange, isSameOrigin } from './csrf.ts'
import { sendPlainPage } from './plain-page.ts'
import { type Problem, sendProblem } from './problem.ts'
import { ADMIN_HOME, returnPathOf } from './return-path.ts'
import { permits } from './roles.ts'
import { csrfTokenOf, hashSession, readSession } from './session-cookie.ts'

type Middleware = MiddlewareHandler<{ Variables: AdminVariables }>

type Admission =
  | { readonly kind: 'machine'; readonly actor: Actor }
  | {
      readonly kind: 'person'
      readonly actor: Actor
      readonly displayName: string
      readonly csrfToken: string
    }
  /** The proxy vouches for them, and the configuration gives them no role. */
  | { readonly kind: 'no_role'; readonly subject: string }
  | { readonly kind: 'refused'; readonly problem: Problem }

const NOBODY: Admission = {
  kind: 'refused',
  problem: { code: 'unauthorized', detail: 'Sign in, or give an API token as a bearer token.' },
}

/** For everything below `/admin` but signing in and out. */
export function createGate(deps: AdminDeps, failures: Attempts): Middleware {
  return async (c, next) => {
    const admission = await admit(c, deps, failures)
    switch (admission.kind) {
      case 'refused':
        return await refuse(c, deps, admission.problem)
      case 'no_role':
        return await refuseRoleless(c, admission.subject)
      case 'machine':
        c.set('actor', admission.actor)
        c.set('displayName', admission.actor.name)
        return await next()
      case 'person': {
        if (isChange(c) && !(await isOwn(c, deps, admission.csrfToken))) {
          return await refuse(c, deps, CROSS_SITE)
        }
        c.set('actor', admission.actor)
        c.set('displayName', admission.displayName)
        c.set('csrfToken', admission.csrfToken)
        return await next()
      }
    }
  }
}

/** Behind the gate: lets those through whose role is this one or higher. */
export const requireRole =
  (needed: Role): Middleware =>
  async (c, next) => {
    const { role } = c.get('actor')
    if (permits(role, needed)) return await next()
    return refusal(c, {
      code: 'forbidden',
      detail: `This needs the role ${needed}; yours is ${role}.`,
    })
  }

const CROSS_SITE: Problem = {
  code: 'cross_site',
  detail:
    'A change must come from a page of this service and bring its csrf value. Load the page again, or use an API token.',
}

const isOwn = async (c: AdminContext, deps: AdminDeps, csrfToken: string): Promise<boolean> =>
  isSameOrigin(c, deps.publicOrigin) && (await bringsToken(c, csrfToken))

async function admit(c: AdminContext, deps: AdminDeps, failures: Attempts): Promise<Admission> {
  const authorization = c.req.header('authorization')
  if (authorization !== undefined) return await admitToken(c, deps, failures, authorization)
  const secret = deps.sessionSecret
  if (secret === undefined) return NOBODY
  const session = readSession(c, deps.publicOrigin)
  if (session !== undefined) {
    const found = await deps.store.findSession(hashSession(session))
    if (found !== undefined) {
      return { kind: 'person', ...found, csrfToken: csrfTokenOf(secret, `cookie\0${session}`) }
    }
  }
  const identified = await deps.access?.identify(c.req.raw)
  if (identified === undefined) return NOBODY
  const { subject, displayName, role } = identified
  if (role === undefined) return { kind: 'no_role', subject }
  return {
    kind: 'person',
    actor: { name: `access:${subject}`, role },
    displayName,
    csrfToken: csrfTokenOf(secret, `access\0${subject}`),
  }
}

async function admitToken(
  c: AdminContext,
  { store, clientAddress }: AdminDeps,
  failures: Attempts,
  authorization: string,
): Promise<Admission> {
  const [, token = ''] = /^Bearer +([^\s,]+)$/i.exec(authorization) ?? []
  const wrong: Admission = {
    kind: 'refused',
    problem: {
      code: 'unauthorized',
      detail: 'The API token is not valid, has expired or was revoked.',
    },
  }
  if (!isApiToken(token)) return wrong
  const address = clientAddress?.(c)
  if (!failures.permits(address)) return { kind: 'refused', problem: TOO_MANY }
  const actor = await store.findToken(hashApiToken(token))
  if (actor !== undefined) return { kind: 'machine', actor }
  failures.count(address)
  return wrong
}

const TOO_MANY: Problem = {
  code: 'too_many',
  detail: 'Too many wrong tokens came from your network. Wait a minute.',
  retryAfterSeconds: 60,
}

export const isApiPath = (path: string): boolean => /^\/admin\/api(\/|$)/.test(path)

/** Programs hear a problem, people see a page, or sign in. */
async function refuse(c: AdminContext, deps: AdminDeps, problem: Problem): Promise<Response> {
  if (isApiPath(c.req.path) || c.req.header('authorization') !== undefined) {
    return sendProblem(c, problem)
  }
  if (problem.code !== 'unauthorized') return await refusal(c, problem)
  if (deps.signIn === undefined) {
    return await sendPlainPage(
      c,
      {
        title: 'Nobody is signed in',
        text: ['Open this page through the proxy that signs you in.'],
      },
      403,
    )
  }
  // What a post would have changed is not repeated after signing in: the person starts at the page.
  const { pathname, search } = new URL(c.req.url)
  const to = isChange(c) ? ADMIN_HOME : returnPathOf(`${pathname}${search}`, deps.publicOrigin)
  return c.redirect(`/admin/login?${new URLSearchParams({ return: to })}`, 303)
}

export async function refusal(c: AdminContext, problem: Problem): Promise<Response> {
  if (isApiPath(c.req.path)) return sendProblem(c, problem)
  const status = PAGE_STATUS[problem.code]
  if (problem.retryAfterSeconds !== undefined) {
    c.header('Retry-After', String(problem.retryAfterSeconds))
  }
  const next = { label: 'To the first page', path: ADMIN_HOME }
  return await sendPlainPage(c, { title: TITLES[status], text: [problem.detail], next }, status)
}

async function refuseRoleless(c: AdminContext, subject: string): Promise<Response> {
  const detail = `You are signed in as ${subject}, and that is given no role here. Ask for one.`
  return await refusal(c, { code: 'forbidden', detail })
}

const PAGE_STATUS = {
  invalid: 400,
  unauthorized: 403,
  forbidden: 403,
  cross_site: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 400,
  body_too_large: 413,
  content_type_unsupported: 400,
  too_many: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<Problem['code'], number>

const TITLES: Record<(typeof PAGE_STATUS)[Problem['code']], string> = {
  400: 'The request is not valid',
  403: 'Not permitted',
  404: 'No such page',
  405: 'Not in this way',
  413: 'The request is too large',
  429: 'Too many attempts',
  500: 'Something went wrong here',
  503: 'Not available now',
}
