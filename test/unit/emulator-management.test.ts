/**
 * The Management API of the emulated tenant: who may use it, Actions from draft to binding, users, lists,
 * and refusals that change nothing.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { createTenant, type Tenant, type TenantOptions } from '../../src/emulator/index.ts'
import { EMAIL, loginWorld, onLogin, PASSWORD } from '../support/login-world.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tenant) => tenant.close()))
})

interface Answer {
  readonly status: number
  /** Whatever the operation answers: each test says what it expects of it. */
  readonly body: Readonly<Record<string, unknown>>
}

async function ask(
  tenant: Tenant,
  method: string,
  path: string,
  body?: unknown,
  token: string | undefined = tenant.managementToken,
): Promise<Answer> {
  const answer = await tenant.fetch(
    new Request(`${tenant.origin}/api/v2/${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
}

const start = (options: TenantOptions = {}) => {
  const tenant = createTenant({ users: [{ email: EMAIL, password: PASSWORD }], ...options })
  open.push(tenant)
  tenant.clock.set(Date.UTC(2026, 0, 2))
  return tenant
}

const ACTION = {
  name: 'check',
  supported_triggers: [{ id: 'post-login', version: 'v3' }],
  code: onLogin(''),
}
const BINDINGS = 'actions/triggers/post-login/bindings'
const bindTo = (...names: readonly string[]) => ({
  bindings: names.map((value) => ({ ref: { type: 'action_name', value }, display_name: value })),
})

/** Created, built and deployed. */
async function deployed(tenant: Tenant, change: object = {}) {
  const { body } = await ask(tenant, 'POST', 'actions/actions', { ...ACTION, ...change })
  tenant.clock.advanceSeconds(1)
  expect((await ask(tenant, 'POST', `actions/actions/${body.id}/deploy`)).status).toBe(202)
  return String(body.id)
}

const boundNames = async (tenant: Tenant) => {
  const { body } = await ask(tenant, 'GET', BINDINGS)
  return (body.bindings as { readonly display_name: string }[]).map((one) => one.display_name)
}

describe('the gate', () => {
  it.each([
    ['no token', undefined],
    ['another token', 'x'.repeat(48)],
  ])('refuses %s', async (_what, token) => {
    const tenant = start()
    for (const path of ['users', 'actions/actions', 'clients', 'rules', 'tenants/settings'])
      expect((await ask(tenant, 'GET', path, undefined, token ?? '')).status).toBe(401)
    expect((await ask(tenant, 'POST', 'users', { email: 'a@b' }, token ?? '')).status).toBe(401)
    expect(tenant.users.all()).toHaveLength(1)
  })

  it("refuses a user's access token, for another API and for none", async () => {
    const world = loginWorld()
    open.push(world.tenant)
    for (const audience of ['', 'https://api.example']) {
      const { access_token } = await world.tokens({ audience })
      const answer = await ask(world.tenant, 'GET', 'users', undefined, access_token)
      expect(answer.status).toBe(401)
    }
  })

  it('says what it does not emulate', async () => {
    expect(await ask(start(), 'GET', 'jobs/job_1')).toMatchObject({
      status: 404,
      body: { errorCode: 'not_emulated' },
    })
  })
})

describe('an Action', () => {
  it('is built after a while and cannot be deployed before', async () => {
    const tenant = start()
    const { status, body } = await ask(tenant, 'POST', 'actions/actions', ACTION)
    expect(status).toBe(201)
    expect(body).toMatchObject({ status: 'pending', all_changes_deployed: false })
    const early = await ask(tenant, 'POST', `actions/actions/${body.id}/deploy`)
    expect(early).toMatchObject({ status: 400 })
    expect(early.body.message).toContain("must be in the 'built' state")
    tenant.clock.advanceSeconds(1)
    const built = await ask(tenant, 'GET', `actions/actions/${body.id}`)
    expect(built.body).toMatchObject({ status: 'built' })
    expect(built.body).not.toHaveProperty('deployed_version')
  })

  it('that does not compile fails its build and is never deployed', async () => {
    const tenant = start()
    const { body } = await ask(tenant, 'POST', 'actions/actions', {
      ...ACTION,
      code: 'exports.x = (',
    })
    tenant.clock.advanceSeconds(1)
    const failed = await ask(tenant, 'GET', `actions/actions/${body.id}`)
    expect(failed.body.status).toBe('failed')
    expect((await ask(tenant, 'POST', `actions/actions/${body.id}/deploy`)).status).toBe(400)
    await ask(tenant, 'PATCH', `actions/actions/${body.id}`, { code: onLogin('') })
    tenant.clock.advanceSeconds(1)
    expect((await ask(tenant, 'POST', `actions/actions/${body.id}/deploy`)).status).toBe(202)
  })

  it('runs as it was deployed until the change is deployed too', async () => {
    const world = loginWorld()
    open.push(world.tenant)
    world.tenant.clock.set(Date.now())
    const says = (word: string) => ({
      ...ACTION,
      code: onLogin(`console.log('${word}', event.secrets.WORD)`),
      secrets: [{ name: 'WORD', value: word }],
    })
    const id = await deployed(world.tenant, says('one'))
    await ask(world.tenant, 'PATCH', BINDINGS, bindTo('check'))
    const { name: _name, ...change } = says('two')
    const changed = await ask(world.tenant, 'PATCH', `actions/actions/${id}`, change)
    expect(changed.body.all_changes_deployed).toBe(false)
    await world.logIn()
    world.tenant.clock.advanceSeconds(1)
    await ask(world.tenant, 'POST', `actions/actions/${id}/deploy`)
    await world.authorize()
    const { body } = await ask(world.tenant, 'GET', `actions/actions/${id}/versions`)
    const versions = body.versions as { readonly id: string; readonly number: number }[]
    expect(versions.map(({ number }) => number)).toEqual([2, 1])
    await ask(world.tenant, 'POST', `actions/actions/${id}/versions/${versions[1]?.id}/deploy`)
    await world.authorize()
    const logs = world.tenant.trace.of('action.ran').map(({ data }) => data.log.trim())
    expect(logs).toEqual(['one one', 'two two', 'one one'])
  })

  it('keeps the value of a secret that is named without one, and tells none', async () => {
    const world = loginWorld()
    open.push(world.tenant)
    world.tenant.clock.set(Date.now())
    const code = onLogin('console.log(event.secrets.A, event.secrets.B)')
    const secrets = [
      { name: 'A', value: 'value-of-a' },
      { name: 'B', value: 'value-of-b' },
    ]
    const id = await deployed(world.tenant, { code, secrets })
    const patched = await ask(world.tenant, 'PATCH', `actions/actions/${id}`, {
      secrets: [{ name: 'A' }, { name: 'B', value: 'changed' }],
    })
    expect(JSON.stringify(patched.body)).not.toMatch(/value-of|changed"/)
    world.tenant.clock.advanceSeconds(1)
    await ask(world.tenant, 'POST', `actions/actions/${id}/deploy`)
    await ask(world.tenant, 'PATCH', BINDINGS, bindTo('check'))
    await world.logIn()
    expect(world.tenant.trace.of('action.ran')[0]?.data.log.trim()).toBe('value-of-a changed')
  })

  it.each([
    ['no trigger', { supported_triggers: [] }, 400],
    ['an unknown trigger', { supported_triggers: [{ id: 'post-lunch' }] }, 400],
    ['no name', { name: '' }, 400],
    ['more than 100 kB of code', { code: 'x'.repeat(100_001) }, 400],
    [
      'more than 30 secrets',
      { secrets: Array.from({ length: 31 }, (_, index) => ({ name: `S${index}`, value: 'x' })) },
      400,
    ],
  ])('with %s is refused and not kept', async (_what, change, status) => {
    const tenant = start()
    const answer = await ask(tenant, 'POST', 'actions/actions', { ...ACTION, ...change })
    expect(answer.status).toBe(status)
    expect((await ask(tenant, 'GET', 'actions/actions')).body.total).toBe(0)
  })

  it('of the same name is refused', async () => {
    const tenant = start()
    await ask(tenant, 'POST', 'actions/actions', ACTION)
    expect((await ask(tenant, 'POST', 'actions/actions', ACTION)).status).toBe(409)
  })

  it('that is bound is deleted by force alone, and then runs no more', async () => {
    const world = loginWorld()
    open.push(world.tenant)
    world.tenant.clock.set(Date.now())
    const id = await deployed(world.tenant, { code: onLogin(`api.access.deny('no')`) })
    await ask(world.tenant, 'PATCH', BINDINGS, bindTo('check'))
    expect((await ask(world.tenant, 'DELETE', `actions/actions/${id}`)).status).toBe(409)
    await world.logIn()
    expect(world.told().error).toBe('access_denied')
    expect((await ask(world.tenant, 'DELETE', `actions/actions/${id}?force=true`)).status).toBe(204)
    await world.authorize()
    expect(world.told()).toHaveProperty('code')
    expect(await boundNames(world.tenant)).toEqual([])
  })
})

describe('the bindings of a trigger', () => {
  it('are replaced as a whole, in the order given', async () => {
    const tenant = start()
    for (const name of ['one', 'two', 'three']) await deployed(tenant, { name })
    await ask(tenant, 'PATCH', BINDINGS, bindTo('one', 'two', 'three'))
    await ask(tenant, 'PATCH', BINDINGS, bindTo('three', 'one'))
    expect(await boundNames(tenant)).toEqual(['three', 'one'])
  })

  it.each([
    ['was not deployed', 'draft', 400],
    ['is for another trigger', 'reset', 400],
    ['does not exist', 'nobody', 404],
  ])('refuse an Action that %s, and stay as they were', async (_what, name, status) => {
    const tenant = start()
    await deployed(tenant, { name: 'good' })
    await deployed(tenant, {
      name: 'reset',
      supported_triggers: [{ id: 'password-reset-post-challenge', version: 'v1' }],
    })
    await ask(tenant, 'POST', 'actions/actions', { ...ACTION, name: 'draft' })
    await ask(tenant, 'PATCH', BINDINGS, bindTo('good'))
    expect((await ask(tenant, 'PATCH', BINDINGS, bindTo('good', name))).status).toBe(status)
    expect(await boundNames(tenant)).toEqual(['good'])
  })

  it('take at most four Actions for a password reset', async () => {
    const tenant = start()
    const trigger = 'password-reset-post-challenge'
    const names = ['1', '2', '3', '4', '5']
    for (const name of names)
      await deployed(tenant, { name, supported_triggers: [{ id: trigger, version: 'v1' }] })
    const path = `actions/triggers/${trigger}/bindings`
    expect((await ask(tenant, 'PATCH', path, bindTo(...names))).status).toBe(400)
    expect((await ask(tenant, 'PATCH', path, bindTo(...names.slice(0, 4)))).status).toBe(200)
  })

  it('show Actions that were bound in code, and put them back on reset', async () => {
    const tenant = start({
      actions: { 'post-login': [{ name: 'in code', code: onLogin('') }] },
    })
    expect(await boundNames(tenant)).toEqual(['in code'])
    await deployed(tenant, { name: 'added' })
    await ask(tenant, 'PATCH', BINDINGS, bindTo('in code', 'added'))
    expect(await boundNames(tenant)).toEqual(['in code', 'added'])
    tenant.setActions('post-login', [{ name: 'other', code: onLogin('') }])
    expect(await boundNames(tenant)).toEqual(['other'])
    await tenant.reset()
    expect(await boundNames(tenant)).toEqual(['in code'])
  })

  it('of a trigger that is not emulated are kept', async () => {
    const tenant = start()
    await deployed(tenant, { supported_triggers: [{ id: 'credentials-exchange', version: 'v2' }] })
    const path = 'actions/triggers/credentials-exchange/bindings'
    expect((await ask(tenant, 'PATCH', path, bindTo('check'))).status).toBe(200)
    expect((await ask(tenant, 'GET', path)).body.total).toBe(1)
    expect((await ask(tenant, 'GET', 'actions/triggers/post-lunch/bindings')).status).toBe(404)
  })
})

describe('an execution', () => {
  it('tells each Action of a run and its error', async () => {
    const world = loginWorld([{ name: 'broken', code: onLogin(`throw new Error('no')`) }])
    open.push(world.tenant)
    await world.logIn()
    const [execution] = world.tenant.executions()
    const { body } = await ask(world.tenant, 'GET', `actions/executions/${execution?.id}`)
    expect(body).toMatchObject({
      trigger_id: 'post-login',
      results: [{ action_name: 'broken', error: { id: 'action_error', msg: 'no' } }],
    })
  })
})

describe('users', () => {
  it.each([
    ['an address that is none', { email: 'nobody' }, 400],
    ['a weak password', { password: 'short' }, 400],
    ['another connection', { connection: 'Other' }, 400],
    ['an address that is taken', { email: EMAIL.toUpperCase() }, 409],
  ])('are not created with %s', async (_what, change, status) => {
    const tenant = start()
    const answer = await ask(tenant, 'POST', 'users', {
      connection: 'Username-Password-Authentication',
      email: 'new@example.com',
      password: 'New-password-1',
      ...change,
    })
    expect(answer.status).toBe(status)
    expect(tenant.users.all()).toHaveLength(1)
  })

  it('that are deleted lose their sessions and refresh tokens', async () => {
    const world = loginWorld()
    open.push(world.tenant)
    const { refresh_token = '' } = await world.tokens({ scope: 'openid offline_access' })
    const id = encodeURIComponent(world.tenant.users.get(EMAIL)?.user_id ?? '')
    expect((await ask(world.tenant, 'DELETE', `users/${id}`)).status).toBe(204)
    expect((await world.token({ grant_type: 'refresh_token', refresh_token })).status).toBe(403)
    await world.authorize({ prompt: 'none' })
    expect(world.told().error).toBe('login_required')
  })

  it('can be linked, so that a login may change its primary user', async () => {
    const world = loginWorld([
      onLogin(`api.authentication.setPrimaryUser(event.user.app_metadata.primary)`),
    ])
    open.push(world.tenant)
    const primary = world.tenant.users.add({ email: 'primary@example.com' })
    const secondary = world.tenant.users.get(EMAIL)
    world.tenant.users.update(secondary?.user_id ?? '', {
      app_metadata: { primary: primary.user_id },
    })
    await world.logIn()
    expect(world.told().error).toBe('access_denied')
    const id = encodeURIComponent(primary.user_id)
    const linked = await ask(world.tenant, 'POST', `users/${id}/identities`, {
      provider: 'auth0',
      user_id: secondary?.user_id.replace('auth0|', ''),
    })
    expect(linked.status).toBe(201)
    await world.authorize()
    expect(world.told()).toHaveProperty('code')
  })

  it('are found by page, with totals and without', async () => {
    const tenant = start()
    for (let count = 0; count < 4; count += 1) tenant.users.add({ email: `p${count}@example.com` })
    const page = await ask(tenant, 'GET', 'users?per_page=2&page=1&include_totals=true')
    expect(page.body).toMatchObject({ start: 2, limit: 2, length: 2, total: 5 })
    const plain = await ask(tenant, 'GET', 'users?per_page=2&page=2')
    expect(plain.body).toHaveLength(1)
    const found = await ask(
      tenant,
      'GET',
      `users?q=${encodeURIComponent('email:"p1@example.com"')}`,
    )
    expect(found.body).toHaveLength(1)
    const none = await ask(tenant, 'GET', `users?q=${encodeURIComponent('email:"p1@example.co"')}`)
    expect(none.body).toHaveLength(0)
  })
})

describe('clients', () => {
  it('are created with a secret, changed, and deleted', async () => {
    const tenant = start()
    const created = await ask(tenant, 'POST', 'clients', { name: 'New', app_type: 'spa' })
    expect(created.body).toMatchObject({ token_endpoint_auth_method: 'none' })
    const path = `clients/${created.body.client_id}`
    const changed = await ask(tenant, 'PATCH', path, {
      callbacks: ['https://app.example/cb'],
      refresh_token: { rotation_type: 'rotating' },
      client_metadata: { tier: 'one' },
    })
    expect(changed.body).toMatchObject({
      name: 'New',
      callbacks: ['https://app.example/cb'],
      refresh_token: { rotation_type: 'rotating', leeway: 0 },
      client_metadata: { tier: 'one' },
    })
    expect((await ask(tenant, 'DELETE', path)).status).toBe(204)
    expect((await ask(tenant, 'GET', path)).status).toBe(404)
  })
})

describe('settings', () => {
  it('shorten sessions that start from now on', async () => {
    const world = loginWorld()
    open.push(world.tenant)
    await ask(world.tenant, 'PATCH', 'tenants/settings', { session_lifetime: 1 })
    await world.logIn()
    world.tenant.clock.advanceSeconds(3600)
    await world.authorize({ prompt: 'none' })
    expect(world.told().error).toBe('login_required')
  })
})
