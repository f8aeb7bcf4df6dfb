/** Logins without a person: what a session that was checked may do, and what one that was not may not. */
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import {
  alwaysStepUp,
  type LoginTrip,
  type LoginTripOptions,
  loginPlaceOf,
  openLoginTrip,
} from '../support/login-trip.ts'
import {
  CLIENT_ID,
  OLD_PASSWORD,
  OTHER_CLIENT_ID,
  passVerifier,
  placeOf,
} from '../support/world.ts'

const database = await freshDatabase()
const HOUR = 3600

async function loggedIn(options: LoginTripOptions = {}) {
  const trip = await openLoginTrip(database, options)
  const email = trip.addUser()
  const { browser } = await trip.logIn(email)
  expect(loginPlaceOf(await passVerifier(browser))).toBe('in')
  return { trip, email, browser }
}

/** A session whose login ended at the verifier: the password was right, and nothing more. */
async function unchecked(options: LoginTripOptions = {}) {
  const trip = await openLoginTrip(database, options)
  const { browser, page } = await trip.logIn(trip.addUser())
  expect(placeOf(page)).toBe('arrival')
  return { trip, browser }
}

const sentAway = ({ tenant }: LoginTrip) => tenant.trace.of('redirect.sent').length

describe('prompt=none', () => {
  it('is let through in a session that was checked, without asking the verifier', async () => {
    const { trip, browser } = await loggedIn()
    await trip.verifier.stop()
    expect(await trip.silently(browser)).toHaveProperty('code')
    expect(await trip.silently(browser, { client_id: OTHER_CLIENT_ID })).toHaveProperty('code')
    expect(trip.actionLog().at(-1)).toMatchObject({ outcome: 'checked' })
    expect(sentAway(trip)).toBe(1)
  })

  it('is told to log in where nobody checked the session', async () => {
    const { trip, browser } = await unchecked()
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
    expect(trip.actionLog().at(-1)).toMatchObject({ outcome: 'silent' })
    expect(sentAway(trip)).toBe(1)
    expect(await trip.records()).toEqual([])
  })

  it('is let through everywhere with RV_SILENT allow', async () => {
    const { trip, browser } = await unchecked({ loginSecrets: { RV_SILENT: 'allow' } })
    expect(await trip.silently(browser)).toHaveProperty('code')
  })

  it.each(['', 'ALLOW', 'yes', undefined])('is not with RV_SILENT %j', async (RV_SILENT) => {
    const { trip, browser } = await unchecked({ loginSecrets: { RV_SILENT } })
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
  })

  it('is told to log in when the check is too old, and let through after a new one', async () => {
    const { trip, email, browser } = await loggedIn()
    trip.tenant.clock.advanceSeconds(12 * HOUR - 60)
    expect(await trip.silently(browser)).toHaveProperty('code')
    trip.tenant.clock.advanceSeconds(120)
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
    // The verifier lives in real time.
    trip.tenant.clock.follow()
    trip.deployLogin({ RV_REMEMBER_HOURS: '0' })
    expect(placeOf((await trip.logIn(email, browser)).page)).toBe('arrival')
    expect(loginPlaceOf(await passVerifier(browser))).toBe('in')
    trip.deployLogin()
    expect(await trip.silently(browser)).toHaveProperty('code')
  })

  it.each(['0', '-1', 'a day', 'NaN'])(
    'remembers nothing for %j hours',
    async (RV_REMEMBER_HOURS) => {
      const { trip, browser } = await loggedIn({ loginSecrets: { RV_REMEMBER_HOURS } })
      expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
    },
  )

  it('is let through in a session that passed the factor the verifier asked for', async () => {
    const trip = await openLoginTrip(database, { policies: alwaysStepUp() })
    const { browser } = await trip.logIn(trip.addUser(['push-notification']))
    await passVerifier(browser)
    await browser.submit(undefined, {}, 'push-notification')
    expect(loginPlaceOf(await browser.submit('Approve'))).toBe('in')
    expect(await trip.silently(browser)).toHaveProperty('code')
    trip.tenant.clock.advanceSeconds(12 * HOUR + 60)
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
  })

  it('is told to log in while the factor the verifier asked for is open', async () => {
    const trip = await openLoginTrip(database, { policies: alwaysStepUp() })
    const { browser } = await trip.logIn(trip.addUser(['otp']))
    expect(placeOf(await passVerifier(browser))).toBe('factor')
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
  })
})

