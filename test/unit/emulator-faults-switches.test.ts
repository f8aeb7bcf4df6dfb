/** Behaviour of the tenant that its other tests do not reach: rows of the fidelity table. */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { drive } from '../../src/emulator/index.ts'
import { action, EMAIL, NEW_PASSWORD, OLD_PASSWORD, world } from '../support/emulated-tenant.ts'
import { APP, CALLBACK, CLIENT, loginWorld, onLogin, SECRET } from '../support/login-world.ts'
import { createProbe } from './support/action-probe.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tenant) => tenant.close()))
})
const probe = createProbe('post-login')
afterAll(() => probe.close())

it('verifiedEmailIsFactor: off leaves a verified address without a factor', async () => {
  const types = async (verifiedEmailIsFactor: boolean) => {
    const made = world([action('console.log(JSON.stringify(event.user.enrolledFactors))')], {
      switches: { verifiedEmailIsFactor },
    })
    open.push(made.tenant)
    await made.open()
    return made.tenant.trace.of('action.ran')[0]?.data.log.trim()
  }
  expect(await types(true)).toBe('[{"type":"email"}]')
  expect(await types(false)).toBe('[]')
})

describe('a reset that went through', () => {
  it('ends the sessions of the user', async () => {
    const login = loginWorld([], { users: [{ email: EMAIL, password: OLD_PASSWORD }] })
    open.push(login.tenant)
    await login.authorize()
    await login.browser.submit(undefined, { username: EMAIL, password: OLD_PASSWORD })
    await login.authorize({ prompt: 'none' })
    expect(login.told()).toHaveProperty('code')
    const other = login.otherBrowser()
    await drive.resetPassword(other, login.tenant, { email: EMAIL, newPassword: NEW_PASSWORD })
    await login.authorize({ prompt: 'none' })
    expect(login.told()).toMatchObject({ error: 'login_required' })
  })
})

describe('options of a factor', () => {
  const challenge = (factor: string) =>
    action(`if (event.user.enrolledFactors) api.authentication.challengeWith(${factor})`)
  const user = (...factors: ('phone' | 'push-notification')[]) => [
    { email: EMAIL, password: OLD_PASSWORD, email_verified: false, factors },
  ]
  async function asked(factor: string, enrolled: 'phone' | 'push-notification') {
    const made = world([challenge(factor)], { users: user(enrolled) })
    open.push(made.tenant)
    await made.open()
    const buttons = () =>
      made.browser.page.forms.flatMap((form) => form.buttons.map(({ text }) => text))
    return { ...made, buttons }
  }
  const via = ({ tenant }: Awaited<ReturnType<typeof asked>>) =>
    tenant.phoneInbox.all().map((message) => message.via)

  it.each(['sms', 'voice'] as const)(
    'preferredMethod %s reaches the phone in this way alone',
    async (method) => {
      const trip = await asked(
        `{ type: 'phone', options: { preferredMethod: '${method}' } }`,
        'phone',
      )
      expect(via(trip)).toEqual([method])
      expect(trip.buttons().join()).not.toContain('instead')
      await drive.passChallenge(trip.browser, trip.tenant, EMAIL)
      expect(new URL(trip.browser.page.url).pathname).toBe('/u/reset-password/change')
    },
  )

  it('preferredMethod both lets the user choose', async () => {
    const trip = await asked(`{ type: 'phone', options: { preferredMethod: 'both' } }`, 'phone')
    await trip.browser.submit('Call me instead')
    expect(via(trip)).toEqual(['sms', 'voice'])
    await trip.browser.submit('Send me a text message instead')
    expect(via(trip)).toEqual(['sms', 'voice', 'sms'])
    await drive.passChallenge(trip.browser, trip.tenant, EMAIL)
    expect(new URL(trip.browser.page.url).pathname).toBe('/u/reset-password/change')
  })

  it('without a preferredMethod the user’s own preference counts', async () => {
    const trip = await asked("{ type: 'phone' }", 'phone')
    expect(via(trip)).toEqual(['sms'])
    expect(trip.buttons().join()).not.toContain('instead')
  })

  it('a push notification takes the code of the app, once', async () => {
    const trip = await asked("{ type: 'push-notification' }", 'push-notification')
    const id = trip.tenant.users.get(EMAIL)?.user_id ?? ''
    const code = await trip.tenant.users.oneTimePassword(id, 'push-notification')
    await trip.browser.submit('Continue', { code: code === '000000' ? '111111' : '000000' })
    expect(trip.browser.page.status).toBe(400)
    await trip.browser.submit('Continue', { code })
    expect(new URL(trip.browser.page.url).pathname).toBe('/u/reset-password/change')
  })

  it('otpFallback false takes the notification alone', async () => {
    const trip = await asked(
      "{ type: 'push-notification', options: { otpFallback: false } }",
      'push-notification',
    )
    expect(trip.buttons()).toEqual(['Approve', 'Reject'])
    const id = trip.tenant.users.get(EMAIL)?.user_id ?? ''
    const code = await trip.tenant.users.oneTimePassword(id, 'push-notification')
    await trip.browser.post(trip.browser.page.url, { code })
    expect(trip.browser.page.status).toBe(400)
    await drive.passChallenge(trip.browser, trip.tenant, EMAIL)
    expect(new URL(trip.browser.page.url).pathname).toBe('/u/reset-password/change')
  })
})

