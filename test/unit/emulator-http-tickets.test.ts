/**
 * The two endpoints that start a reset without the tenant's page: the Authentication API's and the
 * Management API's.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { createTenant, type Tenant } from '../../src/emulator/index.ts'
import { EMAIL, OLD_PASSWORD } from '../support/emulated-tenant.ts'

const tenants: Tenant[] = []
afterEach(async () => {
  await Promise.all(tenants.splice(0).map((tenant) => tenant.close()))
})

function start() {
  const tenant = createTenant({ users: [{ email: EMAIL, password: OLD_PASSWORD }] })
  tenants.push(tenant)
  const clientId = tenant.clients.all()[0]?.client_id as string
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    tenant.fetch(
      new Request(`${tenant.origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    )
  return { tenant, clientId, post }
}

describe('POST /dbconnections/change_password', () => {
  it('mails a link and says no more than that it did', async () => {
    const { tenant, clientId, post } = start()
    const body = {
      client_id: clientId,
      email: EMAIL,
      connection: 'Username-Password-Authentication',
    }
    const answer = await post('/dbconnections/change_password', body)
    expect([answer.status, await answer.text()]).toEqual([
      200,
      "We've just sent you an email to reset your password.",
    ])
    expect(tenant.mailbox.latest(EMAIL)?.link).toMatch(
      /^http:\/\/tenant\.localhost\/u\/reset-verify\?ticket=\w{32}$/,
    )
    expect(tenant.trace.of('reset.requested')[0]?.data).toMatchObject({
      client_id: clientId,
      triggerWillRun: true,
    })
  })

  it('takes a form as well', async () => {
    const { tenant, clientId } = start()
    await tenant.fetch(
      new Request(`${tenant.origin}/dbconnections/change_password`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: clientId, email: EMAIL }),
      }),
    )
    expect(tenant.mailbox.all()).toHaveLength(1)
  })

  it('gives the same answer for an address it does not know, and mails nothing', async () => {
    const { tenant, clientId, post } = start()
    const known = await post('/dbconnections/change_password', {
      client_id: clientId,
      email: EMAIL,
    })
    const unknown = await post('/dbconnections/change_password', {
      client_id: clientId,
      email: 'nobody@example.com',
    })
    expect(unknown.status).toBe(known.status)
    expect(await unknown.text()).toBe(await known.text())
    expect(tenant.mailbox.all()).toHaveLength(1)
    expect(tenant.logs().map(({ type }) => type)).toEqual(['scpr', 'fcpr'])
  })

  it.each([
    ['no e-mail address', {}],
    ['an e-mail address that is none', { email: 'nonsense' }],
    ['a user id in place of the address', { email: 'auth0|1' }],
    ['an application of somebody else', { email: EMAIL, client_id: 'other' }],
    ['a client_id that is no text', { email: EMAIL, client_id: 7 }],
    ['another connection', { email: EMAIL, connection: 'other' }],
    ['a list', [EMAIL]],
  ])('refuses %s and mails nothing', async (_, body) => {
    const { tenant, post } = start()
    const answer = await post('/dbconnections/change_password', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
    expect(tenant.mailbox.all()).toEqual([])
  })
})

describe('POST /api/v2/tickets/password-change', () => {
  it('gives a link that starts the flow of this application', async () => {
    const { tenant, clientId, post } = start()
    const answer = await post(
      '/api/v2/tickets/password-change',
      { user_id: tenant.users.get(EMAIL)?.user_id, client_id: clientId, ttl_sec: 60 },
      { authorization: `Bearer ${tenant.managementToken}` },
    )
    expect(answer.status).toBe(201)
    const { ticket } = (await answer.json()) as { ticket: string }
    const opened = await tenant.fetch(new Request(ticket))
    expect(opened.headers.get('location')).toMatch(/^\/u\/reset-password\/change\?state=/)
    expect(opened.headers.get('set-cookie')).toMatch(
      /^auth0=\w{43}; Max-Age=259200; Path=\/; HttpOnly; Secure; SameSite=None$/,
    )
    tenant.clock.advanceSeconds(60)
    expect((await tenant.fetch(new Request(ticket))).status).toBe(400)
  })

  type Change = (body: object, authorization: string) => [object | null, Record<string, string>]
  it.each<[string, number, Change]>([
    ['without a token', 401, (body) => [body, {}]],
    ['with another token', 401, (body) => [body, { authorization: 'Bearer x' }]],
    [
      'for a user who is not there',
      404,
      (body, authorization) => [{ ...body, user_id: 'auth0|0' }, { authorization }],
    ],
    [
      'for an application that is not there',
      404,
      (body, authorization) => [{ ...body, client_id: 'x' }, { authorization }],
    ],
    [
      'with a result URL that is none',
      400,
      (body, authorization) => [{ ...body, result_url: 'javascript:1' }, { authorization }],
    ],
    ['with no object', 400, (_, authorization) => [null, { authorization }]],
  ])('refuses %s and issues nothing', async (_, status, change) => {
    const { tenant, clientId, post } = start()
    const body = { user_id: tenant.users.get(EMAIL)?.user_id, client_id: clientId }
    const [sent, headers] = change(body, `Bearer ${tenant.managementToken}`)
    const answer = await post('/api/v2/tickets/password-change', sent, headers)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ statusCode: status })
    expect(tenant.trace.of('reset.requested')).toEqual([])
  })
})

it('draws its keys anew at each start', () => {
  expect(start().tenant.managementToken).not.toBe(start().tenant.managementToken)
})
