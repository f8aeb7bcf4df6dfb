/** The operator's API: every route of the table behind the gate, and nothing else. */
import { Hono } from 'hono'
import type { AdminApp, AdminContext, AdminDeps } from './admin-deps.ts'
import { openApiDocument } from './openapi.ts'
import { sendProblem } from './problem.ts'
import { referencePage } from './reference.ts'
import { permits } from './roles.ts'
import type { AdminRoute } from './route.ts'
import { readInput } from './route-input.ts'
import { ROUTES } from './routes.ts'

/** Paths below `/admin/api`. */
export function createAdminApi(deps: AdminDeps): AdminApp {
  const api: AdminApp = new Hono()
  const document = () => openApiDocument(ROUTES, deps.publicOrigin)
  api.get('/openapi.json', (c) => c.json(document()))
  api.get('/reference', async (c) => {
    const { body, contentSecurityPolicy } = await referencePage(document())
    c.header('Content-Security-Policy', contentSecurityPolicy)
    return c.html(body)
  })
  const methods = new Map<string, string[]>([
    ['/openapi.json', ['GET']],
    ['/reference', ['GET']],
  ])
  for (const route of ROUTES) {
    const path = honoPath(route.path)
    methods.set(path, [...(methods.get(path) ?? []), route.method.toUpperCase()])
    api.on(route.method.toUpperCase(), path, (c) => answer(deps, c, route))
  }
  for (const [path, allowed] of methods) {
    api.all(path, (c) => {
      c.header('Allow', allowed.join(', '))
      return sendProblem(c, {
        code: 'method_not_allowed',
        detail: `Here there is ${allowed.join(', ')}.`,
      })
    })
  }
  // Nothing below this address is a page.
  api.all('*', (c) =>
    sendProblem(c, {
      code: 'not_found',
      detail: 'There is no such route; see /admin/api/reference.',
    }),
  )
  return api
}

const honoPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1')

async function answer(deps: AdminDeps, c: AdminContext, route: AdminRoute): Promise<Response> {
  const actor = c.get('actor')
  if (!permits(actor.role, route.role)) {
    return sendProblem(c, {
      code: 'forbidden',
      detail: `This needs the role ${route.role}; yours is ${actor.role}.`,
    })
  }
  const tenant = c.req.param('tenant')
  if (tenant !== undefined && !deps.tenants.has(tenant)) {
    return sendProblem(c, { code: 'not_found', detail: 'No such tenant is configured.' })
  }
  const input = await readInput(c, route)
  if (!input.ok) return sendProblem(c, input.error)
  const answered = await route.handle(deps, {
    ...input.value,
    actor,
    displayName: c.get('displayName'),
    signal: c.req.raw.signal,
  })
  return answered.ok ? c.json(answered.value as object) : sendProblem(c, answered.error)
}
