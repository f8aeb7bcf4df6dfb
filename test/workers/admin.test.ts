/** The operator's part on workerd: off like any unknown address, and on with a database of its own. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createBrowser, createTenant } from '../../src/emulator/index.ts'
import { hashApiToken } from '../../src/verifier/admin/api-token.ts'
import { createAdminStore } from '../../src/verifier/store/admin-store.ts'
import { tokenOf } from '../support/admin-world.ts'
import { freshDatabase } from '../support/database.ts'
import { seedTenant } from '../support/environment.ts'
import { onLogin } from '../support/login-world.ts'
import { ORIGIN, openWorker } from '../support/worker-client.ts'

const database = await freshDatabase()
const OIDC = {
  issuer: 'https://provider.invalid/',
  client_id: 'verifier',
  roles_claim: 'https://verify.example.com/roles',
  roles: { security: 'admin' },
}
const SET_ROLES = `api.idToken.setCustomClaim('${OIDC.roles_claim}', 'security')`
const ON = {
  RV_ADMIN_DATABASE_URL: database.url,
  RV_ADMIN_OIDC: JSON.stringify(OIDC),
  RV_ADMIN_SESSION_SECRET: 'an-admin-session-secret-of-48-characters-0123456',
}

beforeAll(async () => {
  await seedTenant(database.url)
  const store = createAdminStore(database.url)
  const hash = hashApiToken(tokenOf('admin'))
  await store.addToken({ name: 'ci', role: 'admin', hash }, { name: 'cli:test', role: 'admin' })
  await store.close()
})

describe('the operator’s part of a Worker', () => {
  it('is not there without a database of its own', async () => {
    const { get } = openWorker(database.url)
    const [unknown, admin] = [await get('/nothing'), await get('/admin')]
    expect(admin.status).toBe(404)
    const named = (answer: typeof admin) => [...answer.headers.keys()].sort()
    expect(named(admin)).toEqual(named(unknown))
  })

  it('answers its API and its pages, and lets verifications be', async () => {
    const { get, miniflare } = openWorker(database.url, ON)
    const page = await miniflare.dispatchFetch(`${ORIGIN}/admin`, { redirect: 'manual' })
    expect(page.status).toBe(303)
    expect(page.headers.get('location')).toBe('/admin/login?return=%2Fadmin')
    const ask = (path: string, authorization: string) =>
      miniflare.dispatchFetch(`${ORIGIN}${path}`, { headers: { authorization } })
    const bearer = `Bearer ${tokenOf('admin')}`
    const policies = await ask('/admin/api/tenants/acme/policies', bearer)
    expect(policies.status).toBe(200)
    expect(await policies.json()).toMatchObject({
      items: [
        { flow: 'login', status: 'active' },
        { flow: 'password_reset', status: 'active' },
      ],
    })
    expect((await ask('/admin/api/openapi.json', bearer)).status).toBe(200)
    expect((await ask('/admin/api/tenants', `${bearer}x`)).status).toBe(401)
    expect((await get('/verify')).status).toBe(200)
  })

  it('signs in at a provider, and keeps nothing of one request for another', async () => {
    const tenant = createTenant({
      host: 'localhost',
      users: [{ email: 'ada@example.com', password: 'Admin-password-1', factors: [] }],
      clients: [
        {
          client_id: OIDC.client_id,
          name: 'redirect-verifier',
          client_secret: 'a-client-secret-0123456789',
          callbacks: [`${ORIGIN}/admin/callback`],
        },
      ],
      actions: {
        'post-login': [{ name: 'roles', code: onLogin(SET_ROLES) }],
      },
    })
    onTestFinished(() => tenant.close())
    const { origin } = await tenant.listen()
    const { miniflare } = openWorker(database.url, {
      ...ON,
      RV_ADMIN_OIDC: JSON.stringify({ ...OIDC, issuer: `${origin}/` }),
      RV_ADMIN_OIDC_CLIENT_SECRET: 'a-client-secret-0123456789',
    })
    const worker = async (request: Request) => {
      const answer = await miniflare.dispatchFetch(request.url, {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        redirect: 'manual',
      })
      return new Response(await answer.text(), {
        status: answer.status,
        headers: answer.headers as unknown as Headers,
      })
    }
    for (const _again of [1, 2]) {
      const browser = createBrowser({ routes: { [ORIGIN]: worker } })
      await browser.visit(`${ORIGIN}/admin/login?return=/admin/api/me`)
      const page = await browser.submit(undefined, {
        username: 'ada@example.com',
        password: 'Admin-password-1',
      })
      expect(JSON.parse(page.body)).toMatchObject({
        display_name: 'ada@example.com',
        role: 'admin',
      })
    }
  })

  it('says that nobody can sign in while the provider is away', async () => {
    const away = JSON.stringify({ ...OIDC, issuer: 'https://127.0.0.1:1/' })
    const { miniflare, lines } = openWorker(database.url, { ...ON, RV_ADMIN_OIDC: away })
    const answer = await miniflare.dispatchFetch(`${ORIGIN}/admin/login`, { redirect: 'manual' })
    expect(answer.status).toBe(503)
    // The runtime writes lines of its own.
    const own = lines.filter((line) => line.startsWith('{"time"')).join()
    expect(own).toContain('"where":"oidc"')
    expect(own).not.toContain('127.0.0.1')
  })
})
