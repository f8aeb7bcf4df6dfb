/** Tokens, states and answers of different resets, put together by somebody who holds several. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { ActionSpec, Browser } from '../../src/emulator/index.ts'
import { freshDatabase } from '../support/database.ts'
import {
  linkOf,
  NO_ANSWER,
  openWorld,
  passVerifier,
  placeOf,
  type World,
  wayBackOf,
} from '../support/world.ts'

const database = await freshDatabase()

const addressOf = (world: World, { token, state }: { token: string; state: string }) =>
  `${world.origins.verifier}/verify?${new URLSearchParams({ session_token: token, state })}`

/** Two resets each of two users, all open in one browser: the most that cookies can allow. */
async function fourResets(world: World, browser: Browser) {
  const [one, two] = [world.addUser(), world.addUser()]
  const resets = []
  for (const email of [one, one, two, two]) {
    const { page } = await world.arrive(email, browser)
    resets.push({ email, ...linkOf(page) })
  }
  return resets
}

const PAIRS = [0, 1, 2, 3].flatMap((token) => [0, 1, 2, 3].map((state) => [token, state] as const))
const sameUser = (token: number, state: number) => token < 2 === state < 2

describe.each([true, false])('with validateToken checking sub: %s', (validateTokenChecksSub) => {
  const tenant = { switches: { validateTokenChecksSub } }

  it.each(PAIRS.filter(([token, state]) => !sameUser(token, state)))(
    "token %i does not open state %i, which is another user's",
    async (token, state) => {
      const world = await openWorld(database, { tenant })
      const browser = world.browser()
      const resets = await fourResets(world, browser)
      await browser.visit(
        addressOf(world, {
          token: resets[token]?.token ?? '',
          state: resets[state]?.state ?? '',
        }),
      )
      const page = await passVerifier(browser)
      expect(placeOf(page)).toBe('stopped')
      expect(page.text).toContain(NO_ANSWER)
      expect(await world.passwordOf(resets[state]?.email ?? '')).toBe('old')
    },
  )

  it.each([0, 1, 2, 3])('token %i opens the state it was sent with', async (index) => {
    const world = await openWorld(database, { tenant })
    const browser = world.browser()
    const resets = await fourResets(world, browser)
    await browser.visit(addressOf(world, resets[index] ?? { token: '', state: '' }))
    expect(placeOf(await passVerifier(browser))).toBe('new password')
  })

  it("another user's answer does not open a reset", async () => {
    const world = await openWorld(database, { tenant })
    const [thief, victim] = [world.addUser(), world.addUser()]
    const theirs = await world.arrive(thief)
    const { values } = wayBackOf(await theirs.browser.autoSubmit())
    const { browser, page } = await world.arrive(victim)
    const { state } = linkOf(page)
    const action = `${world.origins.tenant}/continue?state=${encodeURIComponent(state)}`
    expect(placeOf(await browser.post(action, { ...values, state }))).toBe('stopped')
    expect(await world.passwordOf(victim)).toBe('old')
  })

  it('a session token that is sent back as its own answer opens nothing', async () => {
    const world = await openWorld(database, { tenant })
    const email = world.addUser()
    const { browser, page } = await world.arrive(email)
    const { token, state } = linkOf(page)
    const action = `${world.origins.tenant}/continue?state=${encodeURIComponent(state)}`
    expect(placeOf(await browser.post(action, { session_token: token, state }))).toBe('stopped')
    expect(browser.page.text).toContain(NO_ANSWER)
    expect(await world.records()).toEqual([])
    expect(await world.passwordOf(email)).toBe('old')
  })

  it.each(['GET', 'POST'])('/continue by %s without a token opens nothing', async (method) => {
    const world = await openWorld(database, { tenant })
    const email = world.addUser()
    const { browser, page } = await world.arrive(email)
    const { state } = linkOf(page)
    const action = `${world.origins.tenant}/continue?state=${encodeURIComponent(state)}`
    if (method === 'GET') await browser.visit(action)
    else await browser.post(action, { state })
    expect(placeOf(browser.page)).toBe('stopped')
    expect(browser.page.text).toContain(NO_ANSWER)
    expect(await world.passwordOf(email)).toBe('old')
  })
})

/**
 * Auth0 finds the transaction by the state of the address, and `validateToken` compares with the one of the
 * body: named in both places, one answer would open every reset that its user has open.
 */
