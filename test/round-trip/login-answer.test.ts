/** Answers to a login that come late, twice, from elsewhere, or one change away from the good one. */
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import {
  type LoginTrip,
  loginPlaceOf,
  openLoginTrip,
  told,
  UNFINISHED,
} from '../support/login-trip.ts'
import {
  claimsOf,
  linkOf,
  passVerifier,
  placeOf,
  randomSecret,
  wayBackOf,
} from '../support/world.ts'

const database = await freshDatabase()

type Claims = Readonly<Record<string, unknown>>

/** By hand: a mistake of the verifier's own signing must not hide here. */
function sign(claims: Claims, secret: string) {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

async function answer(trip: LoginTrip, change: (claims: Claims) => string) {
  const { browser } = await trip.logIn(trip.addUser(['otp']))
  const { action, values, token } = wayBackOf(await browser.autoSubmit())
  await browser.post(action, { ...values, session_token: change(claimsOf(token)) })
  return browser
}

const secretOf = ({ secrets }: LoginTrip) => secrets.continue[0] ?? ''

const CHANGES: readonly (readonly [string, Claims])[] = [
  ['no nonce', { nonce: undefined }],
  ['an empty nonce', { nonce: '' }],
  ['another nonce', { nonce: '00000000-0000-4000-8000-000000000000' }],
  ['a nonce that is true', { nonce: true }],
  ['the nonce of nobody', { nonce: null }],
  ['no decision', { decision: undefined }],
  ['a decision in capitals', { decision: 'ALLOW' }],
  ['a decision in a list', { decision: ['allow'] }],
  ['a decision that nobody knows', { decision: 'permit' }],
  ['no flow', { flow: undefined }],
  ['the flow of a reset', { flow: 'password_reset' }],
  ['no subject', { sub: undefined }],
  ["another user's subject", { sub: 'auth0|0123456789abcdef01234567' }],
  ['another state', { state: 'another' }],
  ['an expiry that is over', { exp: 1_700_000_000 }],
]

describe.each([true, false])('with validateToken checking sub: %s', (validateTokenChecksSub) => {
  const tenant = { switches: { validateTokenChecksSub } }

  it('the answer lets the user in as it stands', async () => {
    const trip = await openLoginTrip(database, { tenant })
    const { page } = await answer(trip, (claims) => sign(claims, secretOf(trip)))
    expect(loginPlaceOf(page)).toBe('in')
  })

  it.each(CHANGES)('%s lets nobody in, and leaves no record in the session', async (_, change) => {
    const trip = await openLoginTrip(database, { tenant })
    const browser = await answer(trip, (claims) => sign({ ...claims, ...change }, secretOf(trip)))
    expect(loginPlaceOf(browser.page)).toBe('refused')
    expect(told(browser.page).error_description).toBe(UNFINISHED)
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
  })
})

it('an answer under another secret lets nobody in', async () => {
  const trip = await openLoginTrip(database)
  const { page } = await answer(trip, (claims) => sign(claims, randomSecret()))
  expect(loginPlaceOf(page)).toBe('refused')
})

it.each([
  ['one', {}],
  ['none', { nonce: undefined }],
])('an answer with %s lets nobody in where the Action kept no nonce', async (_, change) => {
  const trip = await openLoginTrip(database, {
    loginCode: (code) => {
      const without = code.replace("api.transaction.setMetadata('rv_nonce', nonce)", '')
      if (without === code) throw new Error('The line to take out was not found.')
      return without
    },
  })
  const { page } = await answer(trip, (claims) => sign({ ...claims, ...change }, secretOf(trip)))
  expect(loginPlaceOf(page)).toBe('refused')
})

it('a denial without a code still refuses, and shows none', async () => {
  const trip = await openLoginTrip(database)
  const { page } = await answer(trip, (claims) =>
    sign({ ...claims, decision: 'deny', reference: undefined, reasons: undefined }, secretOf(trip)),
  )
  expect(loginPlaceOf(page)).toBe('refused')
  expect(told(page).error_description).toContain('RV-ANSWER')
})

describe('an answer that was used', () => {
  it('lets nobody in a second time', async () => {
    const trip = await openLoginTrip(database)
    const { browser } = await trip.logIn(trip.addUser())
    const { action, values } = wayBackOf(await browser.autoSubmit())
    expect(loginPlaceOf(await browser.autoSubmit())).toBe('in')
    expect(placeOf(await browser.post(action, values))).toBe('lost')
  })

  it('is worth nothing in another browser', async () => {
    const trip = await openLoginTrip(database)
    const { browser } = await trip.logIn(trip.addUser())
    const { action, values } = wayBackOf(await browser.autoSubmit())
    expect(placeOf(await trip.browser().post(action, values))).toBe('lost')
    expect(loginPlaceOf(await browser.autoSubmit())).toBe('in')
  })
})

it('a session token that was used gives another browser nothing', async () => {
  const trip = await openLoginTrip(database)
  const { browser, page } = await trip.logIn(trip.addUser())
  await browser.autoSubmit()
  const other = trip.browser()
  await other.visit(page.url)
  expect(placeOf(await other.autoSubmit())).toBe('refused by the verifier')
  expect(await trip.records()).toHaveLength(1)
  expect(loginPlaceOf(await browser.autoSubmit())).toBe('in')
})

describe('too late', () => {
  it('a session token that expired before it arrived is refused, and nothing is stored', async () => {
    const trip = await openLoginTrip(database)
    trip.tenant.clock.advanceSeconds(-306)
    const { page } = await trip.logIn(trip.addUser())
    expect(placeOf(page)).toBe('refused by the verifier')
    expect(await trip.records()).toEqual([])
  })

  it('an answer that expired on the way back lets nobody in', async () => {
    const trip = await openLoginTrip(database)
    const { browser } = await trip.logIn(trip.addUser())
    await browser.autoSubmit()
    trip.tenant.clock.advanceSeconds(121)
    const page = await browser.autoSubmit()
    expect(loginPlaceOf(page)).toBe('refused')
    expect(told(page).error_description).toBe(UNFINISHED)
  })

  it('a login that waited more than an hour is gone at the tenant', async () => {
    const trip = await openLoginTrip(database)
    const { browser } = await trip.logIn(trip.addUser())
    await browser.autoSubmit()
    trip.tenant.clock.advanceSeconds(3601)
    expect(placeOf(await browser.autoSubmit())).toBe('lost')
  })
})

describe('a wrong state', () => {
  it('from the tenant leads to an answer that nobody takes', async () => {
    const trip = await openLoginTrip(database, { tenant: { faults: { wrongState: true } } })
    const { browser } = await trip.logIn(trip.addUser())
    expect(placeOf(await passVerifier(browser))).toBe('lost')
  })

  it('beside the right answer lets nobody in', async () => {
    const trip = await openLoginTrip(database)
    const { browser, page } = await trip.logIn(trip.addUser())
    const address = new URL(page.url)
    address.searchParams.set('state', `${linkOf(page).state}x`)
    await browser.visit(address.href)
    expect(placeOf(await passVerifier(browser))).toBe('lost')
  })
})