describe('a further login in the same session', () => {
  it('is not sent to the verifier again', async () => {
    const { trip, email, browser } = await loggedIn()
    const { page } = await trip.logIn(email, browser, { client_id: OTHER_CLIENT_ID })
    expect(loginPlaceOf(page)).toBe('in')
    expect(await trip.records()).toHaveLength(1)
  })

  it('is checked again when the password was asked for again', async () => {
    const { trip, email, browser } = await loggedIn()
    const { page } = await trip.logIn(email, browser, { prompt: 'login' })
    expect(placeOf(page)).toBe('arrival')
    expect(await trip.silently(browser)).toMatchObject({ error: 'interaction_required' })
  })

  it("is checked again when it is another user's", async () => {
    const { trip, browser } = await loggedIn()
    const { page } = await trip.logIn(trip.addUser(), browser, { prompt: 'login' })
    expect(placeOf(page)).toBe('arrival')
  })

  /** Minutes ago → what the session says was passed then; `own` is under the verifier's address. */
  const METHODS: readonly (readonly [string, boolean, readonly Method[]])[] = [
    [
      'the check came after the password',
      true,
      [
        ['pwd', 9],
        ['allow', 8],
      ],
    ],
    [
      'another factor was passed and another site visited since',
      true,
      [
        ['pwd', 9],
        ['allow', 8],
        ['mfa', 7],
        ['https://elsewhere.example/allow', 6],
      ],
    ],
    [
      'the password came after the check',
      false,
      [
        ['allow', 9],
        ['pwd', 8],
      ],
    ],
    [
      'the password came after the check, and before it',
      false,
      [
        ['pwd', 9],
        ['allow', 8],
        ['pwd', 7],
      ],
    ],
    ['no first factor is known', false, [['allow', 8]]],
    [
      'the check was made by another site',
      false,
      [
        ['pwd', 9],
        ['https://elsewhere.example/allow', 8],
      ],
    ],
    [
      'the check has no address',
      false,
      [
        ['pwd', 9],
        ['allow ', 8],
      ],
    ],
    [
      'a factor was passed after it was asked for',
      true,
      [
        ['pwd', 9],
        ['step_up', 8, 8],
        ['mfa', 7],
      ],
    ],
    [
      'a factor was passed before it was asked for',
      false,
      [
        ['pwd', 9],
        ['mfa', 8],
        ['step_up', 7, 7],
      ],
    ],
    [
      'a factor was passed before, whenever the record was written',
      false,
      [
        ['pwd', 9],
        ['mfa', 8],
        ['step_up', 9, 7],
      ],
    ],
    [
      'a factor was asked for and none passed',
      false,
      [
        ['pwd', 9],
        ['step_up', 8, 8],
      ],
    ],
    [
      'a factor was passed and nobody asked',
      false,
      [
        ['pwd', 9],
        ['mfa', 8],
      ],
    ],
    [
      'the password came after the factor',
      false,
      [
        ['pwd', 9],
        ['step_up', 8, 8],
        ['mfa', 7],
        ['pwd', 6],
      ],
    ],
    [
      'the password came after the factor was asked for',
      false,
      [
        ['step_up', 9, 9],
        ['pwd', 8],
        ['mfa', 7],
      ],
    ],
    [
      'a factor was asked for at no time',
      false,
      [
        ['pwd', 9],
        ['step_up', 8, Number.NaN],
        ['mfa', 7],
      ],
    ],
  ]

  it.each(METHODS)('%s: is let through %s', async (_, passes, methods) => {
    const { trip, browser } = await unchecked()
    const ago = (minutes: number) => Date.now() - minutes * 60_000
    const nameOf = ([name, , asked]: Method) => {
      if (name === 'allow') return `${trip.origins.verifier}/allow`
      return name === 'step_up' ? `${trip.origins.verifier}/step_up/${ago(asked ?? 0)}` : name
    }
    trip.tenant.eventOverrides['post-login'] = {
      authentication: {
        methods: methods.map((method) => ({
          name: nameOf(method).trim(),
          timestamp: new Date(ago(method[1])).toISOString(),
        })),
      },
    }
    const told = await trip.silently(browser)
    if (passes) expect(told).toHaveProperty('code')
    else expect(told).toMatchObject({ error: 'interaction_required' })
  })
})

type Method = readonly [name: string, minutesAgo: number, askedMinutesAgo?: number]

describe('a refresh token', () => {
  it('goes on working, also while the verifier is down: its login was let through', async () => {
    const { trip, browser } = await loggedIn()
    const tokens = await trip.exchange(browser.page)
    expect(tokens.refresh_token).toBeDefined()
    await trip.verifier.stop()
    const refreshed = await trip.token({
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token ?? '',
    })
    expect(refreshed.access_token).toBeDefined()
    expect(trip.actionLog().at(-1)).toMatchObject({
      outcome: 'silent',
      protocol: 'oauth2-refresh-token',
    })
  })
})

describe('a password at the token endpoint', () => {
  const grant = (trip: LoginTrip, username: string) =>
    trip.token({ grant_type: 'password', username, password: OLD_PASSWORD })

  it('is refused: nobody can be sent to the verifier', async () => {
    const trip = await openLoginTrip(database)
    const answer = await grant(trip, trip.addUser())
    expect(answer).toMatchObject({ error: 'access_denied' })
    expect(answer).not.toHaveProperty('access_token')
    expect(sentAway(trip)).toBe(0)
  })

  it('is let through with RV_SILENT allow', async () => {
    const trip = await openLoginTrip(database, { loginSecrets: { RV_SILENT: 'allow' } })
    expect(await grant(trip, trip.addUser())).toHaveProperty('access_token')
  })

  it('is let through for an application that is not named in RV_CLIENTS', async () => {
    const trip = await openLoginTrip(database, { loginSecrets: { RV_CLIENTS: OTHER_CLIENT_ID } })
    expect(await grant(trip, trip.addUser())).toHaveProperty('access_token')
    trip.deployLogin({ RV_CLIENTS: CLIENT_ID })
    expect(await grant(trip, trip.addUser())).toMatchObject({ error: 'access_denied' })
  })
})

it('RV_MODE observe lets all of them through, and says what they were', async () => {
  const { trip, browser } = await unchecked({ loginSecrets: { RV_MODE: 'observe' } })
  expect(await trip.silently(browser)).toHaveProperty('code')
  const answer = await trip.token({
    grant_type: 'password',
    username: trip.addUser(),
    password: OLD_PASSWORD,
  })
  expect(answer).toHaveProperty('access_token')
  expect(trip.actionLog().slice(-2)).toMatchObject([
    { outcome: 'silent', protocol: 'oidc-basic-profile' },
    { outcome: 'silent', protocol: 'oauth2-password' },
  ])
})