it.each(['password-reset-verify', 'password-reset-recovery-form'])(
  '%s: an answer opens no other reset of its user, whichever state the body names',
  async (name) => {
    const file = fileURLToPath(new URL(`../../actions/${name}.js`, import.meta.url))
    const world = await openWorld(database, {
      actions: (reference) => [{ ...reference, name, file }],
    })
    const browser = world.browser()
    const email = world.addUser()
    const other = linkOf((await world.arrive(email, browser)).page)
    const own = linkOf((await world.arrive(email, browser)).page)
    await browser.visit(addressOf(world, own))
    const { values } = wayBackOf(await browser.autoSubmit())
    const action = `${world.origins.tenant}/continue?state=${encodeURIComponent(other.state)}`
    expect(values.state).toBe(own.state)
    expect(placeOf(await browser.post(action, values))).toBe('stopped')
    expect(browser.page.text).toContain(NO_ANSWER)
    expect(await world.passwordOf(email)).toBe('old')
    expect(await world.records()).toHaveLength(1)
  },
)

/** The reference Action with one check taken out: shows that the cases above can fail. */
const withoutSubCheck = (reference: ActionSpec): readonly ActionSpec[] => {
  const code = readFileSync(reference.file as string, 'utf8')
  const weaker = code.replace('sub === event.user.user_id && ', '')
  if (weaker === code) throw new Error('The check to take out was not found.')
  const { file: _, ...rest } = reference
  return [{ ...rest, code: weaker }]
}

it("the Action's own check of sub is what holds where Auth0 makes none", async () => {
  const world = await openWorld(database, {
    tenant: { switches: { validateTokenChecksSub: false } },
    actions: withoutSubCheck,
  })
  const browser = world.browser()
  const resets = await fourResets(world, browser)
  const mixed = { token: resets[2]?.token ?? '', state: resets[0]?.state ?? '' }
  await browser.visit(addressOf(world, mixed))
  expect(placeOf(await passVerifier(browser))).toBe('new password')
})

/**
 * The gap that Auth0 leaves in a reset: two transactions of one person, open at once, differ in nothing
 * that it signs (README, security assumptions). Each token and each state is still good only once.
 */
describe('two resets of one user in one browser', () => {
  it('cannot be told apart, but a state that was answered takes no second token', async () => {
    const world = await openWorld(database)
    const browser = world.browser()
    const [first, second] = await fourResets(world, browser)
    if (!first || !second) throw new Error('unreachable')
    await browser.visit(addressOf(world, { token: first.token, state: second.state }))
    expect(placeOf(await browser.autoSubmit())).toBe('leaving')

    await browser.visit(addressOf(world, second))
    expect(placeOf(await browser.autoSubmit())).toBe('refused by the verifier')
    await browser.visit(addressOf(world, first))
    expect(placeOf(await browser.autoSubmit())).toBe('refused by the verifier')
    expect(await world.records()).toHaveLength(1)
  })
})

describe('one change to what the Action sent', () => {
  const CHANGES: readonly (readonly [string, (address: URL) => void])[] = [
    ['another last character of the token', (address) => change(address, flipLast)],
    ['padding after the token', (address) => change(address, (token) => `${token}=`)],
    ['a space after the token', (address) => change(address, (token) => `${token} `)],
    ['no token', (address) => address.searchParams.delete('session_token')],
    ['no state', (address) => address.searchParams.delete('state')],
    [
      'a second token',
      (address) =>
        address.searchParams.append(
          'session_token',
          address.searchParams.get('session_token') ?? '',
        ),
    ],
    ['a second state', (address) => address.searchParams.append('state', 'another')],
  ]
  const change = (address: URL, changed: (token: string) => string) =>
    address.searchParams.set(
      'session_token',
      changed(address.searchParams.get('session_token') ?? ''),
    )
  /** The last character carries four bits of the signature and two that decoders ignore. */
  const flipLast = (token: string) =>
    `${token.slice(0, -1)}${String.fromCharCode(token.charCodeAt(token.length - 1) ^ 1)}`

  it.each(CHANGES)('%s is refused, and nothing is stored', async (_, apply) => {
    const world = await openWorld(database)
    const { browser, page } = await world.arrive(world.addUser())
    const address = new URL(page.url)
    apply(address)
    await browser.visit(address.href)
    expect(placeOf(browser.page)).toBe('refused by the verifier')
    expect(browser.page.status).toBe(400)
    expect(await world.records()).toEqual([])
  })
})
