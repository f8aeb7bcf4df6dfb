/**
 * Password resets through the emulated tenant: what each command of an Action does to the flow.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { drive, type FactorType, type TenantOptions } from '../../src/emulator/index.ts'
import {
  APP,
  action,
  EMAIL,
  NEW_PASSWORD,
  OLD_PASSWORD,
  world,
} from '../support/emulated-tenant.ts'

const open: { close(): Promise<void> }[] = []
const start = (...given: Parameters<typeof world>) => {
  const made = world(...given)
  open.push(made.tenant)
  return made
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((tenant) => tenant.close()))
})

const withFactors = (factors: readonly FactorType[], verified = false): TenantOptions => ({
  users: [{ email: EMAIL, email_verified: verified, password: OLD_PASSWORD, factors }],
})

describe('a reset that is let through', () => {
  it('changes the password, ends on the success screen and offers the result URL', async () => {
    const { tenant, browser, passwordChanged } = start([
      action(`api.transaction.setResultUrl('${APP}/done', { query: { from: 'reset' } })`),
    ])
    await drive.resetPassword(browser, tenant, { email: EMAIL, newPassword: NEW_PASSWORD })
    expect(browser.page.title).toContain('Your password has been changed')
    expect(await passwordChanged()).toBe(true)
    await browser.click('Back to the application')
    expect(browser.page.url).toBe(`${APP}/done?from=reset`)
    expect(tenant.trace.all().map(({ kind }) => kind)).toEqual([
      'reset.requested',
      'mail.sent',
      'ticket.opened',
      'action.ran',
      'password.changed',
      'flow.completed',
    ])
    const [asked, changed] = tenant.logs()
    expect([asked?.type, changed?.type]).toEqual(['scpr', 'scp'])
    // Both come from the same browser, and say so alike.
    const { log_id: _id, date: _date, type: _type, ...about } = asked ?? {}
    expect(about).toMatchObject({ ip: expect.any(String), connection: expect.any(String) })
    expect(changed).toMatchObject(about)
    expect(tenant.logs()).toHaveLength(2)
    expect(tenant.executions().map(({ status }) => status)).toEqual(['final'])
  })

  it('offers no button without a result URL', async () => {
    const { tenant, browser } = start([action('')])
    await drive.resetPassword(browser, tenant, { email: EMAIL })
    expect(browser.page.links.map(({ text }) => text)).not.toContain('Back to the application')
  })

  it('falls back to the result URL of the ticket, then to the login page of the application', async () => {
    const { tenant, browser } = start([action('')], {
      clients: [{ client_id: 'c'.repeat(32), name: 'App', initiate_login_uri: `${APP}/login` }],
    })
    await browser.visit(
      tenant.createTicket({ user: EMAIL, clientId: 'c'.repeat(32), resultUrl: `${APP}/ticket` }),
    )
    await drive.choosePassword(browser, NEW_PASSWORD)
    expect(browser.page.links.map(({ href }) => href)).toContain(`${APP}/ticket`)
    await drive.resetPassword(browser, tenant, { email: EMAIL })
    expect(browser.page.links.map(({ href }) => href)).toContain(`${APP}/login`)
  })

  it('shows Actions the extra query parameters of the link', async () => {
    const { tenant, open } = start([action('console.log(event.request.query.campaign)')])
    await open({ campaign: 'spring' })
    expect(tenant.trace.of('action.ran')[0]?.data.log.trim()).toBe('spring')
  })

  it('runs up to four Actions in order and refuses a fifth at deploy', async () => {
    const four = ['one', 'two', 'three', 'four'].map((name) => action(`console.log('${name}')`))
    const { tenant, open } = start(four)
    await open()
    expect(tenant.trace.of('action.ran').map(({ data }) => data.log.trim())).toEqual([
      'one',
      'two',
      'three',
      'four',
    ])
    expect(() => start([...four, action('')])).toThrow(/at most 4 Actions/)
  })
})

describe('a reset that is stopped', () => {
  it('shows the reason of a denial, runs no later Action and changes nothing', async () => {
    const { tenant, browser, open, passwordChanged } = start([
      action("api.access.deny('Call the help desk.')"),
      action("console.log('never')"),
    ])
    await open()
    expect(browser.page.status).toBe(400)
    expect(browser.page.text).toContain('Call the help desk.')
    expect(browser.page.forms).toEqual([])
    expect(tenant.trace.of('action.ran')).toHaveLength(1)
    expect(tenant.trace.of('flow.denied')[0]?.data.reason).toBe('Call the help desk.')
    expect(await passwordChanged()).toBe(false)
  })

  it('keeps the reason from the screen when the tenant is switched so', async () => {
    const { browser, open } = start([action("api.access.deny('secret words')")], {
      switches: { denyReasonShown: false },
    })
    await open()
    expect(browser.page.text).not.toContain('secret words')
  })

  it('lets a denial win over a redirect of the same Action', async () => {
    const { tenant, browser, open, visits } = start([
      action("api.redirect.sendUserTo('https://site.example/'); api.access.deny('no')"),
    ])
    await open()
    expect(browser.page.text).toContain('no')
    expect(visits).toEqual([])
    expect(tenant.trace.of('redirect.sent')).toEqual([])
  })

  it('fails when an Action throws, without its message on the screen', async () => {
    const { tenant, browser, open, passwordChanged } = start([
      action("throw new Error('database password is 1234')"),
    ])
    await open()
    expect(browser.page.status).toBe(400)
    expect(browser.page.text).not.toContain('1234')
    expect(tenant.trace.of('flow.failed')[0]?.data.reason).toBe('action_error')
    expect(tenant.logs().map(({ type }) => type)).toContain('actions_execution_failed')
    expect(await passwordChanged()).toBe(false)
  })

  it('can be started again from the mail, from the first Action on', async () => {
    const { tenant, browser, open } = start([
      action("if (event.request.query.stop) api.access.deny('stopped')"),
    ])
    await open({ stop: '1' })
    expect(browser.page.text).toContain('stopped')
    await drive.openResetLink(browser, tenant, EMAIL)
    await drive.choosePassword(browser, NEW_PASSWORD)
    expect(browser.page.title).toContain('Your password has been changed')
    await drive.openResetLink(browser, tenant, EMAIL)
    expect(browser.page.text).toContain('already used')
  })
})

describe('the link', () => {
  it('runs no Action without a client_id, and says so', async () => {
    const { tenant, browser, passwordChanged } = start([action("api.access.deny('never')")])
    await drive.resetPassword(browser, tenant, {
      email: EMAIL,
      clientId: null,
      newPassword: NEW_PASSWORD,
    })
    expect(await passwordChanged()).toBe(true)
    expect(tenant.trace.of('reset.requested')[0]?.data.triggerWillRun).toBe(false)
    expect(tenant.trace.of('trigger.skipped')[0]?.data.reason).toBe('no_client_id')
    expect(tenant.trace.of('action.ran')).toEqual([])
  })

  it.each([
    ['an unknown one', 'unknown'],
    ['an expired one', 'expired'],
    ['one that a newer one replaced', 'superseded'],
    ['one of a user who is gone', 'user_gone'],
  ])('refuses %s and runs nothing', async (_, reason) => {
    const { tenant, browser } = start([action('')])
    const clientId = tenant.clients.all()[0]?.client_id as string
    let link = tenant.createTicket({ user: EMAIL, clientId, lifetimeSeconds: 60 })
    if (reason === 'unknown') link = link.slice(0, -1)
    if (reason === 'expired') tenant.clock.advanceSeconds(60)
    if (reason === 'superseded') tenant.createTicket({ user: EMAIL, clientId })
    if (reason === 'user_gone') tenant.users.remove(tenant.users.get(EMAIL)?.user_id as string)
    await browser.visit(link)
    expect(browser.page.status).toBe(400)
    expect(tenant.trace.of('ticket.refused')[0]?.data.reason).toBe(reason)
    expect(tenant.trace.of('action.ran')).toEqual([])
  })

  it('is not opened by a request for the headers or by a prefetch', async () => {
    const { tenant, browser } = start([action('')], { switches: { ticketConsumedOn: 'open' } })
    const clientId = tenant.clients.all()[0]?.client_id as string
    const link = tenant.createTicket({ user: EMAIL, clientId })
    await browser.request(link, { method: 'HEAD' })
    await browser.request(link, { headers: { 'sec-purpose': 'prefetch;prerender' } })
    expect(tenant.trace.of('action.ran')).toEqual([])
    await browser.visit(link)
    expect(tenant.trace.of('action.ran')).toHaveLength(1)
    await browser.visit(link)
    expect(browser.page.text).toContain('already used')
  })

  it('saves one new password when two tabs have the screen open', async () => {
    const { tenant, browser, open } = start([action('')])
    await open()
    const [first] = browser.page.forms
    await drive.openResetLink(browser, tenant, EMAIL)
    await drive.choosePassword(browser, NEW_PASSWORD)
    await browser.submit(first, {
      password: 'Other-password-1',
      confirm_password: 'Other-password-1',
    })
    expect(browser.page.status).toBe(400)
    expect(tenant.trace.of('flow.failed')[0]?.data.reason).toBe('ticket_used')
    expect(await tenant.users.checkPassword(EMAIL, NEW_PASSWORD)).toBe(true)
  })

  it.each([
    ['is too short', 'Aa1!', 'Aa1!', 'at least 8'],
    ['has one kind of characters', 'aaaaaaaaaaaa', 'aaaaaaaaaaaa', 'three of'],
    ['was typed differently the second time', NEW_PASSWORD, `${NEW_PASSWORD}x`, 'not the same'],
  ])('asks again when the new password %s', async (_, password, again, text) => {
    const { browser, open, passwordChanged } = start([action('')])
    await open()
    await browser.submit(undefined, { password, confirm_password: again })
    expect(browser.page.status).toBe(400)
    expect(browser.page.text).toContain(text)
    expect(await passwordChanged()).toBe(false)
    await drive.choosePassword(browser, NEW_PASSWORD)
    expect(await passwordChanged()).toBe(true)
  })
})

describe('a challenge', () => {
  it.each([
    'email',
    'otp',
    'phone',
    'push-notification',
    'webauthn-roaming',
    'webauthn-platform',
    'recovery-code',
  ] as const)('by %s is asked for, passed, and shown to the next Action', async (type) => {
    const { tenant, browser, open, passwordChanged } = start(
      [
        action(`api.authentication.challengeWith({ type: '${type}' })`),
        action(
          "console.log(event.authentication.methods.map((m) => m.name + ':' + (m.type ?? '')).join())",
        ),
      ],
      withFactors([type]),
    )
    await open()
    expect(new URL(browser.page.url).pathname).toBe('/u/mfa-challenge')
    expect(tenant.trace.of('action.ran')).toHaveLength(1)
    await drive.passChallenge(browser, tenant, EMAIL)
    expect(tenant.trace.of('challenge.passed').map(({ data }) => data.factor)).toEqual([type])
    expect(tenant.trace.of('action.ran').at(-1)?.data.log.trim()).toBe(`email:,mfa:${type}`)
    expect(tenant.trace.of('action.ran').map(({ data }) => data.entrypoint)).toEqual([
      'onExecutePostChallenge',
      'onExecutePostChallenge',
    ])
    await drive.choosePassword(browser, NEW_PASSWORD)
    expect(await passwordChanged()).toBe(true)
  })

  it.each(['email', 'otp', 'phone', 'recovery-code'] as const)(
    'by %s stays on screen after a wrong code and ends the reset after ten',
    async (type) => {
      const { tenant, browser, open, passwordChanged } = start(
        [action(`api.authentication.challengeWith({ type: '${type}' })`), action('')],
        withFactors([type]),
      )
      await open()
      for (let wrong = 1; wrong <= 9; wrong += 1) {
        await browser.submit(undefined, { code: 'wrong' })
        expect(browser.page.text).toContain('That is not right')
      }
      await browser.submit(undefined, { code: 'wrong' })
      expect(tenant.trace.of('flow.failed')[0]?.data.reason).toBe('too_many_attempts')
      expect(tenant.trace.of('action.ran')).toHaveLength(1)
      expect(browser.page.forms).toEqual([])
      expect(await passwordChanged()).toBe(false)
    },
  )

  it('is failed by a rejection on the device', async () => {
    const { tenant, browser, open } = start(
      [action("api.authentication.challengeWith({ type: 'push' })")],
      withFactors(['push-notification']),
    )
    await open()
    await browser.submit(undefined, {}, 'reject')
    expect(tenant.trace.of('flow.failed')[0]?.data.reason).toBe('challenge_rejected')
  })

  it('takes a mailed code once and for five minutes', async () => {
    const { tenant, browser, open } = start(
      [action("api.authentication.challengeWith({ type: 'email' })")],
      withFactors([], true),
    )
    await open()
    tenant.clock.advanceSeconds(300)
    await drive.passChallenge(browser, tenant, EMAIL)
    expect(browser.page.text).toContain('That is not right')
    await browser.submit('Send a new code')
    const [form] = browser.page.forms
    await drive.passChallenge(browser, tenant, EMAIL)
    expect(new URL(browser.page.url).pathname).toBe('/u/reset-password/change')
    await browser.submit(form, { code: tenant.mailbox.latest(EMAIL)?.code ?? '' })
    expect(browser.page.text).toContain('invalid_request')
  })

  it.each(['email', 'push-notification'] as const)(
    'by %s that is answered twice at the same moment is passed once',
    async (type) => {
      const { tenant, browser, open } = start(
        [action(`api.authentication.challengeWith({ type: '${type}' })`), action('')],
        withFactors([type]),
      )
      await open()
      const answer = () =>
        browser.request(browser.page.url, {
          method: 'POST',
          body: new URLSearchParams(
            type === 'email'
              ? { code: tenant.mailbox.latest(EMAIL)?.code ?? '' }
              : { device: 'approve' },
          ),
        })
      const statuses = (await Promise.all([answer(), answer()])).map(({ status }) => status)
      expect(statuses.sort()).toEqual([302, 400])
      expect(tenant.trace.of('action.ran')).toHaveLength(2)
    },
  )

  it('takes a one-time password once', async () => {
    const { tenant, browser, open } = start(
      [action("api.authentication.challengeWith({ type: 'otp' })")],
      withFactors(['otp']),
    )
    tenant.clock.set(1_800_000_000_000)
    await open()
    await drive.passChallenge(browser, tenant, EMAIL)
    await drive.openResetLink(browser, tenant, EMAIL)
    await drive.passChallenge(browser, tenant, EMAIL)
    expect(browser.page.text).toContain('That is not right')
    tenant.clock.advanceSeconds(30)
    await drive.passChallenge(browser, tenant, EMAIL)
    expect(new URL(browser.page.url).pathname).toBe('/u/reset-password/change')
  })

  it('fails the reset when nothing it names is enrolled', async () => {
    const { tenant, browser, open } = start(
      [action("api.authentication.challengeWithAny([{ type: 'otp' }, { type: 'sms' }])")],
      withFactors(['phone']),
    )
    await open()
    expect(browser.page.forms).toEqual([])
    expect(tenant.trace.of('flow.failed')[0]?.data.reason).toBe('factor_not_enrolled')
  })

  it('fails the reset when what is enrolled is not enabled on the tenant', async () => {
    const { tenant, open } = start([action("api.authentication.challengeWith({ type: 'otp' })")], {
      ...withFactors(['otp']),
      enabledFactors: ['phone'],
    })
    await open()
    expect(tenant.trace.of('flow.failed')[0]?.data.reason).toBe('factor_not_enrolled')
  })

  it('is not shown again for a factor that was passed in this transaction', async () => {
    const { tenant, browser, open } = start(
      [
        action("api.authentication.challengeWith({ type: 'otp' })"),
        action("api.authentication.challengeWith({ type: 'otp' })"),
      ],
      withFactors(['otp']),
    )
    await open()
    await drive.passChallenge(browser, tenant, EMAIL)
    expect(new URL(browser.page.url).pathname).toBe('/u/reset-password/change')
    expect(tenant.trace.of('challenge.shown')).toHaveLength(1)
  })

  it('offers a picker for several factors, and the others beside a default', async () => {
    const factors = withFactors(['otp', 'phone'])
    const any = start(
      [
        action(
          "api.authentication.challengeWithAny([{ type: 'otp' }, { type: 'phone' }, { type: 'push' }])",
        ),
      ],
      factors,
    )
    await any.open()
    expect(any.browser.page.forms[0]?.buttons.map(({ value }) => value)).toEqual(['otp', 'phone'])
    expect(any.tenant.phoneInbox.all()).toEqual([])
    await any.browser.submit(undefined, {}, 'phone')
    expect(any.tenant.phoneInbox.all()).toHaveLength(1)
    await drive.passChallenge(any.browser, any.tenant, EMAIL)
    expect(new URL(any.browser.page.url).pathname).toBe('/u/reset-password/change')

    const withDefault = start(
      [
        action(
          "api.authentication.challengeWith({ type: 'otp' }, { additionalFactors: [{ type: 'phone' }] })",
        ),
      ],
      factors,
    )
    await withDefault.open()
    expect(withDefault.browser.page.text).toContain('authenticator app shows')
    await withDefault.browser.submit('Use instead: Phone')
    expect(withDefault.browser.page.text).toContain('to your phone')
  })

  it('is passed with the factor on screen when every other is offered beside it', async () => {
    const all = ['email', 'otp', 'phone', 'push-notification', 'recovery-code'] as const
    for (const shown of all) {
      const others = all.filter((type) => type !== shown).map((type) => ({ type }))
      const { tenant, browser, open } = start(
        [
          action(
            `api.authentication.challengeWith({ type: '${shown}' }, { additionalFactors: ${JSON.stringify(others)} })`,
          ),
        ],
        withFactors(all),
      )
      await open()
      await drive.passChallenge(browser, tenant, EMAIL)
      expect(tenant.trace.of('challenge.passed').map(({ data }) => data.factor)).toEqual([shown])
    }
  })

  it('is not answered by a factor that was not offered', async () => {
    const { tenant, browser, open } = start(
      [action("api.authentication.challengeWith({ type: 'otp' })")],
      withFactors(['otp', 'push-notification']),
    )
    await open()
    const [form] = browser.page.forms
    await browser.submit(form, { factor: 'push-notification' })
    expect(browser.page.status).toBe(400)
    await browser.submit(form, { device: 'approve' })
    expect(browser.page.status).toBe(400)
    expect(tenant.trace.of('challenge.passed')).toEqual([])
  })

  it('may be asked for four times in a flow, not five', async () => {
    const twice = (one: string, two: string) =>
      action(
        `api.authentication.challengeWith({ type: '${one}' }); api.authentication.challengeWith({ type: '${two}' })`,
      )
    const factors = withFactors(['otp', 'phone', 'push-notification', 'webauthn-roaming'])
    const four = start([twice('otp', 'phone'), twice('push', 'webauthn-roaming')], factors)
    await drive.resetPassword(four.browser, four.tenant, { email: EMAIL })
    expect(four.tenant.trace.of('challenge.passed').map(({ data }) => data.factor)).toEqual([
      'otp',
      'phone',
      'push-notification',
      'webauthn-roaming',
    ])
    const five = start(
      [
        twice('otp', 'phone'),
        twice('push', 'webauthn-roaming'),
        action("api.authentication.challengeWith({ type: 'otp' })"),
      ],
      factors,
    )
    await drive.resetPassword(five.browser, five.tenant, { email: EMAIL })
    expect(five.tenant.trace.of('flow.failed')[0]?.data.reason).toBe('too_many_challenges')
  })
})

describe('a form', () => {
  const FORM = `api.prompt.render('ap_form', { fields: { nick: 'A<b>' }, vars: { secret: 'hidden' } })`

  it('suspends, shows its fields, and hands fields and vars to the continue handler', async () => {
    const { tenant, browser, open } = start(
      [
        action(FORM, 'console.log(JSON.stringify(event.prompt))'),
        action('console.log(String(event.prompt))'),
      ],
      { forms: [{ id: 'ap_form', title: 'About you', fields: [{ name: 'city', label: 'City' }] }] },
    )
    await open()
    expect(browser.page.title).toContain('About you')
    expect(browser.page.forms[0]?.fields).toContainEqual(['nick', 'A<b>'])
    await browser.submit(undefined, { city: 'Paris' })
    const [, continued, next] = tenant.trace.of('action.ran')
    expect(continued?.data.entrypoint).toBe('onContinuePostChallenge')
    expect(JSON.parse(continued?.data.log ?? '')).toEqual({
      id: 'ap_form',
      fields: { nick: 'A<b>', city: 'Paris' },
      vars: { secret: 'hidden' },
    })
    expect(next?.data.log.trim()).toBe('undefined')
    expect(new URL(browser.page.url).pathname).toBe('/u/reset-password/change')
  })

  it('is submitted once', async () => {
    const { tenant, browser, open } = start([action(FORM)])
    await open()
    const [form] = browser.page.forms
    await browser.submit(form)
    await browser.submit(form)
    expect(browser.page.text).toContain('invalid_request')
    expect(tenant.trace.of('action.ran')).toHaveLength(2)
  })
})
