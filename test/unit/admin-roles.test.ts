/** Every route of the operator's API with every role, read off the table that the router is made of. */
import { describe, expect, it } from 'vitest'
import type { AdminRoute } from '../../src/verifier/admin/route.ts'
import { ROUTES } from '../../src/verifier/admin/routes.ts'
import { ROLES } from '../../src/verifier/ports-admin.ts'
import { adminWorld } from '../support/admin-world.ts'

const pathOf = (path: string) =>
  `/admin/api${path
    .replace('{tenant}', 'acme')
    .replace('{flow}', 'login')
    .replace('{version}', '1')
    .replace('{kind}', 'country')
    .replace('{value}', 'NO')
    .replace('{id}', '00000000-0000-4000-8000-000000000000')}`

const nameOf = ({ method, path }: AdminRoute) => `${method} ${path}`

/** Statements of the gate itself. */
const GATE = new Set(['findToken', 'findSession'])

const cases = ROUTES.flatMap((route) => ROLES.map((role) => [nameOf(route), role, route] as const))

describe('the API', () => {
  it('has routes, each once', () => {
    const names = ROUTES.map(nameOf)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThan(25)
    const ids = ROUTES.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('lets viewers change nothing, and keeps persons and tokens to admins', () => {
    const harmless = ['validatePolicy']
    const changes = ROUTES.filter(({ method, id }) => method !== 'get' && !harmless.includes(id))
    expect(changes.filter(({ role }) => role === 'viewer')).toEqual([])
    const admins = ROUTES.filter(({ role }) => role === 'admin').map(({ id }) => id)
    expect(admins.sort()).toEqual([
      'addToken',
      'eraseUser',
      'exportUser',
      'listServiceAudit',
      'listTokens',
      'revokeToken',
    ])
  })

  it.each(cases)('%s as %s', async (_name, role, route) => {
    const world = adminWorld()
    const response = await world.send(role, route.method.toUpperCase(), pathOf(route.path))
    const asked = world.store.calls.filter((name) => !GATE.has(name))
    if (ROLES.indexOf(role) >= ROLES.indexOf(route.role)) {
      expect([401, 403]).not.toContain(response.status)
      return
    }
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({
      code: 'forbidden',
      detail: `This needs the role ${route.role}; yours is ${role}.`,
    })
    expect(asked).toEqual([])
    expect(world.store.audit).toEqual([])
  })

  it.each(ROUTES.map((route) => [nameOf(route), route] as const))(
    '%s as nobody',
    async (_name, route) => {
      const world = adminWorld()
      const response = await world.request(pathOf(route.path), {
        method: route.method.toUpperCase(),
      })
      expect(response.status).toBe(401)
      expect(world.store.calls).toEqual([])
    },
  )

  it.each(ROUTES.filter(({ method }) => method !== 'get').map((r) => [nameOf(r), r] as const))(
    '%s by a signed-in admin from another site',
    async (_name, route) => {
      const world = adminWorld()
      const { cookie } = await world.signIn('admin')
      const asked = world.store.calls.length
      const response = await world.request(pathOf(route.path), {
        method: route.method.toUpperCase(),
        headers: { cookie, 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' },
        body: '{}',
      })
      expect(response.status).toBe(403)
      expect(world.store.calls.slice(asked)).toEqual(['findSession'])
    },
  )

  it.each(
    ROUTES.filter(({ path }) => path.includes('{tenant}')).map((r) => [nameOf(r), r] as const),
  )('%s for a tenant that is not configured', async (_name, route) => {
    const world = adminWorld()
    const path = pathOf(route.path).replace('/acme', '/other')
    const response = await world.send('admin', route.method.toUpperCase(), path)
    expect(response.status).toBe(404)
    expect(world.store.calls.filter((name) => !GATE.has(name))).toEqual([])
  })
})
