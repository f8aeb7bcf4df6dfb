import { expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import {
  BERLIN,
  claimsOf,
  linkOf,
  openWorld,
  passVerifier,
  placeOf,
  wayBackOf,
} from '../support/world.ts'

const database = await freshDatabase()

it('no token, secret, state, cookie, name or address is in a log or a record', async () => {
  const world = await openWorld(database)
  const email = world.addUser(['otp'])
  const listed = world.addUser()
  await world.deny(listed)

  const { browser, page } = await world.arrive(email)
  const { token, state } = linkOf(page)
  const back = wayBackOf(await browser.autoSubmit())
  await browser.autoSubmit()
  expect(placeOf(browser.page)).toBe('factor')
  // Refusals, which have the most reason to explain themselves.
  const stranger = world.browser()
  await stranger.visit(page.url)
  await stranger.autoSubmit()
  await stranger.visit(`${page.url}=`)
  await passVerifier((await world.arrive(listed)).browser)
  await world.records()
  await world.verifier.stop()

  const cookies = Object.values(await browser.cookies(world.origins.verifier))
  expect(cookies).toHaveLength(2)
  const forbidden = [
    token,
    ...token.split('.').slice(1),
    String(claimsOf(token).jti),
    state,
    back.token,
    ...back.token.split('.').slice(1),
    ...cookies,
    ...world.secrets.session,
    ...world.secrets.continue,
    world.secrets.identifier,
    email,
    world.tenant.users.get(email)?.user_id ?? email,
    BERLIN.ip,
  ]
  expect(forbidden.every((word) => word.length >= 8)).toBe(true)

  const { sql } = database
  const tables = ['assessment', 'redemption', 'state_claim', 'user_profile', 'rate_gcra', 'audit']
  const rows = await Promise.all(
    tables.map((table) => sql`select * from ${sql(table)} where tenant = ${world.tenantId}`),
  )
  expect(rows[0]).toHaveLength(2)
  const written = [
    ...world.lines,
    ...world.actionLog().map((line) => JSON.stringify(line)),
    ...rows.flat().map((row) => JSON.stringify(row)),
  ]
  for (const word of forbidden) {
    expect(written.filter((text) => text.includes(word))).toEqual([])
  }
})

it('the token names nobody and holds coarse facts alone', async () => {
  const world = await openWorld(database)
  const email = world.addUser(['otp', { type: 'phone', phone_number: '+1 555 0123' }], {
    name: 'Ada Lovelace',
    created_at: '2021-03-01T09:00:00.000Z',
    last_password_reset: '2025-03-01T09:00:00.000Z',
    logins_count: 12,
  })
  const { page } = await world.arrive(email)
  const claims = claimsOf(linkOf(page).token)
  expect(Object.keys(claims).sort()).toEqual(['exp', 'facts', 'iat', 'ip', 'iss', 'jti', 'sub'])
  expect(Number(claims.exp) - Number(claims.iat)).toBe(300)
  expect(claims.facts).toEqual({
    flow: 'password_reset',
    enforced: true,
    account_age_days: expect.any(Number),
    last_reset_age_days: expect.any(Number),
    factors: ['otp', 'phone', 'email'],
    first_challenge: ['email'],
    logins_count: 12,
    client_id: expect.any(String),
    language: 'en',
    country: 'DE',
    time_zone: 'Europe/Berlin',
    latitude: 52.5,
    longitude: 13.4,
  })
})

it('two tokens never share an id', async () => {
  const world = await openWorld(database)
  const email = world.addUser()
  const first = await world.arrive(email)
  const second = await world.arrive(email)
  const [one, two] = [first, second].map(({ page }) => claimsOf(linkOf(page).token).jti)
  expect(one).toMatch(/^[0-9a-f-]{36}$/)
  expect(one).not.toBe(two)
})
