/** The OpenAPI document: valid, the same as the router, and readable as a page that loads nothing. */
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { ROUTES } from '../../src/verifier/admin/routes.ts'
import { adminWorld } from '../support/admin-world.ts'

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, { operationId: string }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

async function documentOf(): Promise<Document> {
  const response = await adminWorld().as('viewer', '/admin/api/openapi.json')
  expect(response.headers.get('content-type')).toContain('application/json')
  return (await response.json()) as Document
}

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const document = await documentOf()
    expect(document.openapi).toMatch(/^3\.1\./)
    const { valid, errors } = await new Validator().validate({ ...document })
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
  })

  it('names exactly what the router answers', async () => {
    const { app } = adminWorld({}, undefined)
    const routed = app.routes
      .filter(({ path, method }) => path.startsWith('/admin/api/') && method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.slice('/admin/api'.length)}`)
    const { paths } = await documentOf()
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      ),
    )
    expect([...new Set(routed)].sort()).toEqual(described.sort())
    expect(described.length).toBe(ROUTES.length + 2)
  })

  it('gives every schema a name that says what it is', async () => {
    const { components } = await documentOf()
    expect(Object.keys(components.schemas).filter((name) => name.startsWith('_'))).toEqual([])
    expect(Object.keys(components.schemas)).toContain('PolicyDocument')
  })

  it('is for those who may look, and nobody else', async () => {
    const world = adminWorld()
    for (const path of ['/admin/api/openapi.json', '/admin/api/reference'])
      expect((await world.request(path)).status).toBe(401)
  })
})

describe('the reference', () => {
  it('has every operation and every schema, and loads nothing', async () => {
    const response = await adminWorld().as('viewer', '/admin/api/reference')
    expect(response.headers.get('content-security-policy')).toContain("script-src 'none'")
    const page = await response.text()
    for (const { id, path } of ROUTES) {
      expect(page).toContain(`id="${id}"`)
      expect(page).toContain(path)
    }
    const { components } = await documentOf()
    for (const name of Object.keys(components.schemas))
      expect(page).toContain(`id="schema-${name}"`)
    const prose = page.replaceAll(/<pre.*?<\/pre>|<code>.*?<\/code>/gs, '')
    expect(prose).not.toContain('`')
    expect(page).toContain('<code>no_factor</code>')
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(/)
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, target]) => target)
    expect(
      links.filter((target) => !/^(#|\/admin\/api\/openapi\.json$)/.test(target ?? '')),
    ).toEqual([])
    const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => `#${id}`))
    expect(links.filter((target) => target?.startsWith('#') && !ids.has(target))).toEqual([])
  })
})

describe('a request that is not in the document', () => {
  it('hears which methods there are', async () => {
    const world = adminWorld()
    const response = await world.send('admin', 'PATCH', '/admin/api/tenants/acme/policies')
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, POST')
  })

  it('hears a problem, and sees no page', async () => {
    const response = await adminWorld().as('admin', '/admin/api/nothing')
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })

  it.each([
    ['an unknown parameter', '/admin/api/tenants/acme/assessments?colour=red', 'colour'],
    ['a parameter twice', '/admin/api/tenants/acme/assessments?limit=1&limit=2', 'limit'],
    ['a number that is none', '/admin/api/tenants/acme/assessments?limit=0x10', 'limit'],
    ['a number out of bounds', '/admin/api/tenants/acme/assessments?limit=201', 'limit'],
    ['an empty number', '/admin/api/tenants/acme/assessments?since=', 'since'],
    ['an unknown word', '/admin/api/tenants/acme/assessments?outcome=maybe', 'outcome'],
    ['a parameter where there is none', '/admin/api/tenants?all=1', 'all'],
    ['a part of the path', '/admin/api/tenants/acme/policies/reset/1', 'flow'],
    ['an id that is none', '/admin/api/tenants/acme/assessments/1', 'id'],
  ])('is refused for %s, by its name', async (_what, path, parameter) => {
    const world = adminWorld()
    const response = await world.as('admin', path)
    expect(response.status).toBe(400)
    const { code, errors } = (await response.json()) as {
      code: string
      errors: { parameter: string }[]
    }
    expect(code).toBe('invalid')
    expect(errors.map((fault) => fault.parameter)).toEqual([parameter])
    expect(world.store.calls).toEqual(['findToken'])
  })

  const SEARCH = '/admin/api/tenants/acme/assessments/search'
  it.each<[string, string, string, number]>([
    ['no JSON', '{', 'application/json', 400],
    ['another type', 'subject=x', 'application/x-www-form-urlencoded', 415],
    ['no type', '{"subject":"x"}', '', 415],
    ['an unknown member', '{"subject":"x","colour":1}', 'application/json', 400],
    ['a missing member', '{}', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
    ['a null', 'null', 'application/json', 400],
    ['a depth of a hundred thousand', '['.repeat(100_000), 'application/json', 400],
  ])('is refused for a body of %s', async (_what, body, type, status) => {
    const world = adminWorld()
    const headers = { 'content-type': type }
    const response = await world.as('admin', SEARCH, { method: 'POST', body, headers })
    expect(response.status).toBe(status)
    expect(world.store.calls).toEqual(['findToken'])
  })

  it('is refused for a policy that is nested without end, and not with a fault of ours', async () => {
    const world = adminWorld()
    const depth = 30_000
    const condition = `${'{"not":'.repeat(depth)}1${'}'.repeat(depth)}`
    const response = await world.as('admin', '/admin/api/tenants/acme/policies', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"document":{"floors":[{"when":${condition}}]}}`,
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      code: 'invalid',
      errors: [{ pointer: '#/document' }],
    })
    expect(world.store.audit).toEqual([])
  })
})
