/** The control plane: what a test in any language can do with the tenant, and who may not. */
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { ENDPOINTS } from '../../src/emulator/http/control.ts'
import { programsOnly } from '../../src/emulator/http/control-request.ts'
import { createBrowser, createTenant, drive, type Tenant } from '../../src/emulator/index.ts'
import { NO_FAULTS } from '../../src/emulator/tenant/faults.ts'
import { DEFAULT_SWITCHES } from '../../src/emulator/tenant/switches.ts'
import { EMAIL, NEW_PASSWORD, OLD_PASSWORD } from '../support/emulated-tenant.ts'

const tenants: Tenant[] = []
afterEach(async () => {
  await Promise.all(tenants.splice(0).map((tenant) => tenant.close()))
})

function start() {
  const tenant = createTenant({ users: [{ email: EMAIL, password: OLD_PASSWORD }] })
  tenants.push(tenant)
  const call = async (method: string, path: string, body?: unknown, headers = {}) => {
    const answer = await tenant.fetch(
      new Request(`${tenant.origin}/__emulator${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  return { tenant, call }
}

const TRIGGER = 'password-reset-post-challenge'

describe('users', () => {
  it('are added, changed, listed and removed', async () => {
    const { tenant, call } = start()
    const added = await call('POST', '/users', {
      email: 'new@example.com',
      password: OLD_PASSWORD,
      factors: ['otp', { type: 'phone', phone_number: '+1 555 0123' }],
      app_metadata: { plan: 'gold' },
    })
    expect(added.status).toBe(201)
    expect(added.body.factors.map(({ type }: { type: string }) => type)).toEqual(['otp', 'phone'])
    const id = encodeURIComponent(added.body.user_id)
    const changed = await call('PATCH', `/users/${id}`, { password: NEW_PASSWORD, blocked: false })
    expect(changed.status).toBe(200)
    expect(await tenant.users.checkPassword('new@example.com', NEW_PASSWORD)).toBe(true)
    expect((await call('GET', '/users')).body).toHaveLength(2)
    expect((await call('DELETE', '/users/new@example.com')).status).toBe(204)
    expect((await call('GET', `/users/${id}`)).status).toBe(404)
  })

  it('give their one-time password, and say whether a password is theirs', async () => {
    const { call } = start()
    expect((await call('GET', `/users/${EMAIL}/one-time-password`)).status).toBe(409)
    expect((await call('POST', `/users/${EMAIL}/factors`, 'otp')).status).toBe(201)
    const { body } = await call('GET', `/users/${EMAIL}/one-time-password`)
    expect(body.code).toMatch(/^\d{6}$/)
    const check = (password: string) => call('POST', `/users/${EMAIL}/check-password`, { password })
    expect((await check(OLD_PASSWORD)).body).toEqual({ accepted: true })
    expect((await check('wrong')).body).toEqual({ accepted: false })
  })

  it('are not changed by a refused request', async () => {
    const { tenant, call } = start()
    const before = JSON.stringify(tenant.users.all())
    await call('POST', '/users', { email: EMAIL })
    await call('POST', '/users', { email: 'x@example.com', pasword: 'x' })
    await call('PATCH', `/users/${EMAIL}`, { blocked: 'yes' })
    expect(JSON.stringify(tenant.users.all())).toBe(before)
  })
})

it('a whole reset: Actions uploaded, link taken from the mailbox, trace and record read', async () => {
  const { tenant, call } = start()
  const bound = await call('PUT', `/actions/${TRIGGER}`, [
    {
      name: 'first',
      code: `exports.onExecutePostChallenge = async (event, api) => { console.log('first') }`,
    },
    {
      name: 'second',
      code: `exports.onExecutePostChallenge = async (event, api) => {
        api.redirect.sendUserTo('https://site.example') }
      exports.onContinuePostChallenge = async () => {}`,
      secrets: { KEY: 'a secret value' },
    },
  ])
  expect(bound.body).toMatchObject([
    { name: 'first', secrets: [] },
    { name: 'second', secrets: ['KEY'] },
  ])
  const browser = createBrowser({
    routes: { [tenant.origin]: tenant.fetch, 'https://site.example': () => new Response('site') },
  })
  await drive.requestReset(browser, tenant, { email: EMAIL })
  const mails = await call('GET', `/mailbox?to=${EMAIL.toUpperCase()}`)
  await browser.visit(mails.body[0].link)
  const state = new URL(browser.page.url).searchParams.get('state')
  await browser.visit(`${tenant.origin}/continue?state=${state}`)
  await drive.choosePassword(browser, NEW_PASSWORD)
  expect(await tenant.users.checkPassword(EMAIL, NEW_PASSWORD)).toBe(true)

  const [execution] = (await call('GET', '/executions')).body
  expect(execution.status).toBe('final')
  expect(execution.results.map((leg: { action: string }) => leg.action)).toEqual([
    'first',
    'second',
    'second',
  ])
  const all = (await call('GET', '/trace')).body
  const later = (await call('GET', `/trace?after=${all[2].seq}&kind=action.ran`)).body
  expect(later).toHaveLength(3)
  const mine = (await call('GET', `/trace?transaction=${later[0].transaction}`)).body
  expect(mine.at(-1).kind).toBe('flow.completed')
  expect((await call('GET', '/logs')).body.map(({ type }: { type: string }) => type)).toEqual([
    'scpr',
    'scp',
  ])
  for (const path of ['/executions', '/trace', '/actions'])
    for (const secret of ['a secret value', state])
      expect(JSON.stringify((await call('GET', path)).body)).not.toContain(secret)
})

it('tickets are links that start a flow', async () => {
  const { tenant, call } = start()
  const client = tenant.clients.all()[0]?.client_id
  const { status, body } = await call('POST', '/tickets', { user: EMAIL, client_id: client })
  expect(status).toBe(201)
  const browser = createBrowser({ routes: { [tenant.origin]: tenant.fetch } })
  await browser.visit(body.link)
  expect(new URL(browser.page.url).pathname).toBe('/u/reset-password/change')
  expect((await call('POST', '/tickets', { user: 'nobody@example.com' })).status).toBe(404)
  expect((await call('POST', '/tickets', { user: EMAIL, client_id: 'none' })).status).toBe(404)
})

it('applications can be added, once', async () => {
  const { tenant, call } = start()
  const app = { client_id: 'second', name: 'Second', callbacks: ['https://app.example/cb'] }
  expect((await call('POST', '/clients', app)).status).toBe(201)
  expect((await call('POST', '/clients', app)).status).toBe(409)
  expect(tenant.clients.get('second')?.callbacks).toEqual(['https://app.example/cb'])
})

describe('the clock', () => {
  it('stands where it is put, moves on, and follows the real one again', async () => {
    const { tenant, call } = start()
    const at = '2030-01-01T00:00:00.000Z'
    expect((await call('PUT', '/clock', { at })).body.at).toBe(at)
    await call('PUT', '/clock', { advance_seconds: 90 })
    expect((await call('GET', '/clock')).body.at).toBe('2030-01-01T00:01:30.000Z')
    expect((await call('PUT', '/clock', { at: 1000 })).body.milliseconds).toBe(1000)
    await call('PUT', '/clock', { follow: true })
    expect(Math.abs(tenant.clock.now() - Date.now())).toBeLessThan(60_000)
  })
})

describe('faults and switches', () => {
  it('are named in snake case, every one of them, and change what they name alone', async () => {
    const { tenant, call } = start()
    const { body } = await call('GET', '/faults')
    expect(Object.keys(body)).toHaveLength(Object.keys(NO_FAULTS).length)
    expect(body.continue_token).toBe('intact')
    await call('PATCH', '/faults', { continue_token: 'expired', continue_delay_ms: 5 })
    expect(tenant.faults).toEqual({ ...NO_FAULTS, continueToken: 'expired', continueDelayMs: 5 })
    await call('PATCH', '/switches', { validate_token_issuer: 'hostname' })
    expect(tenant.switches).toEqual({ ...DEFAULT_SWITCHES, validateTokenIssuer: 'hostname' })
  })

  it.each(Object.entries(NO_FAULTS))('take their default: %s', async (name, value) => {
    const { call } = start()
    const wire = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    expect((await call('PATCH', '/faults', { [wire]: value })).status).toBe(200)
  })

  it.each(Object.entries(DEFAULT_SWITCHES))('take their default: %s', async (name, value) => {
    const { call } = start()
    const wire = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    expect((await call('PATCH', '/switches', { [wire]: value })).status).toBe(200)
  })
})

it('reset brings everything back', async () => {
  const { tenant, call } = start()
  await call('POST', '/users', { email: 'new@example.com' })
  await call('PATCH', '/faults', { lost_cookie: true })
  await call('PATCH', '/switches', { cookie_binding: false })
  await call('PUT', '/clock', { at: 0 })
  await call('POST', '/tickets', { user: EMAIL })
  expect((await call('POST', '/reset')).status).toBe(204)
  expect(tenant.users.all().map(({ email }) => email)).toEqual([EMAIL])
  expect(tenant.faults).toEqual(NO_FAULTS)
  expect(tenant.switches).toEqual(DEFAULT_SWITCHES)
  expect(tenant.trace.all()).toEqual([])
  expect(tenant.clock.now()).toBeGreaterThan(0)
})

it.each([
  ['/mailbox', 'mailbox'],
  ['/phone', 'phoneInbox'],
  ['/trace', 'trace'],
] as const)('%s can be emptied', async (path, part) => {
  const { tenant, call } = start()
  tenant.mailbox.deliver({ to: EMAIL, subject: 's', text: 't' })
  tenant.phoneInbox.deliver({ to: '+1', via: 'sms', text: 't', code: '1' })
  tenant.createTicket({ user: EMAIL })
  expect((await call('GET', path)).body).toHaveLength(1)
  expect((await call('DELETE', path)).status).toBe(204)
  expect(tenant[part].all()).toEqual([])
})

describe('what is refused, with nothing changed', () => {
  it.each<[what: string, method: string, path: string, body: unknown, says: string]>([
    ['an unknown fault', 'PATCH', '/faults', { continue_fail: true }, 'continue_fail'],
    ['a wrong value', 'PATCH', '/faults', { continue_token: 'broken' }, 'continue_token'],
    ['an unknown switch', 'PATCH', '/switches', { cookies: true }, 'cookies'],
    ['a member too many', 'POST', '/users', { email: 'a@b.example', admin: true }, 'admin'],
    ['no address', 'POST', '/users', {}, 'email'],
    [
      'an unknown factor',
      'POST',
      '/users',
      { email: 'a@b.example', factors: ['sms'] },
      'factors.0',
    ],
    ['an Action without code', 'PUT', `/actions/${TRIGGER}`, [{ name: 'a' }], '0.code'],
    [
      'a secret that is no text',
      'PUT',
      `/actions/${TRIGGER}`,
      [{ name: 'a', code: '1', secrets: { KEY: 5 } }],
      '0.secrets.KEY',
    ],
    [
      'five Actions',
      'PUT',
      `/actions/${TRIGGER}`,
      Array.from({ length: 5 }, () => ({ name: 'a', code: '1' })),
      'at most 4',
    ],
    ['a clock that goes nowhere', 'PUT', '/clock', {}, ''],
    ['a date that is none', 'PUT', '/clock', { at: 'soon' }, ''],
    ['an Action list that is none', 'PUT', `/actions/${TRIGGER}`, {}, 'array'],
  ])('%s', async (_, method, path, body, says) => {
    const { tenant, call } = start()
    const everything = async () => [
      (await call('GET', '/users')).body,
      (await call('GET', '/actions')).body,
      tenant.faults,
      tenant.switches,
    ]
    const before = JSON.stringify(await everything())
    const answer = await call(method, path, body)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toBe('invalid_body')
    expect(answer.body.message).toContain(says)
    expect(JSON.stringify(await everything())).toBe(before)
  })

  it('what is no JSON, or not called so', async () => {
    const { tenant, call } = start()
    const plain = await call(
      'PATCH',
      '/faults',
      { lost_cookie: true },
      { 'content-type': 'text/plain' },
    )
    expect(plain).toMatchObject({ status: 415, body: { error: 'not_json' } })
    const broken = await tenant.fetch(
      new Request(`${tenant.origin}/__emulator/faults`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: '{',
      }),
    )
    expect(broken.status).toBe(400)
    expect(tenant.faults.lostCookie).toBe(false)
  })

  it.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a form of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of the tenant itself', { 'sec-fetch-site': 'same-origin' }],
  ])('%s', async (_, headers) => {
    const { tenant, call } = start()
    tenant.users.add({ email: 'kept@example.com' })
    for (const [method, path] of [
      ['POST', '/reset'],
      ['GET', '/users'],
    ] as const)
      expect((await call(method, path, undefined, headers)).status).toBe(403)
    expect(tenant.users.get('kept@example.com')).toBeDefined()
  })

  it.each([
    ['127.0.0.1', 200],
    ['::ffff:127.0.0.1', 200],
    ['::1', 200],
    ['192.0.2.7', 403],
    ['::ffff:10.0.0.1', 403],
  ])('another machine: %s gets %i', async (remoteAddress, status) => {
    const app = new Hono().use(programsOnly).get('/', (c) => c.text('in'))
    const answer = await app.request('/', {}, { incoming: { socket: { remoteAddress } } })
    expect(answer.status).toBe(status)
  })

  it('a page that gave another name the address of this machine', async () => {
    const { tenant } = start()
    const answer = await tenant.fetch(new Request('http://rebound.example/__emulator/users'))
    expect(answer.status).toBe(421)
  })

  it('an endpoint nobody knows, pointing to the list', async () => {
    const { call } = start()
    expect(await call('GET', '/user')).toMatchObject({ status: 404, body: { error: 'not_found' } })
    expect((await call('PUT', '/actions/post-logon', [])).body.message).toContain('post-login')
    for (const path of ['', '/']) {
      const { status, body } = await call('GET', path)
      expect(status).toBe(200)
      expect(body.endpoints).toHaveLength(ENDPOINTS.length)
    }
  })
})

it('every endpoint of the list exists', async () => {
  const { call } = start()
  for (const [method, path] of ENDPOINTS) {
    const { body } = await call(
      method,
      path.replace('{id or email}', EMAIL).replace('{trigger}', TRIGGER),
      method === 'GET' || method === 'DELETE' ? undefined : {},
    )
    expect(JSON.stringify(body ?? '')).not.toContain('There is no such endpoint')
  }
})
