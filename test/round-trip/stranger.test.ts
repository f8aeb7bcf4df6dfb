/** Somebody who reads the user's mail, and somebody who lures the user to our page. */
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import {
  BERLIN,
  CHICAGO,
  openWorld,
  passVerifier,
  placeOf,
  REFERENCE,
  type World,
} from '../support/world.ts'

const database = await freshDatabase()

/** A user whose browser and place are known from many resets; the browser is the answer. */
async function knownUser(world: World, factors: readonly ['otp'] | readonly [] = []) {
  const email = world.addUser(factors)
  const home = world.browser(BERLIN)
  // Twice: the first visit brings no device cookie, the second the one it was given.
  for (const _ of [1, 2]) {
    await world.arrive(email, home)
    await passVerifier(home)
  }
  await world.makeHabit(email)
  return { email, home }
}

describe('somebody who reads the mail of a known user, abroad and in another browser', () => {
  it('is stopped with a code where the user has no second factor', async () => {
    const world = await openWorld(database)
    const { email } = await knownUser(world)
    const { browser } = await world.arrive(email, world.browser(CHICAGO))
    const page = await passVerifier(browser)
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toMatch(REFERENCE)
    expect((await world.records()).at(-1)).toMatchObject({ outcome: 'deny', assessed: 'step_up' })
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('is asked for the second factor of a user who has one', async () => {
    const world = await openWorld(database)
    const { email } = await knownUser(world, ['otp'])
    const { browser } = await world.arrive(email, world.browser(CHICAGO))
    expect(placeOf(await passVerifier(browser))).toBe('factor')
  })
})

it('the known user goes through at home: the cases above differ in place and browser alone', async () => {
  const world = await openWorld(database)
  const { email, home } = await knownUser(world)
  await world.arrive(email, home)
  expect(placeOf(await passVerifier(home))).toBe('new password')
})

/**
 * The stranger opens the link, and has the user open the verifier's address: the user's browser and
 * place are familiar, the token's address is not. Auth0 may not bind `/continue` to the browser.
 */
describe.each([true, false])('a lured user, with /continue bound to its browser: %s', (bound) => {
  const tenant = { switches: { cookieBinding: bound } }

  it.each([
    ['known', async (world: World) => knownUser(world)],
    [
      'never seen',
      async (world: World) => ({ email: world.addUser(), home: world.browser(BERLIN) }),
    ],
  ])('who is %s here opens nothing for the stranger', async (_, someone) => {
    const world = await openWorld(database, { tenant })
    const { email, home } = await someone(world)
    const { browser, page } = await world.arrive(email, world.browser(CHICAGO))
    const before = (await world.records()).length

    await home.visit(page.url)
    const end = await passVerifier(home)
    expect(placeOf(end)).toBe(bound ? 'lost' : 'stopped')
    const records = await world.records()
    expect(records).toHaveLength(before + 1)
    expect(records.at(-1)?.outcome).not.toBe('allow')

    await browser.visit(page.url)
    expect(placeOf(await browser.autoSubmit())).toBe('refused by the verifier')
    expect(await world.passwordOf(email)).toBe('old')
  })
})
