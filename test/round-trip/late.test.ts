import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { NO_ANSWER, openWorld, passVerifier, placeOf } from '../support/world.ts'

const database = await freshDatabase()

describe('too late', () => {
  it('a session token that expired before it arrived is refused, and nothing is stored', async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    world.tenant.clock.advanceSeconds(-306)
    const { page } = await world.arrive(email)
    expect(placeOf(page)).toBe('refused by the verifier')
    expect(page.status).toBe(400)
    expect(await world.records()).toEqual([])
  })

  it('a session token that expired while the page was open is refused too', async () => {
    const world = await openWorld(database)
    // Minted with no second left but the five of tolerance, which pass while others look at the page.
    world.tenant.clock.advanceSeconds(-300)
    const { browser, page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe('arrival')
    const glance = async () => placeOf(await world.browser().visit(page.url))
    await expect.poll(glance, { timeout: 15_000 }).toBe('refused by the verifier')
    expect(placeOf(await browser.autoSubmit())).toBe('refused by the verifier')
    expect(await world.records()).toEqual([])
  })

  it('an answer that expired on the way back opens nothing', async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    const { browser } = await world.arrive(email)
    await browser.autoSubmit()
    world.tenant.clock.advanceSeconds(121)
    const page = await browser.autoSubmit()
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toContain(NO_ANSWER)
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('a reset that waited more than an hour is gone at the tenant', async () => {
    const world = await openWorld(database)
    const { browser } = await world.arrive(world.addUser())
    await browser.autoSubmit()
    world.tenant.clock.advanceSeconds(3601)
    expect(placeOf(await browser.autoSubmit())).toBe('lost')
  })

  it('the link in the mail still works afterwards, in a new reset', async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    const browser = world.browser()
    const link = await world.linkFor(email, browser)
    await browser.visit(link)
    await browser.autoSubmit()
    world.tenant.clock.advanceSeconds(121)
    expect(placeOf(await browser.autoSubmit())).toBe('stopped')

    world.tenant.clock.follow()
    await browser.visit(link)
    expect(placeOf(await passVerifier(browser))).toBe('new password')
    await world.setPassword(browser)
    expect(await world.passwordOf(email)).toBe('new')
  })
})

it('nearly too late is in time: the last seconds of both tokens', async () => {
  const world = await openWorld(database)
  const email = world.addUser()
  world.tenant.clock.advanceSeconds(-280)
  const { browser } = await world.arrive(email)
  await browser.autoSubmit()
  world.tenant.clock.follow()
  world.tenant.clock.advanceSeconds(100)
  expect(placeOf(await browser.autoSubmit())).toBe('new password')
})
