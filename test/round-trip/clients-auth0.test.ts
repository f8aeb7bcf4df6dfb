/**
 * The official `auth0` client against the emulated tenant, over HTTPS with the certificate the tenant made
 * and a token by client credentials.
 */
import { ManagementClient, ManagementError } from 'auth0'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNetworkFetch } from '../../src/emulator/http/driver/network.ts'
import { createBrowser, createTenant, type Tenant } from '../../src/emulator/index.ts'
import { onLogin } from '../support/login-world.ts'

const CLIENT_ID = 'Management0000000000000000000000'
const READER_ID = 'Reader00000000000000000000000000'
const SECRET = 'the secret of the management client'

let tenant: Tenant
let domain: string
let overTls: typeof fetch
let management: ManagementClient

beforeAll(async () => {
  const machine = { app_type: 'non_interactive', client_secret: SECRET } as const
  tenant = createTenant({
    host: 'localhost',
    clients: [
      { ...machine, client_id: CLIENT_ID, name: 'Management' },
      { ...machine, client_id: READER_ID, name: 'Reader' },
      {
        client_id: 'Application000000000000000000000',
        name: 'Application',
        client_secret: SECRET,
        grant_types: ['password', 'refresh_token'],
      },
    ],
    clientGrants: [
      { client_id: CLIENT_ID, audience: 'management' },
      { client_id: READER_ID, audience: 'management', scope: ['read:users'] },
    ],
    settings: { default_directory: 'Username-Password-Authentication' },
  })
  const { port, certificate = '' } = await tenant.listen({ https: true })
  domain = `localhost:${port}`
  const network = createNetworkFetch([certificate], 10_000)
  overTls = (input, init) => network(new Request(input, init))
  management = managementAs(CLIENT_ID)
})
afterAll(() => tenant.close())

const managementAs = (clientId: string) =>
  new ManagementClient({ domain, clientId, clientSecret: SECRET, fetch: overTls, maxRetries: 0 })

