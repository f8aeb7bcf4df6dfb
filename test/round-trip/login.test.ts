/** A login through the tenant, the Action and the verifier: what is let in, and what is left behind. */
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import {
  alwaysStepUp,
  type LoginTrip,
  loginPlaceOf,
  openLoginTrip,
  STOPPED,
  told,
} from '../support/login-trip.ts'
import { claimsOf, linkOf, passVerifier, placeOf, wayBackOf } from '../support/world.ts'

const database = await freshDatabase()

describe.each([
  ['checked by validateToken as well', true],
  ['checked by the Action alone', false],
])('a login that nothing speaks against, sub %s', (_, validateTokenChecksSub) => {
  const tenant = { switches: { validateTokenChecksSub } }

  it('goes through, and leaves one record that says so', async () => {
    const trip = await openLoginTrip(database, { tenant })
    const { browser, page } = await trip.logIn(trip.addUser())
    expect(placeOf(page)).toBe('arrival')
    expect(placeOf(await browser.autoSubmit())).toBe('leaving')
    expect(loginPlaceOf(await browser.autoSubmit())).toBe('in')
    const tokens = await trip.exchange(browser.page)
    expect(tokens.id_token).toBeDefined()

    const records = await trip.records()
    expect(records).toMatchObject([{ outcome: 'allow', assessed: 'allow' }])
    expect(trip.actionLog()).toMatchObject([
      { wire: 1, outcome: 'sent' },
      {
        wire: 1,
        outcome: 'allow',
        reference: records[0]?.reference,
        assessment: records[0]?.id,
      },
    ])
  })
})

it('names the flow, and is answered with the nonce that it was sent with', async () => {
  const trip = await openLoginTrip(database)
  const { browser, page } = await trip.logIn(trip.addUser(['otp']))
  const sent = claimsOf(linkOf(page).token)
  expect(sent).toMatchObject({
    facts: { flow: 'login', factors: ['otp', 'email'], first_challenge: ['pwd'] },
  })
  const answer = claimsOf(wayBackOf(await browser.autoSubmit()).token)
  expect(answer).toMatchObject({ flow: 'login', decision: 'allow', nonce: sent.jti })
  expect(answer.jti).not.toBe(sent.jti)
})

it('a user on the deny list is refused, with the code of the record', async () => {
  const trip = await openLoginTrip(database)
  const email = trip.addUser()
  await trip.deny(email)
  const { browser } = await trip.logIn(email)
  const page = await passVerifier(browser)
  expect(loginPlaceOf(page)).toBe('refused')
  const [record] = await trip.records()
  expect(record).toMatchObject({ outcome: 'deny' })
  expect(STOPPED.exec(told(page).error_description ?? '')?.[1]).toBe(record?.reference)
})

describe('a hard denial', () => {
  const sessions = (trip: LoginTrip) => trip.tenant.trace.of('session.ended')

  it('leaves the session alone, which grants nothing without a person', async () => {
    const trip = await openLoginTrip(database)
    const email = trip.addUser()
    await trip.deny(email)
    const { browser } = await trip.logIn(email)
    await passVerifier(browser)
    expect(sessions(trip)).toEqual([])
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
  })

  it('ends it where RV_REVOKE is on', async () => {
    const trip = await openLoginTrip(database, { loginSecrets: { RV_REVOKE: 'on' } })
    const email = trip.addUser()
    await trip.deny(email)
    const { browser } = await trip.logIn(email)
    const page = await passVerifier(browser)
    expect(loginPlaceOf(page)).toBe('refused')
    expect(told(page).error_description).toMatch(STOPPED)
    expect(sessions(trip)).toMatchObject([{ data: { reason: 'revoked' } }])
    expect(await trip.silently(browser)).toMatchObject({ error: 'login_required' })
  })

  it('is a denial all the same where the tenant cannot revoke', async () => {
    const trip = await openLoginTrip(database, {
      loginSecrets: { RV_REVOKE: 'on' },
      loginCode: (code) => code.replace('api.session.revoke(text)', 'api.session.revoke(text, 1)'),
    })
    const email = trip.addUser()
    await trip.deny(email)
    const { browser } = await trip.logIn(email)
    expect(loginPlaceOf(await passVerifier(browser))).toBe('refused')
    expect(sessions(trip)).toEqual([])
    expect(trip.actionLog().slice(-2)).toMatchObject([
      { outcome: 'not_revoked' },
      { outcome: 'deny' },
    ])
  })

  it.each(['hold', 'form'] as const)(
    'is not what a user without a factor gets: no_factor %s',
    async (no_factor) => {
      const trip = await openLoginTrip(database, {
        policies: alwaysStepUp(no_factor),
        loginSecrets: { RV_REVOKE: 'on' },
      })
      const { browser } = await trip.logIn(trip.addUser([], { email_verified: false }))
      const page = await passVerifier(browser)
      expect(loginPlaceOf(page)).toBe('refused')
      expect(told(page).error_description).toMatch(STOPPED)
      expect(await trip.records()).toMatchObject([{ outcome: 'deny', assessed: 'step_up' }])
      expect(sessions(trip)).toEqual([])
    },
  )
})
