/** Who gets in below `/admin`: each credential, and each of them one change away from a good one. */
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type { AdminApp } from '../../src/verifier/admin/admin-deps.ts'
import { csrfTokenOf } from '../../src/verifier/admin/session-cookie.ts'
import { StoreError } from '../../src/verifier/ports.ts'
import {
  ADMIN_ORIGIN,
  type AdminWorld,
  adminWorld,
  cookieOf,
  SESSION_SECRET,
  tokenOf,
} from '../support/admin-world.ts'

/** Pages as the dashboard's: one to read, one form. */
function testPages(changed: string[]): AdminApp {
  const pages: AdminApp = new Hono()
  pages.get('/', (c) => c.text(`${c.get('actor').name} ${c.get('csrfToken') ?? '-'}`))
  pages.post('/change', async (c) => {
    const form = await c.req.parseBody()
    changed.push(String(form.what))
    return c.text('changed')
  })
  return pages
}

function worldWithPages(overrides: Parameters<typeof adminWorld>[0] = {}) {
  const changed: string[] = []
  return { world: adminWorld(overrides, () => testPages(changed)), changed }
}

const sessionOf = (cookie: string) => cookie.split('=')[1] ?? ''
const csrfOf = (cookie: string) => csrfTokenOf(SESSION_SECRET, `cookie\0${sessionOf(cookie)}`)

describe('without a credential', () => {
  it('the API answers a problem that says how to authenticate', async () => {
    const { world } = worldWithPages()
    const response = await world.request('/admin/api/tenants')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ code: 'unauthorized', status: 401 })
    expect(world.store.calls).toEqual([])
  })

  it('a page leads to signing in, and back to itself', async () => {
    const { world } = worldWithPages()
    const response = await world.request('/admin/assessments?flow=login')
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe(
      '/admin/login?return=%2Fadmin%2Fassessments%3Fflow%3Dlogin',
    )
  })

  it('a page says so where nobody can sign in', async () => {
    const world = adminWorld({ signIn: undefined as never })
    const response = await world.request('/admin')
    expect(response.status).toBe(403)
    expect(await response.text()).toContain('through the proxy')
  })
})

describe('an API token', () => {
  it('is who it was made for, by name and role', async () => {
    const { world } = worldWithPages()
    const response = await world.as('operator', '/admin')
    expect(await response.text()).toBe('token:operator -')
  })

  const token = tokenOf('viewer')
  it.each([
    ['one letter different', `Bearer ${token.slice(0, -1)}y`],
    ['one letter longer', `Bearer ${token}x`],
    ['one letter shorter', `Bearer ${token.slice(0, -1)}`],
    ['without its prefix', `Bearer ${token.slice(4)}`],
    ['under another scheme', `Basic ${token}`],
    ['without a scheme', token],
    ['given twice', `Bearer ${token}, Bearer ${token}`],
    ['followed by another word', `Bearer ${token} x`],
    ['empty', ''],
  ])('%s is nobody', async (_what, authorization) => {
    const { world } = worldWithPages()
    const response = await world.request('/admin/api/tenants', { headers: { authorization } })
    expect(response.status).toBe(401)
  })

  it('is not taken from the query, nor from a cookie', async () => {
    const { world } = worldWithPages()
    for (const name of ['access_token', 'token', 'authorization', 'api_key']) {
      const inQuery = await world.request(`/admin/api/tenants?${name}=${token}`)
      expect(inQuery.status).toBe(401)
    }
    const headers = { cookie: `__Host-rv_admin=${token}` }
    expect((await world.request('/admin/api/tenants', { headers })).status).toBe(401)
  })

  it('that was revoked is nobody', async () => {
    const { world } = worldWithPages()
    await world.store.revokeToken('t-viewer', { name: 'cli:ada', role: 'admin' })
    expect((await world.as('viewer', '/admin')).status).toBe(401)
  })

  it('that is wrong does not fall back to a good cookie', async () => {
    const { world } = worldWithPages()
    const { cookie } = await world.signIn('admin')
    const headers = { cookie, authorization: `Bearer ${token.slice(0, -1)}y` }
    expect((await world.request('/admin/api/tenants', { headers })).status).toBe(401)
  })

  it('may change things without a csrf value: no browser sends it by itself', async () => {
    const { world, changed } = worldWithPages()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const init = { method: 'POST', body: 'what=it', headers }
    expect((await world.as('viewer', '/admin/change', init)).status).toBe(200)
    expect(changed).toEqual(['it'])
  })

  it('that is wrong too often costs no more statements, until a minute has passed', async () => {
    const { world } = worldWithPages()
    const headers = { authorization: `Bearer ${token.slice(0, -1)}y` }
    const guess = () => world.request('/admin/api/tenants', { headers })
    let refusedAt = 0
    for (let count = 1; count <= 200 && refusedAt === 0; count += 1)
      if ((await guess()).status === 429) refusedAt = count
    expect(refusedAt).toBeGreaterThan(10)
    const asked = world.store.calls.length
    const response = await guess()
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('60')
    expect(world.store.calls).toHaveLength(asked)
    world.now += 60
    expect((await guess()).status).toBe(401)
  })
})

