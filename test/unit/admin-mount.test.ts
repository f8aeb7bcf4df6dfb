/** The operator's part beside the verification on Node: off, on, and never in each other's way. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startNode } from '../../src/node.ts'
import { hashApiToken } from '../../src/verifier/admin/api-token.ts'
import { isAdminUrl } from '../../src/verifier/http/mount.ts'
import { createAdminStore } from '../../src/verifier/store/admin-store.ts'
import { tokenOf } from '../support/admin-world.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { seedTenant, serviceEnvironment } from '../support/environment.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await seedTenant(database.url)
  const store = createAdminStore(database.url)
  const hash = hashApiToken(tokenOf('viewer'))
  await store.addToken({ name: 'ci', role: 'viewer', hash }, { name: 'cli:test', role: 'admin' })
  await store.close()
})

async function start(env: Readonly<Record<string, string>> = {}) {
  const lines: string[] = []
  const service = await startNode(
    {
      ...serviceEnvironment('http://verify.localhost:8400'),
      DATABASE_URL: database.url,
      ...env,
    },
    { write: (line) => lines.push(line) },
  )
  onTestFinished(service.stop)
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`http://127.0.0.1:${service.port}${path}`, { headers, redirect: 'manual' })
  return { get, lines }
}

/** Without what differs from one request to the next. */
function headersOf({ headers }: Response): Record<string, string> {
  const { date: _date, 'set-cookie': _cookie, ...rest } = Object.fromEntries(headers)
  return rest
}

const bearer = { authorization: `Bearer ${tokenOf('viewer')}` }

describe('the operator’s part', () => {
  it('is an unknown address where it is not configured', async () => {
    const { get } = await start()
    for (const path of ['/admin', '/admin/api/tenants', '/admin/login']) {
      const [unknown, admin] = [await get('/nothing', bearer), await get(path, bearer)]
      expect(admin.status).toBe(404)
      const { 'content-length': _a, ...one } = headersOf(admin)
      const { 'content-length': _b, ...other } = headersOf(unknown)
      expect(one).toEqual(other)
    }
  })

  it('answers where it is, and changes nothing of what a verification hears', async () => {
    const off = await start()
    const on = await start({ RV_ADMIN_DATABASE_URL: database.url })
    const tenants = await on.get('/admin/api/tenants', bearer)
    expect(await tenants.json()).toMatchObject({ items: [{ id: 'acme', name: 'Acme Bank' }] })
    expect((await on.get('/admin/api/tenants')).status).toBe(401)
    for (const path of ['/verify', '/verify?session_token=x&state=y', '/livez', '/nothing', '/']) {
      const [before, after] = [await off.get(path), await on.get(path)]
      expect(after.status).toBe(before.status)
      expect(headersOf(after)).toEqual(headersOf(before))
    }
  })

  it('is out of order by itself: with its database away, verifications go on', async () => {
    const { get } = await start({ RV_ADMIN_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
    const answer = await get('/admin/api/tenants', bearer)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('10')
    expect((await get('/readyz')).status).toBe(200)
    expect((await get('/verify')).status).toBe(200)
  })
})

describe('an address', () => {
  it.each([
    'http://verify.example/admin',
    'http://verify.example/admin/',
    'http://verify.example/admin?x',
    'http://verify.example:8080/admin/api/tenants?x=/verify',
  ])('%s is the operator’s', (url) => {
    expect(isAdminUrl(url)).toBe(true)
  })

  it.each([
    'http://verify.example',
    'http://verify.example/',
    'http://verify.example/verify?next=/admin',
    'http://verify.example/administrator',
    'http://verify.example/admin.php',
    'http://verify.example//admin',
    'http://verify.example/x/admin',
    'http://verify.example/Admin',
    'http://verify.example/%61dmin',
    'http://admin/verify',
  ])('%s is not', (url) => {
    expect(isAdminUrl(url)).toBe(false)
  })
})
