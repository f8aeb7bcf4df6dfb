/**
 * The sample Actions of Auth0's documentation, run unmodified: what they do, and which of their mistakes
 * show (contract, section 7).
 */
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { type ActionSpec, drive, type TenantOptions } from '../../src/emulator/index.ts'
import { EMAIL, NEW_PASSWORD, OLD_PASSWORD, world } from '../support/emulated-tenant.ts'

const file = (name: string) => new URL(`../corpora/seed-actions/${name}`, import.meta.url)
const text = (name: string) => readFileSync(file(name), 'utf8')
const sample = (name: string, secrets: Record<string, string> = {}): ActionSpec => ({
  name,
  file: file(`${name}.js`),
  secrets,
})

const THEIR_SITE = 'https://my-app.example.com'

const open: { close(): Promise<void> }[] = []
function start(actions: readonly ActionSpec[], options: TenantOptions = {}) {
  const made = world(actions, {
    users: [
      { email: EMAIL, email_verified: false, password: OLD_PASSWORD, factors: ['otp', 'phone'] },
    ],
    ...options,
  })
  open.push(made.tenant)
  const arrived: URL[] = []
  made.browser.route(THEIR_SITE, (request) => {
    arrived.push(new URL(request.url))
    return new Response('their site')
  })
  return { ...made, arrived }
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((tenant) => tenant.close()))
})

const failures = (tenant: ReturnType<typeof start>['tenant']) =>
  tenant.trace.of('flow.failed').map(({ data }) => data.reason)

