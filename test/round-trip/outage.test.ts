import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { createDatabaseGate } from '../support/database-gate.ts'
import {
  openWorld,
  passVerifier,
  placeOf,
  REFERENCE,
  TRY_AGAIN,
  type World,
} from '../support/world.ts'

const database = await freshDatabase()

const legs = ({ tenant }: World) => tenant.trace.of('action.ran').map(({ data }) => data)
const redirects = ({ tenant }: World) => tenant.trace.of('redirect.sent')

describe('while the verifier is down', () => {
  it('the reset stops and says to try again', async () => {
    const world = await openWorld(database)
    const email = world.addUser(['otp'])
    await world.verifier.stop()
    const { page } = await world.arrive(email)
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toContain(TRY_AGAIN)
    expect(redirects(world)).toEqual([])
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('the link works as soon as the verifier does: nobody remembers that it was down', async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    const browser = world.browser()
    const link = await world.linkFor(email, browser)
    await world.verifier.stop()
    expect(placeOf(await browser.visit(link))).toBe('stopped')
    await world.verifier.start()
    expect(placeOf(await browser.visit(link))).toBe('arrival')
    expect(placeOf(await passVerifier(browser))).toBe('new password')
  })

  describe('and the Action may ask for a second factor instead', () => {
    const actionSecrets = { RV_WHEN_DOWN: 'step_up' }

    it('one on another channel than the link is asked for', async () => {
      const world = await openWorld(database, { actionSecrets })
      const email = world.addUser(['otp'])
      await world.verifier.stop()
      const { page } = await world.arrive(email)
      expect(placeOf(page)).toBe('factor')
      const [leg] = legs(world)
      expect(leg?.commands).toEqual([
        { type: 'authentication.challengeWithAny', factors: [{ type: 'otp' }] },
      ])
    })

    it.each([
      ['has none', ['email'] as const, false],
      ['has one, but Auth0 cannot tell', ['otp'] as const, true],
    ])('a user who %s is stopped', async (_, factors, enrolledFactorsUnavailable) => {
      const world = await openWorld(database, {
        actionSecrets,
        tenant: { faults: { enrolledFactorsUnavailable } },
      })
      const email = world.addUser(factors)
      await world.verifier.stop()
      const { page } = await world.arrive(email)
      expect(placeOf(page)).toBe('stopped')
      expect(page.text).toContain(TRY_AGAIN)
      expect(await world.passwordOf(email)).toBe('old')
    })
  })

  it('any other value of RV_WHEN_DOWN denies', async () => {
    const world = await openWorld(database, { actionSecrets: { RV_WHEN_DOWN: 'Step_up' } })
    await world.verifier.stop()
    const { page } = await world.arrive(world.addUser(['otp']))
    expect(placeOf(page)).toBe('stopped')
  })
})

describe('the health check', () => {
  const ANSWERS: readonly (readonly [string, RequestListener])[] = [
    ['503', (_, answer) => answer.writeHead(503).end()],
    ['404', (_, answer) => answer.writeHead(404).end()],
    ['a redirect, even one that leads to 200', redirecting],
    ['nothing at all', () => {}],
  ]

  function redirecting(...[{ url }, answer]: Parameters<RequestListener>) {
    if (url === '/readyz') answer.writeHead(302, { location: '/other' }).end()
    else answer.writeHead(200).end()
  }

  it.each(ANSWERS)('takes %s for down', async (_, listener) => {
    const origin = await openServer(listener)
    const world = await openWorld(database, { actionSecrets: { RV_URL: origin } })
    const { page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toContain(TRY_AGAIN)
    expect(world.actionLog()).toMatchObject([{ outcome: 'down' }])
  })

  it('is asked once in thirty seconds while the answer is up, and each time otherwise', async () => {
    const asked: string[] = []
    let status = 503
    const origin = await openServer(({ url = '' }, answer) => {
      if (url === '/readyz') asked.push(url)
      answer.writeHead(url === '/readyz' ? status : 404).end()
    })
    const world = await openWorld(database, { actionSecrets: { RV_URL: origin } })
    const email = world.addUser()
    const askedAfter = async () => {
      await world.arrive(email)
      return asked.length
    }
    expect([await askedAfter(), await askedAfter()]).toEqual([1, 2])
    status = 200
    expect([await askedAfter(), await askedAfter()]).toEqual([3, 3])
    world.tenant.clock.advanceSeconds(31)
    expect([await askedAfter(), await askedAfter()]).toEqual([4, 4])
  })
})

describe('while the database is down', () => {
  it('the page says so, the token stays good, and the same browser gets through afterwards', async () => {
    const gate = await createDatabaseGate(database.url)
    const world = await openWorld(database, { databaseUrl: gate.url })
    onTestFinished(() => gate.shut())
    const email = world.addUser()
    const { browser, page } = await world.arrive(email)
    await gate.shut()
    const outage = await browser.autoSubmit()
    expect(outage.status).toBe(503)
    expect(outage.headers.get('retry-after')).not.toBeNull()
    expect(placeOf(outage)).not.toBe('leaving')
    expect(await world.records()).toEqual([])

    await gate.open()
    await expect
      .poll(async () => {
        await browser.visit(page.url)
        return placeOf(await browser.autoSubmit())
      })
      .toBe('leaving')
    expect(placeOf(await browser.autoSubmit())).toBe('new password')
    expect(await world.records()).toMatchObject([{ outcome: 'allow' }])
  })

  it('the Action does not send anybody: /readyz says that the verifier is not ready', async () => {
    const gate = await createDatabaseGate(database.url)
    const world = await openWorld(database, { databaseUrl: gate.url })
    await gate.shut()
    const { page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toContain(TRY_AGAIN)
    expect(redirects(world)).toEqual([])
  })

  describe('and the tenant prefers friction to a retry', () => {
    const tenantEntry = { when_unavailable: 'step_up' }

    it('a user with a second factor is asked for it, and nothing is recorded', async () => {
      const gate = await createDatabaseGate(database.url)
      const world = await openWorld(database, { databaseUrl: gate.url, tenantEntry })
      const { browser } = await world.arrive(world.addUser(['otp']))
      await gate.shut()
      expect(placeOf(await passVerifier(browser))).toBe('factor')
      expect(await world.records()).toEqual([])
    })

    it('a user without one is stopped with a code', async () => {
      const gate = await createDatabaseGate(database.url)
      const world = await openWorld(database, { databaseUrl: gate.url, tenantEntry })
      const email = world.addUser()
      const { browser } = await world.arrive(email)
      await gate.shut()
      const page = await passVerifier(browser)
      expect(placeOf(page)).toBe('stopped')
      expect(page.text).toMatch(REFERENCE)
      expect(await world.passwordOf(email)).toBe('old')
    })
  })
})

/** On a loopback port until the test ends. */
async function openServer(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}
