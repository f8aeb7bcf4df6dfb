import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import {
  claimsOf,
  NO_ANSWER,
  openWorld,
  passVerifier,
  placeOf,
  wayBackOf,
} from '../support/world.ts'

const database = await freshDatabase()

describe('a session token that was used', () => {
  it('gives another browser nothing, and the first one its answer', async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    const { browser, page } = await world.arrive(email)
    await browser.autoSubmit()

    const other = world.browser()
    await other.visit(page.url)
    expect(placeOf(await other.autoSubmit())).toBe('refused by the verifier')
    expect(other.page.status).toBe(400)
    expect(await world.records()).toHaveLength(1)

    expect(placeOf(await browser.autoSubmit())).toBe('new password')
  })

  it('gives the same browser the same decision again, and no second record', async () => {
    const world = await openWorld(database)
    const { browser, page } = await world.arrive(world.addUser())
    const first = claimsOf(wayBackOf(await browser.autoSubmit()).token)

    await browser.visit(page.url)
    const second = claimsOf(wayBackOf(await browser.autoSubmit()).token)
    expect(second).toMatchObject({
      jti: first.jti,
      decision: first.decision,
      reference: first.reference,
    })
    expect(await world.records()).toHaveLength(1)
    expect(placeOf(await browser.autoSubmit())).toBe('new password')
  })

  it('is spent for the reset it came from when a stranger was faster', async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    const { browser, page } = await world.arrive(email)
    const stranger = world.browser()
    await stranger.visit(page.url)
    expect(placeOf(await stranger.autoSubmit())).toBe('leaving')
    expect(placeOf(await stranger.autoSubmit())).toBe('lost')

    expect(placeOf(await browser.autoSubmit())).toBe('refused by the verifier')
    expect(await world.records()).toHaveLength(1)
    expect(await world.passwordOf(email)).toBe('old')
  })
})

it('a double click gives two equal answers and one record', async () => {
  const world = await openWorld(database)
  const { browser, page } = await world.arrive(world.addUser())
  const [form] = page.forms
  const post = async () => {
    const answer = await browser.request(form?.action ?? '', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: world.origins.verifier,
        'sec-fetch-site': 'same-origin',
      },
      body: new URLSearchParams(Object.fromEntries(form?.fields ?? [])).toString(),
    })
    const [, token = ''] = /name="session_token" value="([^"]+)"/.exec(await answer.text()) ?? []
    return { status: answer.status, claims: claimsOf(token) }
  }
  const [one, two] = await Promise.all([post(), post()])
  expect([one.status, two.status]).toEqual([200, 200])
  expect(one.claims).toMatchObject({ decision: 'allow', jti: two.claims.jti })
  expect(await world.records()).toHaveLength(1)
})

describe('an answer that was used', () => {
  it('opens nothing a second time', async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    const { browser } = await world.arrive(email)
    const { action, values } = wayBackOf(await browser.autoSubmit())
    await browser.autoSubmit()
    expect(placeOf(await browser.post(action, values))).toBe('lost')
    expect(await world.passwordOf(email)).toBe('old')
  })

  it("does not open the same user's next reset", async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    const { browser } = await world.arrive(email)
    const { values } = wayBackOf(await browser.autoSubmit())
    await browser.autoSubmit()

    const { page } = await world.arrive(email, browser)
    const state = new URL(page.url).searchParams.get('state') ?? ''
    const action = `${world.origins.tenant}/continue?state=${encodeURIComponent(state)}`
    await browser.post(action, { ...values, state })
    expect(placeOf(browser.page)).toBe('stopped')
    expect(browser.page.text).toContain(NO_ANSWER)
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('is worth nothing in another browser', async () => {
    const world = await openWorld(database)
    const { browser } = await world.arrive(world.addUser())
    const { action, values } = wayBackOf(await browser.autoSubmit())
    expect(placeOf(await world.browser().post(action, values))).toBe('lost')
    expect(placeOf(await browser.autoSubmit())).toBe('new password')
  })
})

it('nothing is consumed by looking: the page may be opened any number of times, anywhere', async () => {
  const world = await openWorld(database)
  const { browser, page } = await world.arrive(world.addUser())
  for (let glance = 0; glance < 3; glance += 1) await world.browser().visit(page.url)
  expect(await world.records()).toEqual([])
  expect(placeOf(await passVerifier(browser))).toBe('new password')
})