describe('the samples of the API object', () => {
  it('deny: the first of its two arguments, meant as a code, is what the user reads', async () => {
    const { tenant, browser, open } = start([sample('access-deny')])
    await open()
    expect(browser.page.text).toContain('policy_violation')
    expect(browser.page.text).not.toContain('Password reset is not allowed')
    expect(tenant.trace.of('flow.denied')).toHaveLength(1)
  })

  it('challengeWith: asks for the one-time password, and fails the reset without one enrolled', async () => {
    const enrolled = start([sample('challenge-with')])
    await drive.resetPassword(enrolled.browser, enrolled.tenant, {
      email: EMAIL,
      newPassword: NEW_PASSWORD,
    })
    expect(enrolled.tenant.trace.of('challenge.passed')[0]?.data.factor).toBe('otp')
    expect(await enrolled.passwordChanged()).toBe(true)

    const none = start([sample('challenge-with')], {
      users: [{ email: EMAIL, password: OLD_PASSWORD }],
    })
    await none.open()
    expect(failures(none.tenant)).toEqual(['factor_not_enrolled'])
    expect(await none.passwordChanged()).toBe(false)
  })

  it('challengeWithAny: offers a choice, e-mail again included although a mail began the reset', async () => {
    const { browser, open } = start([sample('challenge-with-any')], {
      users: [{ email: EMAIL, password: OLD_PASSWORD, factors: ['otp'] }],
    })
    await open()
    expect(browser.page.forms[0]?.buttons.map(({ value }) => value)).toEqual(['otp', 'email'])
  })

  it('encodeToken: signs with the secret and sends it under the name the sample gives', async () => {
    const { tenant, open, arrived } = start([
      sample('encode-token', { MY_SECRET: 'a secret of more than thirty-two bytes' }),
    ])
    await open()
    const token = arrived[0]?.searchParams.get('token') ?? ''
    const [header, payload] = token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    const userId = tenant.users.get(EMAIL)?.user_id
    expect(header).toEqual({ alg: 'HS256', typ: 'JWT' })
    expect(Object.keys(payload)).toEqual(['iat', 'iss', 'sub', 'exp', 'ip', 'userId'])
    expect(payload).toMatchObject({ iss: 'tenant.localhost', sub: userId, userId })
    expect(payload.exp - payload.iat).toBe(900)
  })

  it('encodeToken: fails the reset when the secret was never set', async () => {
    const { tenant, open, arrived } = start([sample('encode-token')])
    await open()
    expect(failures(tenant)).toEqual(['action_error'])
    expect(arrived).toEqual([])
  })

  it('sendUserTo: sends an unsigned user id away, and has no handler to come back to', async () => {
    const { tenant, browser, open, arrived } = start([sample('send-user-to')])
    await open()
    expect(arrived[0]?.searchParams.get('user_id')).toBe(tenant.users.get(EMAIL)?.user_id)
    await browser.visit(`${tenant.origin}/continue?state=${arrived[0]?.searchParams.get('state')}`)
    expect(failures(tenant)).toEqual(['action_error'])
    expect(tenant.trace.of('action.ran').at(-1)?.data.error?.message).toContain(
      'Invalid function signature for the "onContinuePostChallenge" handler.',
    )
  })

  it('validateToken: has no execute handler, so the reset fails before any redirect', async () => {
    const { tenant, open } = start([sample('validate-token', { MY_SECRET: 'x'.repeat(40) })])
    await open()
    expect(tenant.trace.of('action.ran').at(-1)?.data.error?.message).toContain(
      'Invalid function signature for the "onExecutePostChallenge" handler.',
    )
  })

  it('validateToken: with the redirect sample before it, refuses the reflected session token', async () => {
    const both = {
      name: 'both samples',
      code: text('encode-token.js') + text('validate-token.js'),
      secrets: { MY_SECRET: 'a secret of more than thirty-two bytes' },
    }
    const { tenant, browser, open, arrived } = start([both])
    await open()
    const { searchParams } = arrived[0] as URL
    // One secret for both directions: only the missing `state` claim stands in the way.
    await browser.post(`${tenant.origin}/continue?state=${searchParams.get('state')}`, {
      token: searchParams.get('token') ?? '',
    })
    expect(failures(tenant)).toEqual(['action_error'])
    expect(tenant.trace.of('action.ran').at(-1)?.data.tokens[0]?.refused).toBeDefined()
  })

  it('render: shows the form, and fails on submit because no handler continues', async () => {
    const { tenant, browser, open } = start([sample('prompt-render')])
    await open()
    expect(browser.page.text).toContain('my-custom-prompt')
    await browser.submit()
    expect(failures(tenant)).toEqual(['action_error'])
  })

  it('setResultUrl: the success screen leads there', async () => {
    const { tenant, browser } = start([sample('set-result-url')])
    await drive.resetPassword(browser, tenant, { email: EMAIL })
    expect(browser.page.links.map(({ href }) => href)).toContain(
      `${THEIR_SITE}/password-reset-complete`,
    )
  })

  it('cache: what one Action sets the next one of the trigger finds', async () => {
    const { tenant, open } = start([
      sample('cache-delete'),
      sample('cache-set'),
      sample('cache-get'),
    ])
    await open()
    expect(tenant.trace.of('action.ran').map(({ data }) => data.error)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(tenant.trace.of('action.ran').at(-1)?.data.log.trim()).toBe('my-value')
  })
})

describe('the sample that redirects and then challenges', () => {
  it('is the printed one with line breaks and nothing else', () => {
    expect(text('redirect-then-challenge.js').replaceAll('\n', '')).toBe(
      text('redirect-then-challenge.printed.txt').replaceAll('\n', ''),
    )
  })

  it('goes away, comes back, asks for a factor and resets the password', async () => {
    const { tenant, browser, open, arrived, passwordChanged } = start([
      sample('redirect-then-challenge'),
    ])
    await open()
    await browser.visit(`${tenant.origin}/continue?state=${arrived[0]?.searchParams.get('state')}`)
    await drive.passChallenge(browser, tenant, EMAIL)
    await drive.choosePassword(browser, NEW_PASSWORD)
    expect(await passwordChanged()).toBe(true)
  })

  it('takes anybody who has the state past the third-party site: it asks for no token', async () => {
    const { tenant, browser, open, arrived } = start([sample('redirect-then-challenge')])
    let state = ''
    browser.route(THEIR_SITE, (request) => {
      state = new URL(request.url).searchParams.get('state') ?? ''
      return new Response('the site refuses this user', { status: 403 })
    })
    await open()
    await browser.visit(`${tenant.origin}/continue?state=${state}`)
    expect(arrived).toEqual([])
    expect(tenant.trace.of('action.ran').at(-1)?.data.tokens).toEqual([])
    expect(new URL(browser.page.url).pathname).toBe('/u/mfa-challenge')
  })

  it('throws when the enrolled factors could not be fetched', async () => {
    const { tenant, browser, open, arrived } = start([sample('redirect-then-challenge')], {
      faults: { enrolledFactorsUnavailable: true },
    })
    await open()
    await browser.visit(`${tenant.origin}/continue?state=${arrived[0]?.searchParams.get('state')}`)
    expect(failures(tenant)).toEqual(['action_error'])
    expect(tenant.trace.of('action.ran').at(-1)?.data.error?.name).toBe('TypeError')
  })

  it('fails for a user without any factor', async () => {
    const { tenant, browser, open, arrived } = start([sample('redirect-then-challenge')], {
      users: [{ email: EMAIL, email_verified: false, password: OLD_PASSWORD }],
    })
    await open()
    await browser.visit(`${tenant.origin}/continue?state=${arrived[0]?.searchParams.get('state')}`)
    expect(failures(tenant)).toEqual(['factor_not_enrolled'])
  })

  it('asks a verified user without another factor for the same inbox again', async () => {
    const { tenant, browser, open, arrived } = start([sample('redirect-then-challenge')], {
      users: [{ email: EMAIL, password: OLD_PASSWORD }],
    })
    await open()
    await browser.visit(`${tenant.origin}/continue?state=${arrived[0]?.searchParams.get('state')}`)
    expect(tenant.trace.of('challenge.shown')[0]?.data).toEqual({
      factor: 'email',
      choices: ['email'],
    })
  })
})