/** A login without a browser, to see what the Actions do. */
async function passwordGrant(username: string): Promise<unknown> {
  const answer = await overTls(`https://${domain}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: 'Application000000000000000000000',
      client_secret: SECRET,
      username,
      password: 'Old-password-1',
    }),
  })
  return answer.json()
}

/** What the client threw, so that a test can look at its members. */
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('the auth0 management client', () => {
  it('creates, finds, changes and deletes a user', async () => {
    const created = await management.users.create({
      connection: 'Username-Password-Authentication',
      email: 'grace@example.com',
      password: 'Old-password-1',
      user_metadata: { a: 1, b: 2 },
    })
    const id = created.user_id ?? ''
    expect(id).toMatch(/^auth0\|/)
    expect(await tenant.users.checkPassword('grace@example.com', 'Old-password-1')).toBe(true)
    const byEmail = await management.users.listUsersByEmail({ email: 'GRACE@example.com' })
    expect(byEmail.map(({ user_id }) => user_id)).toEqual([id])
    const found = await management.users.list({ q: 'email:"grace@example.com"' })
    expect(found.data.map(({ user_id }) => user_id)).toEqual([id])
    const changed = await management.users.update(id, {
      blocked: true,
      user_metadata: { a: null, c: 3 },
    })
    expect(changed).toMatchObject({ blocked: true, user_metadata: { b: 2, c: 3 } })
    expect(JSON.stringify(changed)).not.toContain('password')
    await management.users.delete(id)
    expect(tenant.users.get(id)).toBeUndefined()
  })

  it('pages through users', async () => {
    for (let count = 0; count < 5; count += 1)
      tenant.users.add({ email: `person-${count}@example.com` })
    const seen: (string | undefined)[] = []
    for await (const user of await management.users.list({ per_page: 2 })) seen.push(user.email)
    expect(seen).toEqual(tenant.users.all().map(({ email }) => email))
  })

  it('hands out a ticket that opens the reset', async () => {
    const user = tenant.users.add({ email: 'ticket@example.com', password: 'Old-password-1' })
    const { ticket } = await management.tickets.changePassword({
      user_id: user.user_id,
      client_id: 'Application000000000000000000000',
    })
    const browser = createBrowser({ routes: { [`https://${domain}`]: tenant.fetch } })
    await browser.visit(ticket)
    expect(browser.page.title).toContain('Choose a new password')
  })

  it('deploys an Action when it is built, not before, and binds it', async () => {
    const created = await management.actions.create({
      name: 'deny-everybody',
      supported_triggers: [{ id: 'post-login', version: 'v3' }],
      code: onLogin(`api.access.deny(event.secrets.REASON)`),
      secrets: [{ name: 'REASON', value: 'by the API' }],
    })
    const id = created.id ?? ''
    expect(created.status).toBe('pending')
    const early = await failure(management.actions.deploy(id))
    expect(early).toBeInstanceOf(ManagementError)
    expect(String(early)).toContain("must be in the 'built' state")
    tenant.clock.advanceSeconds(1)
    expect((await management.actions.get(id)).status).toBe('built')
    const unbound = await failure(
      management.actions.triggers.bindings.updateMany('post-login', {
        bindings: [{ ref: { type: 'action_name', value: 'deny-everybody' } }],
      }),
    )
    expect(String(unbound)).toContain('must be deployed')
    expect((await management.actions.deploy(id)).deployed).toBe(true)
    await management.actions.triggers.bindings.updateMany('post-login', {
      bindings: [{ ref: { type: 'action_id', value: id }, display_name: 'Deny' }],
    })
    const bindings = await management.actions.triggers.bindings.list('post-login')
    expect(bindings.data.map(({ display_name }) => display_name)).toEqual(['Deny'])
    const versions = await management.actions.versions.list(id)
    expect(versions.data.map(({ number, deployed }) => [number, deployed])).toEqual([[1, true]])
    expect(JSON.stringify([created, versions.data])).not.toContain('by the API')

    tenant.users.add({ email: 'denied@example.com', password: 'Old-password-1' })
    expect(await passwordGrant('denied@example.com')).toMatchObject({
      error: 'access_denied',
      error_description: 'by the API',
    })
    await management.actions.delete(id, { force: true })
    expect(await passwordGrant('denied@example.com')).toHaveProperty('id_token')
  })

  it('reads logs, clients, connections and settings', async () => {
    const logs = await management.logs.list({ search: 'type:fepft' })
    expect(logs.data[0]).toMatchObject({ type: 'fepft', description: 'by the API' })
    const clients = await management.clients.list()
    expect(clients.data.map(({ name }) => name)).toContain('Application')
    const connections = await management.connections.list()
    expect(connections.data[0]?.strategy).toBe('auth0')
    await management.tenants.settings.update({ friendly_name: 'Acme' })
    expect((await management.tenants.settings.get()).friendly_name).toBe('Acme')
  })

  it('is refused what its grant does not hold', async () => {
    const reader = managementAs(READER_ID)
    expect((await reader.users.list()).data.length).toBeGreaterThan(0)
    const refused = await failure(reader.clients.list())
    expect(refused).toMatchObject({ statusCode: 403 })
    expect(String(refused)).toContain('read:clients')
    const before = tenant.users.all().length
    const [user] = tenant.users.all()
    expect(await failure(reader.users.delete(user?.user_id ?? ''))).toMatchObject({
      statusCode: 403,
    })
    expect(tenant.users.all()).toHaveLength(before)
  })

  it('gets no token without a grant or with a wrong secret', async () => {
    for (const [clientId, clientSecret] of [
      ['Application000000000000000000000', SECRET],
      [CLIENT_ID, 'wrong'],
    ] as const) {
      const stranger = new ManagementClient({
        domain,
        clientId,
        clientSecret,
        fetch: overTls,
        maxRetries: 0,
      })
      expect(await failure(stranger.users.list())).toBeDefined()
    }
  })
})
