import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import {
  NO_ANSWER,
  openWorld,
  passVerifier,
  placeOf,
  randomSecret,
  type World,
} from '../support/world.ts'

const database = await freshDatabase()

const secretsOf = ({ tenantId }: World, session: readonly string[], back: readonly string[]) => ({
  RV_SECRETS: JSON.stringify({ [tenantId]: { session, continue: back } }),
})

describe('while the session secret is replaced', () => {
  const [next, now, back] = [randomSecret(), randomSecret(), randomSecret()]
  const secrets = { session: [next, now], continue: [back], identifier: randomSecret() }

  it.each([
    ['the new one', next],
    ['the one before', now],
  ])('an Action that signs with %s is understood', async (_, secret) => {
    const world = await openWorld(database, {
      secrets,
      actionSecrets: { RV_SESSION_SECRET: secret },
    })
    const { browser } = await world.arrive(world.addUser())
    expect(placeOf(await passVerifier(browser))).toBe('new password')
  })

  it('the one before is refused as soon as it is taken out, and nothing is stored', async () => {
    const world = await openWorld(database, { secrets, actionSecrets: { RV_SESSION_SECRET: now } })
    await world.verifier.stop()
    await world.verifier.start(secretsOf(world, [next], [back]))
    const { page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe('refused by the verifier')
    expect(page.status).toBe(400)
    expect(await world.records()).toEqual([])
  })

  it('a page that was opened before the restart still works after it', async () => {
    const world = await openWorld(database, { secrets, actionSecrets: { RV_SESSION_SECRET: now } })
    const { browser } = await world.arrive(world.addUser())
    await world.verifier.stop()
    await world.verifier.start()
    expect(placeOf(await passVerifier(browser))).toBe('new password')
  })
})

describe('while the continue secret is replaced', () => {
  const [next, now] = [randomSecret(), randomSecret()]
  const session = [randomSecret()]
  const secrets = { session, continue: [next, now], identifier: randomSecret() }

  it('the verifier signs with the new one, which an Action that holds it takes', async () => {
    const world = await openWorld(database, { secrets })
    const { browser } = await world.arrive(world.addUser())
    expect(placeOf(await passVerifier(browser))).toBe('new password')
  })

  it('an Action that holds only the one before stops the reset', async () => {
    const world = await openWorld(database, { secrets, actionSecrets: { RV_CONTINUE_SECRET: now } })
    const email = world.addUser()
    const { browser } = await world.arrive(email)
    const page = await passVerifier(browser)
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toContain(NO_ANSWER)
    expect(await world.passwordOf(email)).toBe('old')
  })
})

describe('with a secret of somebody else', () => {
  it('a session token is refused, and nothing is stored', async () => {
    const world = await openWorld(database, {
      actionSecrets: { RV_SESSION_SECRET: randomSecret() },
    })
    const { page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe('refused by the verifier')
    expect(await world.records()).toEqual([])
  })

  it('the secrets do not work in the other direction', async () => {
    const session = randomSecret()
    const back = randomSecret()
    const world = await openWorld(database, {
      secrets: { session: [session], continue: [back], identifier: randomSecret() },
      actionSecrets: { RV_SESSION_SECRET: back, RV_CONTINUE_SECRET: session },
    })
    const { page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe('refused by the verifier')
    expect(await world.records()).toEqual([])
  })
})
