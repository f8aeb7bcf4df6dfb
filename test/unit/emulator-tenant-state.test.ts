/**
 * The tenant's own memory: what `reset` brings back, what the trace keeps secret, what events show.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { drive } from '../../src/emulator/index.ts'
import {
  APP,
  action,
  EMAIL,
  NEW_PASSWORD,
  OLD_PASSWORD,
  SITE,
  world,
} from '../support/emulated-tenant.ts'

const tenants: { close(): Promise<void> }[] = []
const start = (...given: Parameters<typeof world>) => {
  const made = world(...given)
  tenants.push(made.tenant)
  return made
}
afterEach(async () => {
  await Promise.all(tenants.splice(0).map((tenant) => tenant.close()))
})

describe('reset', () => {
  it('brings back users, Actions, switches, faults and the clock, and ends every flow', async () => {
    const { tenant, browser, open, passwordChanged } = start([
      action(`globalThis.runs = (globalThis.runs ?? 0) + 1; console.log(globalThis.runs)`),
    ])
    const { user_id } = tenant.users.get(EMAIL) ?? {}
    await drive.resetPassword(browser, tenant, { email: EMAIL, newPassword: NEW_PASSWORD })
    await open()
    const [form] = browser.page.forms
    tenant.users.add({ email: 'new@example.com' })
    tenant.setActions('password-reset-post-challenge', [])
    tenant.switches.denyReasonShown = false
    tenant.faults.continueFails = true
    tenant.clock.set(0)

    await tenant.reset()
    expect(await passwordChanged()).toBe(false)
    expect(tenant.users.all().map((user) => user.user_id)).toEqual([user_id])
    expect([tenant.switches.denyReasonShown, tenant.faults.continueFails]).toEqual([true, false])
    expect(tenant.clock.now()).toBeGreaterThan(1_700_000_000_000)
    expect([tenant.mailbox.all(), tenant.logs(), tenant.executions(), tenant.trace.all()]).toEqual([
      [],
      [],
      [],
      [],
    ])
    await browser.submit(form, { password: NEW_PASSWORD, confirm_password: NEW_PASSWORD })
    expect(browser.page.text).toContain('invalid_request')
    expect(await passwordChanged()).toBe(false)

    await open()
    expect(tenant.trace.of('action.ran')[0]?.data.log.trim()).toBe('1')
  })
})

describe('the trace', () => {
  const SECRET = 'a secret of more than thirty-two bytes'

  it('shows tokens decoded, and no secret, state, ticket or raw token', async () => {
    const { tenant, browser, open, visits, otherBrowser } = start([
      {
        name: 'signer',
        secrets: { S: SECRET },
        code: action(
          `const token = api.redirect.encodeToken({ secret: event.secrets.S, payload: { jti: 'n1' } })
           console.log('sending', token)
           api.redirect.sendUserTo('${SITE}/', { query: { session_token: token } })`,
          `try { api.redirect.validateToken({ secret: event.secrets.S }) } catch (error) { api.access.deny('no') }`,
        ),
      },
    ])
    const heard: string[] = []
    tenant.trace.subscribe(({ kind }) => heard.push(kind))
    await open()
    const token = visits[0]?.searchParams.get('session_token') as string
    const state = visits[0]?.searchParams.get('state') as string
    await browser.post(`${tenant.origin}/continue?state=${state}`, { session_token: token })

    const [first, second] = tenant.trace.of('action.ran')
    expect(first?.data.tokens[0]).toMatchObject({
      method: 'encodeToken',
      payload: { iss: 'tenant.localhost', jti: 'n1' },
    })
    expect(second?.data.tokens[0]).toMatchObject({ method: 'validateToken' })
    expect(second?.data.tokens[0]?.refused).toBeDefined()
    const written = JSON.stringify(tenant.trace.all())
    const ticket = new URL(tenant.mailbox.latest(EMAIL)?.link ?? '').searchParams.get('ticket')
    for (const secret of [SECRET, token, state, ticket as string])
      expect(written).not.toContain(secret)
    expect(heard).toEqual(tenant.trace.all().map(({ kind }) => kind))
    expect(otherBrowser().hops).toEqual([])
  })

  it('stops telling who unsubscribed', async () => {
    const { tenant, open } = start([action('')])
    const heard: string[] = []
    tenant.trace.subscribe(({ kind }) => heard.push(kind))()
    await open()
    expect(heard).toEqual([])
  })
})

describe('an event', () => {
  it('shows address, place, browser and language of the request that starts the leg', async () => {
    const { tenant, otherBrowser } = start([action('console.log(JSON.stringify(event))')])
    const browser = otherBrowser({ ip: '203.0.113.7', userAgent: 'Probe/1', language: 'de-DE,de' })
    await drive.requestReset(browser, tenant, { email: EMAIL })
    await drive.openResetLink(browser, tenant, EMAIL)
    const event = JSON.parse(tenant.trace.of('action.ran')[0]?.data.log ?? '')
    expect(event.request).toMatchObject({
      method: 'GET',
      hostname: 'tenant.localhost',
      ip: '203.0.113.7',
      geoip: { countryCode: 'NZ' },
      language: 'de-DE',
      user_agent: 'Probe/1',
    })
    expect(event.user).toMatchObject({
      email: EMAIL,
      enrolledFactors: [{ type: 'email' }],
      identities: [{ connection: 'Username-Password-Authentication', provider: 'auth0' }],
    })
    expect(JSON.stringify(event)).not.toContain(OLD_PASSWORD)
  })

  it('sees the user as changed while the browser was away', async () => {
    const { tenant, browser, open, visits } = start([
      action(
        `api.redirect.sendUserTo('${SITE}/')`,
        'console.log(event.user.app_metadata.verified)',
      ),
    ])
    await open()
    tenant.users.update(tenant.users.get(EMAIL)?.user_id as string, {
      app_metadata: { verified: 'yes' },
    })
    await browser.visit(`${tenant.origin}/continue?state=${visits[0]?.searchParams.get('state')}`)
    expect(tenant.trace.of('action.ran').at(-1)?.data.log.trim()).toBe('yes')
  })

  it('takes what a test lays over it', async () => {
    const { tenant, open } = start(
      [action('console.log(event.request.geoip.countryCode, event.stats.logins_count)')],
      {
        eventOverrides: {
          'password-reset-post-challenge': { request: { geoip: { countryCode: 'FR' } } },
        },
      },
    )
    await open()
    expect(tenant.trace.of('action.ran')[0]?.data.log.trim()).toBe('FR 0')
  })

  it('does not take an address that is none from a header', async () => {
    const { tenant, otherBrowser } = start([action('console.log(event.request.ip)')])
    const browser = otherBrowser({ ip: '<script>' })
    await drive.requestReset(browser, tenant, { email: EMAIL })
    await drive.openResetLink(browser, tenant, EMAIL)
    expect(tenant.trace.of('action.ran')[0]?.data.log.trim()).toBe('127.0.0.1')
  })
})

describe('pages', () => {
  it('escape whatever they are given', async () => {
    const { tenant, browser, open } = start([action(`api.access.deny('<img src=x onerror=1>')`)], {
      displayName: '<b>T</b>',
    })
    await open()
    expect(browser.page.body).not.toContain('<img')
    expect(browser.page.body).not.toContain('<b>T')
    expect(browser.page.text).toContain('<img src=x onerror=1>')
    await browser.visit(
      `${tenant.origin}/u/reset-password/request?client_id="><script>&login_hint="><script>`,
    )
    expect(browser.page.body).not.toContain('<script')
  })

  it('carry no script, may not be framed, are not stored and give no address away', async () => {
    const { tenant } = start([action('')])
    const answer = await tenant.fetch(new Request(tenant.origin))
    expect(await answer.text()).not.toMatch(/<script|\son\w+=/i)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(answer.headers.get('content-security-policy')).not.toContain('form-action')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
  })
})

it('keeps a result URL of the Action before that of the ticket', async () => {
  const { tenant, browser } = start([action(`api.transaction.setResultUrl('${APP}/action')`)], {
    switches: { resultUrlParameters: true },
  })
  const clientId = tenant.clients.all()[0]?.client_id as string
  await browser.visit(tenant.createTicket({ user: EMAIL, clientId, resultUrl: `${APP}/ticket` }))
  await drive.choosePassword(browser, NEW_PASSWORD)
  expect(browser.page.links.map(({ href }) => href)).toContain(
    `${APP}/action?success=true&message=Your+password+has+been+changed.`,
  )
})