describe('a session', () => {
  it('is told by its cookie, and comes with a csrf value of its own', async () => {
    const { world } = worldWithPages()
    const { cookie } = await world.signIn('viewer')
    const response = await world.request('/admin', { headers: { cookie } })
    expect(await response.text()).toBe(`oidc:auth0|viewer ${csrfOf(cookie)}`)
    const other = await world.signIn('viewer')
    expect(csrfOf(other.cookie)).not.toBe(csrfOf(cookie))
  })

  it.each([
    ['with one letter different', (cookie: string) => `${cookie.slice(0, -1)}-`],
    ['under the name without the prefix', (cookie: string) => cookie.replace('__Host-', '')],
    ['twice in one cookie', (cookie: string) => `${cookie}${sessionOf(cookie)}`],
    ['empty', () => '__Host-rv_admin='],
  ])('%s is nobody', async (_what, change) => {
    const { world } = worldWithPages()
    const { cookie } = await world.signIn('viewer')
    const headers = { cookie: change(cookie) }
    expect((await world.request('/admin/api/tenants', { headers })).status).toBe(401)
  })

  it('ends when it is signed out, at the store and in the browser', async () => {
    const { world } = worldWithPages()
    const { cookie } = await world.signIn('viewer')
    const response = await post(world, '/admin/logout', cookie, { csrf: csrfOf(cookie) })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/admin/signed-out')
    expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-rv_admin=; Max-Age=0/)
    expect(world.store.sessions.size).toBe(0)
    const headers = { cookie }
    expect((await world.request('/admin/api/tenants', { headers })).status).toBe(401)
    expect((await world.request('/admin/signed-out')).status).toBe(200)
  })
})

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const OWN_SITE = { 'sec-fetch-site': 'same-origin', origin: ADMIN_ORIGIN }

const post = (
  world: AdminWorld,
  path: string,
  cookie: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = OWN_SITE,
) =>
  world.request(path, {
    method: 'POST',
    headers: { ...FORM, cookie, ...headers },
    body: new URLSearchParams(fields).toString(),
  })

describe('a change by a signed-in browser', () => {
  it('is made when our page sends it with its csrf value, as a field or as a header', async () => {
    const { world, changed } = worldWithPages()
    const { cookie } = await world.signIn('viewer')
    const csrf = csrfOf(cookie)
    expect((await post(world, '/admin/change', cookie, { what: 'a', csrf })).status).toBe(200)
    const headers = { ...OWN_SITE, 'x-csrf-token': csrf }
    expect((await post(world, '/admin/change', cookie, { what: 'b' }, headers)).status).toBe(200)
    const old = { origin: ADMIN_ORIGIN }
    expect((await post(world, '/admin/change', cookie, { what: 'c', csrf }, old)).status).toBe(200)
    const quiet = { 'sec-fetch-site': 'same-origin', origin: 'null' }
    expect((await post(world, '/admin/change', cookie, { what: 'd', csrf }, quiet)).status).toBe(
      200,
    )
    expect(changed).toEqual(['a', 'b', 'c', 'd'])
  })

  it.each<[string, Readonly<Record<string, string>>, (csrf: string) => string | undefined]>([
    ['without a csrf value', OWN_SITE, () => undefined],
    ['with an empty one', OWN_SITE, () => ''],
    ['with one letter different', OWN_SITE, (csrf) => `${csrf.slice(0, -1)}-`],
    ['with one of another session', OWN_SITE, () => csrfOf('x=another')],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, (csrf) => csrf],
    ['from a sibling of this site', { 'sec-fetch-site': 'same-site' }, (csrf) => csrf],
    ['from nowhere, as an address bar does', { 'sec-fetch-site': 'none' }, (csrf) => csrf],
    [
      'whose Origin contradicts',
      { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
      (csrf) => csrf,
    ],
    ['by an old browser of another origin', { origin: 'https://evil.example' }, (csrf) => csrf],
    ['by an old browser in a sandbox', { origin: 'null' }, (csrf) => csrf],
    ['that says nothing of where it is from', {}, (csrf) => csrf],
  ])('%s is refused, and nothing is changed', async (_what, headers, csrfFor) => {
    const { world, changed } = worldWithPages()
    const { cookie } = await world.signIn('admin')
    const csrf = csrfFor(csrfOf(cookie))
    const fields = { what: 'it', ...(csrf === undefined ? {} : { csrf }) }
    const response = await post(world, '/admin/change', cookie, fields, headers)
    expect(response.status).toBe(403)
    expect(changed).toEqual([])
  })

  it('with its csrf value twice, in JSON or in a multipart form is refused', async () => {
    const { world, changed } = worldWithPages()
    const { cookie } = await world.signIn('admin')
    const csrf = csrfOf(cookie)
    const send = (type: string, body: string) =>
      world.request('/admin/change', {
        method: 'POST',
        headers: { ...OWN_SITE, cookie, 'content-type': type },
        body,
      })
    const twice = await send(FORM['content-type'], `csrf=${csrf}&csrf=${csrf}&what=it`)
    expect(twice.status).toBe(403)
    expect((await send('application/json', JSON.stringify({ csrf }))).status).toBe(403)
    const multipart = `--b\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n${csrf}\r\n--b--\r\n`
    expect((await send('multipart/form-data; boundary=b', multipart)).status).toBe(403)
    expect((await send('text/plain', `csrf=${csrf}`)).status).toBe(403)
    expect(changed).toEqual([])
  })

  it('by a session that has ended leads to the first page, not back to the form', async () => {
    const { world, changed } = worldWithPages()
    const { cookie } = await world.signIn('admin')
    world.store.sessions.clear()
    const response = await post(world, '/admin/change', cookie, { csrf: csrfOf(cookie) })
    expect(response.headers.get('location')).toBe('/admin/login?return=%2Fadmin')
    expect(changed).toEqual([])
  })
})

