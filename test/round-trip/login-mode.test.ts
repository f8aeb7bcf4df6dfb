/** What the login Action does by its secrets, and without a verifier. */
import { describe, expect, it } from 'vitest'
import type { ActionSecrets } from '../../src/cli/round-trip.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { freshDatabase } from '../support/database.ts'
import {
  alwaysStepUp,
  type LoginTrip,
  loginPlaceOf,
  openLoginTrip,
  STOPPED,
  told,
} from '../support/login-trip.ts'
import {
  CLIENT_ID,
  linkOf,
  OTHER_CLIENT_ID,
  passVerifier,
  placeOf,
  randomSecret,
  TRY_AGAIN,
} from '../support/world.ts'

const database = await freshDatabase()

const commands = ({ tenant }: LoginTrip) =>
  tenant.trace.of('action.ran').flatMap(({ data }) => data.commands.map(({ type }) => type))

describe('while the verifier is down', () => {
  it('the login is refused and says to try again; then it works as soon as the verifier does', async () => {
    const trip = await openLoginTrip(database)
    const email = trip.addUser(['otp'])
    await trip.verifier.stop()
    const { browser, page } = await trip.logIn(email)
    expect(loginPlaceOf(page)).toBe('refused')
    expect(told(page).error_description).toBe(TRY_AGAIN)
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
    await trip.verifier.start()
    await trip.logIn(email, browser)
    expect(loginPlaceOf(await passVerifier(browser))).toBe('in')
  })

  it('a factor stands in for it where RV_WHEN_DOWN says so, for this login alone', async () => {
    const trip = await openLoginTrip(database, { loginSecrets: { RV_WHEN_DOWN: 'step_up' } })
    await trip.verifier.stop()
    const { browser, page } = await trip.logIn(
      trip.addUser(['push-notification'], { email_verified: false }),
    )
    expect(placeOf(page)).toBe('factor')
    expect(loginPlaceOf(await browser.submit('Approve'))).toBe('in')
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
  })

  it('a user without a factor is refused even then', async () => {
    const trip = await openLoginTrip(database, { loginSecrets: { RV_WHEN_DOWN: 'step_up' } })
    await trip.verifier.stop()
    const { page } = await trip.logIn(trip.addUser([], { email_verified: false }))
    expect(loginPlaceOf(page)).toBe('refused')
  })
})

it('a policy that only monitors lets in whom it would have asked for a factor', async () => {
  const policies = alwaysStepUp().map((policy) => ({ ...policy, mode: 'monitor' as const }))
  const trip = await openLoginTrip(database, { policies })
  const { browser } = await trip.logIn(trip.addUser(['otp']))
  expect(loginPlaceOf(await passVerifier(browser))).toBe('in')
  expect(await trip.records()).toMatchObject([{ outcome: 'allow', assessed: 'step_up' }])
})

it('a policy that only monitors refuses a user on the deny list all the same', async () => {
  const trip = await openLoginTrip(database, { policies: defaultPolicies('monitor') })
  const email = trip.addUser()
  await trip.deny(email)
  const { browser } = await trip.logIn(email)
  const page = await passVerifier(browser)
  expect(loginPlaceOf(page)).toBe('refused')
  expect(told(page).error_description).toMatch(STOPPED)
})

describe('RV_MODE observe', () => {
  const observe = { RV_MODE: 'observe', RV_REVOKE: 'on', RV_ENROL: 'otp' }
  const verified = { email_verified: false }

  it.each([
    ['a denial', true, [] as const, 'deny'],
    ['a step-up', false, ['otp'] as const, 'step_up'],
    ['a step-up of somebody without a factor', false, [] as const, 'deny'],
  ])('logs %s and lets the login go on', async (_, listed, factors, outcome) => {
    const trip = await openLoginTrip(database, {
      loginSecrets: observe,
      policies: alwaysStepUp('deny'),
    })
    const email = trip.addUser(factors, verified)
    if (listed) await trip.deny(email)
    const { browser } = await trip.logIn(email)
    expect(loginPlaceOf(await passVerifier(browser))).toBe('in')
    expect(commands(trip)).toEqual(['transaction.setMetadata', 'redirect.sendUserTo'])
    const [record] = await trip.records()
    expect(record?.outcome).toBe(outcome)
    expect(trip.actionLog().at(-1)).toMatchObject({ outcome, reference: record?.reference })
    expect(trip.tenant.trace.of('session.ended')).toEqual([])
  })

  it('lets the login go on without a verifier', async () => {
    const trip = await openLoginTrip(database, { loginSecrets: observe })
    await trip.verifier.stop()
    const { page } = await trip.logIn(trip.addUser())
    expect(loginPlaceOf(page)).toBe('in')
    expect(trip.actionLog()).toMatchObject([{ outcome: 'down' }])
  })

  it('lets the login go on without an answer', async () => {
    const trip = await openLoginTrip(database, { loginSecrets: observe })
    const { browser, page } = await trip.logIn(trip.addUser())
    const state = encodeURIComponent(linkOf(page).state)
    await browser.visit(`${trip.origins.tenant}/continue?state=${state}`)
    expect(loginPlaceOf(browser.page)).toBe('in')
    expect(trip.actionLog().at(-1)).toMatchObject({ outcome: 'failed' })
  })
})

