/** A login that needs one more proof: who is asked for what, and what is not a proof. */
import { describe, expect, it } from 'vitest'
import type { Browser } from '../../src/emulator/index.ts'
import { freshDatabase } from '../support/database.ts'
import {
  alwaysStepUp,
  type LoginTrip,
  loginPlaceOf,
  openLoginTrip,
  STOPPED,
  told,
} from '../support/login-trip.ts'
import { passVerifier, placeOf } from '../support/world.ts'

const database = await freshDatabase()
const policies = alwaysStepUp()
/** No address that Auth0 would take for a factor. */
const UNVERIFIED = { email_verified: false }

async function passCode(trip: LoginTrip, browser: Browser, email: string) {
  const { user_id = '' } = trip.tenant.users.get(email) ?? {}
  return browser.submit(undefined, { code: await trip.tenant.users.oneTimePassword(user_id) })
}

const commandsOf = ({ tenant }: LoginTrip) =>
  tenant.trace.of('action.ran').flatMap(({ data }) => data.commands)

describe.each([true, false])('with validateToken checking sub: %s', (validateTokenChecksSub) => {
  const tenant = { switches: { validateTokenChecksSub } }

  it('a user with a factor is let in only after it', async () => {
    const trip = await openLoginTrip(database, { policies, tenant })
    const email = trip.addUser(['otp'], UNVERIFIED)
    const { browser } = await trip.logIn(email)
    expect(placeOf(await passVerifier(browser))).toBe('factor')
    expect(await trip.silently(trip.browser())).toMatchObject({ error: 'login_required' })
    expect(loginPlaceOf(await passCode(trip, browser, email))).toBe('in')
    expect(await trip.records()).toMatchObject([{ outcome: 'step_up' }])
  })
})

it('offers every factor but one on the channel of the first challenge', async () => {
  const trip = await openLoginTrip(database, {
    policies,
    tenant: {
      eventOverrides: {
        'post-login': {
          authentication: { methods: [{ name: 'sms', timestamp: '2026-01-01T00:00:00.000Z' }] },
        },
      },
    },
  })
  const { browser } = await trip.logIn(trip.addUser(['otp', 'phone']))
  await passVerifier(browser)
  expect(commandsOf(trip)).toContainEqual({
    type: 'authentication.challengeWithAny',
    factors: [{ type: 'otp' }, { type: 'email' }],
  })
})

it('a user who fails the factor is not let in, now or without a person', async () => {
  const trip = await openLoginTrip(database, { policies })
  const { browser } = await trip.logIn(trip.addUser(['push-notification'], UNVERIFIED))
  await passVerifier(browser)
  expect(loginPlaceOf(await browser.submit('Reject'))).toBe('refused')
  expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
})

it('a factor that was passed before the verifier asked does not stand for the one it asked for', async () => {
  const trip = await openLoginTrip(database, { policies, loginSecrets: { RV_MODE: 'off' } })
  const own = trip.tenant
  const email = trip.addUser(['push-notification'], UNVERIFIED)
  own.setActions('post-login', [
    {
      name: 'own-mfa',
      code: `exports.onExecutePostLogin = async (event, api) =>
        api.authentication.challengeWith({ type: 'push-notification' })`,
    },
  ])
  const { browser } = await trip.logIn(email)
  expect(loginPlaceOf(await browser.submit('Approve'))).toBe('in')

  trip.deployLogin({ RV_MODE: 'enforce' })
  await trip.logIn(email, browser)
  expect(placeOf(await passVerifier(browser))).toBe('factor')
  expect(loginPlaceOf(await browser.submit('Reject'))).toBe('refused')
  expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
})

describe('a user without a factor', () => {
  it('is stopped with a code that support can release', async () => {
    const trip = await openLoginTrip(database, { policies })
    const { browser } = await trip.logIn(trip.addUser([], UNVERIFIED))
    const page = await passVerifier(browser)
    expect(loginPlaceOf(page)).toBe('refused')
    const [record] = await trip.records()
    expect(STOPPED.exec(told(page).error_description ?? '')?.[1]).toBe(record?.reference)
  })

  const RV_ENROL = 'otp, webauthn-platform'

  it.each([
    ['the policy denies and RV_ENROL names factors', 'deny', { RV_ENROL }, true],
    ['RV_ENROL names none', 'deny', {}, false],
    ['RV_ENROL names none that exists', 'deny', { RV_ENROL: 'sms, totp' }, false],
    ['a person has to look', 'hold', { RV_ENROL }, false],
  ] as const)('may enrol one: %s', async (_, no_factor, loginSecrets, enrols) => {
    const trip = await openLoginTrip(database, {
      policies: alwaysStepUp(no_factor),
      loginSecrets,
    })
    const { browser } = await trip.logIn(trip.addUser([], UNVERIFIED))
    const page = await passVerifier(browser)
    expect(commandsOf(trip).some(({ type }) => type === 'authentication.enrollWithAny')).toBe(
      enrols,
    )
    if (!enrols) return expect(loginPlaceOf(page)).toBe('refused')
    expect(new URL(page.url).pathname).toBe('/u/mfa-enroll')
    await browser.submit(undefined, {}, 'webauthn-platform')
    expect(loginPlaceOf(await browser.submit())).toBe('in')
    expect(await trip.silently(browser)).toHaveProperty('code')
  })

  it('may not enrol while the verifier is down', async () => {
    const trip = await openLoginTrip(database, {
      loginSecrets: { RV_ENROL, RV_WHEN_DOWN: 'step_up' },
    })
    await trip.verifier.stop()
    const { page } = await trip.logIn(trip.addUser([], UNVERIFIED))
    expect(loginPlaceOf(page)).toBe('refused')
  })
})

it('a user whose factors Auth0 cannot tell is stopped: unknown is neither none nor some', async () => {
  const trip = await openLoginTrip(database, {
    policies,
    loginSecrets: { RV_ENROL: 'otp' },
    tenant: { faults: { enrolledFactorsUnavailable: true } },
  })
  const { browser } = await trip.logIn(trip.addUser(['otp']))
  const page = await passVerifier(browser)
  expect(loginPlaceOf(page)).toBe('refused')
  expect(told(page).error_description).toMatch(STOPPED)
  expect(trip.actionLog().at(-1)).toMatchObject({ outcome: 'step_up', factors: 'unknown' })
})