describe('whom the proxy in front vouches for', () => {
  const person = { subject: 'f2d9', displayName: 'ada@example.com' }

  it('is let in with the role of the configuration, and a csrf value', async () => {
    const { world } = worldWithPages({
      access: { identify: async () => ({ ...person, role: 'operator' }) },
    })
    const response = await world.request('/admin')
    expect(await response.text()).toMatch(/^access:f2d9 [\w-]{43}$/)
  })

  it('and has no role is told so by name', async () => {
    const { world } = worldWithPages({ access: { identify: async () => person } })
    const page = await world.request('/admin')
    expect(page.status).toBe(403)
    expect(await page.text()).toContain('f2d9')
    const answer = await world.request('/admin/api/tenants')
    expect(await answer.json()).toMatchObject({ status: 403, code: 'forbidden' })
  })

  it('changes nothing without the csrf value', async () => {
    const { world, changed } = worldWithPages({
      access: { identify: async () => ({ ...person, role: 'admin' }) },
    })
    const [, csrf = ''] = (await (await world.request('/admin')).text()).split(' ')
    expect((await post(world, '/admin/change', '', { what: 'it' })).status).toBe(403)
    expect(changed).toEqual([])
    expect((await post(world, '/admin/change', '', { what: 'it', csrf })).status).toBe(200)
    expect(changed).toEqual(['it'])
  })
})

describe('every answer', () => {
  it.each([
    '/admin',
    '/admin/login',
    '/admin/callback',
    '/admin/signed-out',
    '/admin/api/tenants',
    '/admin/nothing',
  ])('of %s carries the headers that keep it to itself', async (path) => {
    const { world } = worldWithPages()
    const { headers } = await world.request(path)
    const policy = headers.get('content-security-policy') ?? ''
    for (const directive of [
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      expect(policy).toContain(directive)
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=63072000/)
  })

  it('says 503 when the database does not answer, and nothing of what it said', async () => {
    const { world } = worldWithPages()
    world.store.fail('unknown')
    const response = await world.as('viewer', '/admin/api/tenants')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('10')
    expect(await response.text()).not.toContain('TEST')
    expect(world.lines.filter((line) => line.includes('"store_error":"TEST"'))).toHaveLength(1)
  })

  it('leaves a line in the log when a page fails that has an answer of its own', async () => {
    const pages: AdminApp = new Hono()
    pages.get('/', () => {
      throw new StoreError('unavailable', 'ECONNREFUSED')
    })
    pages.onError((_error, c) => c.text('away', 503))
    const world = adminWorld({}, () => pages)
    expect(await (await world.as('viewer', '/admin')).text()).toBe('away')
    const failures = world.lines.filter((line) => line.includes('"event":"failure"'))
    expect(failures.map((line) => JSON.parse(line))).toMatchObject([
      { where: 'admin', error_class: 'StoreError', store_error: 'ECONNREFUSED' },
    ])
  })

  it('refuses a body that is too large, declared or not', async () => {
    const { world, changed } = worldWithPages()
    const body = `what=${'x'.repeat(600 * 1024)}`
    const init = { method: 'POST', headers: FORM, body }
    expect((await world.as('viewer', '/admin/change', init)).status).toBe(413)
    const stream = new Blob([body]).stream()
    const streamed = { ...init, body: stream, duplex: 'half' } as RequestInit
    expect((await world.as('viewer', '/admin/change', streamed)).status).toBe(413)
    expect(changed).toEqual([])
  })
})

it('a development service on localhost sets its cookies without https', async () => {
  const world = adminWorld({ publicOrigin: 'http://verify.localhost:3000' })
  const begun = await world.request('/admin/login')
  expect(begun.headers.getSetCookie()[0]).toMatch(/^rv_admin_login=/)
  expect(begun.headers.getSetCookie()[0]).not.toMatch(/Secure/)
  expect(cookieOf(begun)).not.toBe('')
})
