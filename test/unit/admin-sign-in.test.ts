/** Signing in with a browser: cookies, the way back, and what must not become a session. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { returnPathOf } from '../../src/verifier/admin/return-path.ts'
import { SESSION_SECONDS } from '../../src/verifier/admin/session-cookie.ts'
import { ADMIN_ORIGIN, type AdminWorld, adminWorld, cookieOf } from '../support/admin-world.ts'

const OPERATOR = { subject: 'auth0|7', displayName: 'Ada', role: 'operator' } as const

const comeBack = (world: AdminWorld, cookie: string, query = 'code=good&state=s') =>
  world.request(`/admin/callback?${query}`, { headers: { cookie } })

async function begun(world: AdminWorld, path = '/admin/login') {
  return cookieOf(await world.request(path))
}

describe('signing in', () => {
  it('sends the browser to the provider with our own way back, and keeps the transaction signed', async () => {
    const world = adminWorld()
    const response = await world.request('/admin/login')
    expect(response.status).toBe(303)
    const to = new URL(response.headers.get('location') ?? '')
    expect(to.origin).toBe('https://provider.example')
    expect(to.searchParams.get('redirect_uri')).toBe(`${ADMIN_ORIGIN}/admin/callback`)
    const [line = ''] = response.headers.getSetCookie()
    expect(line).toMatch(/^__Host-rv_admin_login=/)
    for (const attribute of ['Max-Age=600', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'])
      expect(line).toContain(attribute)
    expect(line).not.toContain('Domain')
  })

  it('begins a session of eight hours, of which the store knows a hash', async () => {
    const world = adminWorld()
    world.person = OPERATOR
    const response = await comeBack(world, await begun(world))
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/admin')
    const lines = response.headers.getSetCookie()
    const session = lines.find((line) => line.startsWith('__Host-rv_admin=')) ?? ''
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'])
      expect(session).toContain(attribute)
    expect(session).toContain(`Max-Age=${SESSION_SECONDS}`)
    expect(lines.some((line) => /^__Host-rv_admin_login=; Max-Age=0/.test(line))).toBe(true)
    const [[hash, found] = []] = [...world.store.sessions]
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(session).not.toContain(hash)
    expect(found).toEqual({
      actor: { name: 'oidc:auth0|7', role: 'operator' },
      displayName: 'Ada',
    })
    expect(world.store.audit).toMatchObject([{ action: 'session.begin' }])
  })

  it('gives a new session each time and ends the one that the browser brought', async () => {
    const world = adminWorld()
    const first = await world.signIn('operator')
    const transaction = await begun(world)
    const response = await comeBack(world, `${transaction}; ${first.cookie}`)
    expect(cookieOf(response)).not.toBe(first.cookie)
    expect(world.store.sessions.size).toBe(1)
    const headers = { cookie: first.cookie }
    expect((await world.request('/admin/api/me', { headers })).status).toBe(401)
  })

  it('does not adopt a session that somebody else put into the browser', async () => {
    const world = adminWorld()
    world.person = OPERATOR
    const planted = `__Host-rv_admin=${'A'.repeat(43)}`
    const response = await comeBack(world, `${await begun(world)}; ${planted}`)
    expect(cookieOf(response)).not.toContain('A'.repeat(43))
    const headers = { cookie: planted }
    expect((await world.request('/admin/api/me', { headers })).status).toBe(401)
  })

  it('tells who has no role by their subject, and begins nothing', async () => {
    const world = adminWorld()
    world.person = { subject: 'auth0|nobody', displayName: '<b>Eve</b>' }
    const response = await comeBack(world, await begun(world))
    expect(response.status).toBe(403)
    const text = await response.text()
    expect(text).toContain('auth0|nobody')
    expect(text).not.toContain('<b>')
    expect(world.store.calls).toEqual([])
    expect(cookieOf(response)).toBe('')
  })

  it.each<[string, (cookie: string) => string, string?]>([
    ['without its cookie', () => ''],
    ['with a cookie of one letter different', (cookie) => cookie.replace('kept', 'kepT')],
    ['with a cookie whose signature is cut', (cookie) => cookie.slice(0, -4)],
    ['with a cookie that is not signed', (cookie) => cookie.replace(/\.[^.]*$/, '')],
    ['whose answer the provider does not stand for', (cookie) => cookie, 'code=bad&state=s'],
    ['that was refused at the provider', (cookie) => cookie, 'error=access_denied&state=s'],
  ])('%s begins nothing', async (_what, change, query) => {
    const world = adminWorld()
    world.person = OPERATOR
    const response = await comeBack(world, change(await begun(world)), query)
    expect(response.status).toBe(400)
    expect(world.store.calls).toEqual([])
    expect(cookieOf(response)).toBe('')
  })

  it('takes a cookie of another service’s secret for none', async () => {
    const world = adminWorld()
    const other = adminWorld({ sessionSecret: 'another-session-secret-of-48-characters-01234567' })
    world.person = OPERATOR
    expect((await comeBack(world, await begun(other))).status).toBe(400)
  })

  it('is over after ten minutes, whatever the browser still keeps', async () => {
    const world = adminWorld()
    world.person = OPERATOR
    const late = await begun(world)
    world.now += 600
    expect((await comeBack(world, late)).status).toBe(400)
    const inTime = await begun(world)
    world.now += 599
    expect((await comeBack(world, inTime)).status).toBe(303)
  })

  it('is slowed down for a network that begins too often', async () => {
    const world = adminWorld()
    const statuses: number[] = []
    for (let count = 0; count < 100; count += 1)
      statuses.push((await world.request('/admin/login')).status)
    expect(statuses.at(-1)).toBe(429)
    expect(statuses.filter((status) => status === 303).length).toBeGreaterThan(20)
    world.now += 60
    expect((await world.request('/admin/login')).status).toBe(303)
  })

  it('begins nothing when the session cannot be stored', async () => {
    const world = adminWorld()
    world.person = OPERATOR
    const transaction = await begun(world)
    world.store.fail('unavailable')
    const response = await comeBack(world, transaction)
    expect(response.status).toBe(503)
    expect(cookieOf(response)).toBe('')
  })
})

describe('the way back', () => {
  it.each([
    ['/admin', '/admin'],
    ['/admin/', '/admin/'],
    ['/admin?day=2', '/admin?day=2'],
    ['/admin/tenants/acme/assessments?flow=login', '/admin/tenants/acme/assessments?flow=login'],
  ])('%s is kept', (text, expected) => {
    expect(returnPathOf(text, ADMIN_ORIGIN)).toBe(expected)
  })

  it.each([
    undefined,
    '',
    '/',
    '/verify',
    '/administrator',
    '/admin.evil.example',
    '/admin/../verify',
    '/admin/..',
    '/admin/%2e%2e/verify',
    '/admin\\..\\verify',
    '/admin//evil.example',
    '/admin/login',
    '/admin/logout',
    '/admin/callback?code=x',
    '//evil.example/admin',
    'https://evil.example/admin',
    'https://verify.example.com/admin',
    'javascript:alert(1)',
    '/admin\r\nSet-Cookie: a=b',
    '/admin\tx',
    '/admin/é',
    `/admin/${'x'.repeat(2000)}`,
  ])('%j leads to the first page', (text) => {
    expect(returnPathOf(text, ADMIN_ORIGIN)).toBe('/admin')
  })

  const corpus = readFileSync(
    new URL('../corpora/openredirect/oauth2-proxy-openredirects.txt', import.meta.url),
    'utf8',
  )
    .split('\n')
    .filter((line) => line !== '')

  it('is within this part for every address of a collection of open redirects', () => {
    expect(corpus.length).toBeGreaterThan(500)
    const texts = corpus.flatMap((line) => [line, `/admin${line}`, `/admin/${line}`])
    for (const text of texts) {
      const to = new URL(returnPathOf(text, ADMIN_ORIGIN), ADMIN_ORIGIN)
      expect(to.origin, text).toBe(ADMIN_ORIGIN)
      expect(to.pathname, text).toMatch(/^\/admin(\/|$)/)
      expect(to.pathname, text).not.toMatch(/^\/admin\/\//)
    }
  })

  it('is what the transaction kept, and not what the callback is given', async () => {
    const world = adminWorld()
    world.person = OPERATOR
    const transaction = await begun(world, '/admin/login?return=%2Fadmin%2Ftenants%2Facme')
    const response = await comeBack(world, transaction, 'code=good&state=s&return=/admin/tokens')
    expect(response.headers.get('location')).toBe('/admin/tenants/acme')
    const hostile = await begun(world, '/admin/login?return=https://evil.example/admin')
    expect((await comeBack(world, hostile)).headers.get('location')).toBe('/admin')
  })
})