it('RV_MODE off does nothing and says nothing', async () => {
  const trip = await openLoginTrip(database, { loginSecrets: { RV_MODE: 'off' } })
  const email = trip.addUser()
  await trip.deny(email)
  const { page } = await trip.logIn(email)
  expect(loginPlaceOf(page)).toBe('in')
  expect([commands(trip), trip.actionLog(), await trip.records()]).toEqual([[], [], []])
})

it.each([undefined, 'Observe', 'OFF', ''])('RV_MODE %j enforces', async (RV_MODE) => {
  const trip = await openLoginTrip(database, { loginSecrets: { RV_MODE } })
  const email = trip.addUser()
  await trip.deny(email)
  const { browser } = await trip.logIn(email)
  expect(loginPlaceOf(await passVerifier(browser))).toBe('refused')
})

describe('RV_CLIENTS', () => {
  it.each([
    ['the application among others', `${OTHER_CLIENT_ID}, ${CLIENT_ID}`, true],
    ['another application', OTHER_CLIENT_ID, false],
    ['nobody', '', true],
  ])('that names %s', async (_, RV_CLIENTS, checked) => {
    const trip = await openLoginTrip(database, { loginSecrets: { RV_CLIENTS } })
    const { page } = await trip.logIn(trip.addUser())
    expect(loginPlaceOf(page)).toBe(checked ? 'arrival' : 'in')
  })

  it('does not let a session of an application that is left alone into one that is not', async () => {
    const trip = await openLoginTrip(database, { loginSecrets: { RV_CLIENTS: CLIENT_ID } })
    const email = trip.addUser()
    const { browser, page } = await trip.logIn(email, trip.browser(), {
      client_id: OTHER_CLIENT_ID,
    })
    expect(loginPlaceOf(page)).toBe('in')
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
    expect(loginPlaceOf((await trip.logIn(email, browser)).page)).toBe('arrival')
  })
})

describe('an Action whose secrets cannot protect anything', () => {
  const secret = randomSecret()
  const FAULTS: readonly (readonly [string, ActionSecrets])[] = [
    ['no RV_URL', { RV_URL: undefined }],
    ['an RV_URL without TLS', { RV_URL: 'http://verify.example.com' }],
    ['no RV_SESSION_SECRET', { RV_SESSION_SECRET: undefined }],
    ['a short RV_CONTINUE_SECRET', { RV_CONTINUE_SECRET: 'x'.repeat(31) }],
    ['a short RV_CONTINUE_SECRET_PREVIOUS', { RV_CONTINUE_SECRET_PREVIOUS: 'x'.repeat(31) }],
    [
      'one secret for both directions before',
      { RV_SESSION_SECRET: secret, RV_CONTINUE_SECRET_PREVIOUS: secret },
    ],
    ['one secret for both directions', { RV_SESSION_SECRET: secret, RV_CONTINUE_SECRET: secret }],
  ]

  it.each(FAULTS)('refuses every login: %s', async (_, loginSecrets) => {
    const trip = await openLoginTrip(database, {
      loginSecrets: { ...loginSecrets, RV_SILENT: 'allow' },
    })
    const { browser, page } = await trip.logIn(trip.addUser(['otp']))
    expect(loginPlaceOf(page)).toBe('refused')
    expect(told(page).error_description).toContain('Contact support: RV-SETUP.')
    expect(commands(trip)).toEqual(['access.deny'])
    expect(await trip.silently(browser)).toMatchObject({ error: 'access_denied' })
  })
})