describe('methods behind a flag', () => {
  const names = ['addTargetScope', 'removeTargetScope', 'setTargetScopes', 'clearTargetScopes']
  for (const name of names)
    it(`api.transaction.${name}: is behind a flag that no tenant has`, async () => {
      const { error, commands } = await probe.run(`api.transaction.${name}('a')`)
      expect(error).toBe('Error: Method not implemented.')
      expect(commands).toEqual([])
    })
})

describe('back-channel logout', () => {
  const LISTENER = `${APP}/backchannel`

  function start(urls: readonly string[], answer = () => new Response(null, { status: 200 })) {
    const calls: Request[] = []
    const made = loginWorld(
      [onLogin("if (event.request.query.revoke) api.session.revoke('gone')")],
      {
        clients: [
          {
            client_id: CLIENT,
            name: 'Application',
            client_secret: SECRET,
            callbacks: [CALLBACK],
            oidc_logout: { backchannel_logout_urls: urls },
          },
        ],
        outgoing: async (request) => {
          calls.push(request)
          return answer()
        },
      },
    )
    open.push(made.tenant)
    const told = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
      made.tenant.trace.subscribe((event) => {
        if (event.kind === 'logout.told') resolve(event.data)
      })
    })
    return { ...made, calls, notice: told }
  }

  it('tells the application that session.revoke ended the session, in a signed token', async () => {
    const trip = start([LISTENER])
    await trip.logIn()
    await trip.authorize({ revoke: '1' })
    expect(await trip.notice).toEqual({ client_id: CLIENT, url: LISTENER, status: 200 })
    const [call] = trip.calls
    expect([call?.method, call?.url]).toEqual(['POST', LISTENER])
    const form = new URLSearchParams(await call?.text())
    const keys = await trip.tenant.fetch(new Request(`${trip.tenant.origin}/.well-known/jwks.json`))
    const { payload, protectedHeader } = await jwtVerify(
      form.get('logout_token') ?? '',
      createLocalJWKSet((await keys.json()) as JSONWebKeySet),
      {
        audience: CLIENT,
        issuer: `${trip.tenant.origin}/`,
        currentDate: new Date(trip.tenant.clock.now()),
      },
    )
    expect(protectedHeader.typ).toBe('logout+jwt')
    expect(payload).toMatchObject({
      sub: trip.tenant.users.get(EMAIL)?.user_id,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    expect(payload.sid).toBeTypeOf('string')
    expect(payload).not.toHaveProperty('nonce')
  })

  it('is told to nobody without an address, and nothing fails when nobody answers', async () => {
    const silent = start([])
    await silent.logIn()
    await silent.authorize({ revoke: '1' })
    expect(silent.told()).toMatchObject({ error: 'access_denied' })
    expect(silent.calls).toEqual([])

    const broken = start([LISTENER], () => {
      throw new Error('nobody there')
    })
    await broken.logIn()
    await broken.authorize({ revoke: '1' })
    expect(broken.told()).toMatchObject({ error: 'access_denied', error_description: 'gone' })
    expect(await broken.notice).toEqual({ client_id: CLIENT, url: LISTENER })
  })

  it('is not told when a session ends otherwise', async () => {
    const trip = start([LISTENER])
    await trip.logIn()
    await trip.browser.visit(`${trip.tenant.origin}/v2/logout`)
    expect(trip.calls).toEqual([])
  })
})
