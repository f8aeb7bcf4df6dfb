/** Signing out with a browser: the session here, and the link that ends the one at the provider. */
import { describe, expect, it } from 'vitest'
import { ProviderError, type SignIn } from '../../src/verifier/admin/admin-deps.ts'
import { csrfTokenOf } from '../../src/verifier/admin/session-cookie.ts'
import {
  ADMIN_ORIGIN,
  type AdminWorld,
  adminWorld,
  cookieOf,
  SESSION_SECRET,
} from '../support/admin-world.ts'

const PROVIDER_LINK =
  'href="https://provider.example/logout?to=https%3A%2F%2Fverify.example.com%2Fadmin%2Fsigned-out&amp;state=back"'

const base = adminWorld().deps.signIn as SignIn
const withEnd = (endUrl: SignIn['endUrl']) => adminWorld({ signIn: { ...base, endUrl } })

interface Given {
  readonly cookie: string
  readonly csrf?: string
  readonly headers?: Readonly<Record<string, string>>
}

const signOut = (world: AdminWorld, { cookie, csrf, headers }: Given, query = '') =>
  world.request(`/admin/logout${query}`, {
    method: 'POST',
    headers: {
      cookie,
      origin: ADMIN_ORIGIN,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: new URLSearchParams(csrf === undefined ? {} : { csrf }),
  })

async function signedIn(world: AdminWorld) {
  const { cookie } = await world.signIn('operator')
  const [, session = ''] = cookie.split('__Host-rv_admin=')
  return { cookie, csrf: csrfTokenOf(SESSION_SECRET, `cookie\0${session}`) }
}

describe('signing out', () => {
  it('ends the session here and takes its cookie away', async () => {
    const world = adminWorld()
    const person = await signedIn(world)
    const response = await signOut(world, person)
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/admin/signed-out')
    expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-rv_admin=; Max-Age=0/)
    expect(world.store.sessions.size).toBe(0)
    const headers = { cookie: person.cookie }
    expect((await world.request('/admin/api/me', { headers })).status).toBe(401)
  })

  it.each<[string, (person: Given) => Given]>([
    ['without the form’s value', ({ cookie }) => ({ cookie })],
    ['with another one', (person) => ({ ...person, csrf: 'A'.repeat(43) })],
    ['from another site', (person) => ({ ...person, headers: { 'sec-fetch-site': 'cross-site' } })],
    [
      'from another host of the same site',
      (person) => ({ ...person, headers: { 'sec-fetch-site': 'same-site' } }),
    ],
    [
      'from another origin',
      (person) => ({ ...person, headers: { origin: 'https://evil.example' } }),
    ],
  ])('%s ends nothing', async (_what, change) => {
    const world = adminWorld()
    const person = await signedIn(world)
    expect((await signOut(world, change(person))).status).toBe(403)
    const headers = { cookie: person.cookie }
    expect((await world.request('/admin/api/me', { headers })).status).toBe(200)
  })

  it('with a cookie of one letter different ends nothing', async () => {
    const world = adminWorld()
    const person = await signedIn(world)
    const last = person.cookie.at(-1)
    const cookie = `${person.cookie.slice(0, -1)}${last === 'A' ? 'B' : 'A'}`
    const response = await signOut(world, { ...person, cookie })
    expect(response.headers.get('location')).toMatch(/^\/admin\/login\?/)
    expect(world.store.sessions.size).toBe(1)
  })

  it('by an address that is only visited ends nothing', async () => {
    const world = adminWorld()
    const { cookie } = await signedIn(world)
    const visited = await world.request('/admin/logout', { headers: { cookie } })
    expect(visited.status).toBe(404)
    expect(world.store.sessions.size).toBe(1)
  })

  it.each([
    '?return=https://evil.example',
    '?post_logout_redirect_uri=https://evil.example',
    '?to=//evil.example',
  ])('leads to the same page with %s', async (query) => {
    const world = adminWorld()
    const response = await signOut(world, await signedIn(world), query)
    expect(response.headers.get('location')).toBe('/admin/signed-out')
  })
})

describe('the page after it', () => {
  const textOf = async (world: AdminWorld, query = '', headers = {}) => {
    const response = await world.request(`/admin/signed-out${query}`, { headers })
    expect(response.status).toBe(200)
    return await response.text()
  }

  it('links to where the provider ends its own session, with our way back and nothing else', async () => {
    const text = await textOf(adminWorld())
    expect(text).toContain(PROVIDER_LINK)
    expect(text).toContain('Your provider may still have you signed in.')
  })

  it.each([
    '?return=https://evil.example',
    '?post_logout_redirect_uri=https://evil.example&to=https://evil.example',
    '?state=https://evil.example',
    '?state=back&state=https://evil.example',
    '?url=javascript:alert(1)',
  ])('leads nowhere else with %s', async (query) => {
    const text = await textOf(adminWorld(), query, {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
    })
    expect(text).not.toContain('evil.example')
    expect(text).not.toContain('javascript:')
  })

  it('does not send those to the provider who come from there', async () => {
    const text = await textOf(adminWorld(), '?state=back')
    expect(text).not.toContain('provider.example')
    expect(text).not.toContain('Your provider')
  })

  it('has no such link where the provider advertises no such place, or does not answer', async () => {
    const away = async () => {
      throw new ProviderError()
    }
    for (const world of [withEnd(async () => undefined), withEnd(away)]) {
      const text = await textOf(world)
      expect(text).not.toContain('Sign out at')
      expect(text).toContain('Sign in again')
    }
  })

  it('writes the provider’s address as text, whatever stands in it', async () => {
    const text = await textOf(withEnd(async () => 'https://provider.example/"><script>x</script>'))
    expect(text).not.toContain('<script>')
    expect(text).not.toContain('/">')
  })

  it('does not ask the provider for a network that comes too often', async () => {
    let asked = 0
    const world = withEnd(async () => {
      asked += 1
      return undefined
    })
    for (let count = 0; count < 100; count += 1) await textOf(world)
    expect(asked).toBeGreaterThan(20)
    expect(asked).toBeLessThan(100)
  })

  it('tells nobody that they are signed out while they are not', async () => {
    const world = adminWorld()
    const { cookie } = await signedIn(world)
    for (const query of ['', '?state=back']) {
      const response = await world.request(`/admin/signed-out${query}`, { headers: { cookie } })
      expect(response.status).toBe(303)
      expect(response.headers.get('location')).toBe('/admin')
    }
  })
})

describe('a session', () => {
  it('lasts as long as it is configured, in the store as in the browser', async () => {
    const stored: number[] = []
    const { store } = adminWorld()
    const world = adminWorld({
      sessionSeconds: 3600,
      store: {
        ...store,
        addSession: async (session) => {
          stored.push(session.seconds)
          await store.addSession(session)
        },
      },
    })
    world.person = { subject: 'auth0|7', displayName: 'Ada', role: 'operator' }
    const headers = { cookie: cookieOf(await world.request('/admin/login')) }
    const back = await world.request('/admin/callback?code=good&state=s', { headers })
    const lines = back.headers.getSetCookie()
    expect(lines.find((line) => line.startsWith('__Host-rv_admin='))).toContain('Max-Age=3600;')
    expect(stored).toEqual([3600])
  })
})
