import { describe, expect, it } from 'vitest'
import type { Browser, FactorSeed } from '../../src/emulator/index.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { freshDatabase } from '../support/database.ts'
import { openWorld, passVerifier, placeOf, REFERENCE, type World } from '../support/world.ts'

const database = await freshDatabase()

/** What the person with the factor does on its screen. */
type Proof = (world: World, browser: Browser, email: string) => Promise<unknown>

const device: Proof = (_, browser) => browser.submit('Approve')
const FACTORS: readonly (readonly [FactorSeed, Proof])[] = [
  [
    'otp',
    async ({ tenant }, browser, email) => {
      const { user_id = '' } = tenant.users.get(email) ?? {}
      return browser.submit(undefined, { code: await tenant.users.oneTimePassword(user_id) })
    },
  ],
  [
    'phone',
    ({ tenant }, browser) =>
      browser.submit(undefined, { code: tenant.phoneInbox.latest()?.code ?? '' }),
  ],
  ['push-notification', device],
  ['webauthn-roaming', device],
  ['webauthn-platform', device],
  [
    { type: 'recovery-code', code: 'ABCDEFGHJKLMNPQRSTUVWXYZ' },
    async (_, browser) => {
      await browser.submit(undefined, { code: 'ABCDEFGHJKLMNPQRSTUVWXYZ' })
      // The used one is replaced; the person confirms to have kept the new one.
      return browser.submit()
    },
  ],
]

const nameOf = (seed: FactorSeed) => (typeof seed === 'string' ? seed : seed.type)

describe.each([true, false])('with validateToken checking sub: %s', (validateTokenChecksSub) => {
  const tenant = { switches: { validateTokenChecksSub } }

  it.each(FACTORS.map(([seed, proof]) => [nameOf(seed), seed, proof] as const))(
    'a user with %s sets a new password only after it',
    async (name, seed, proof) => {
      const world = await openWorld(database, { tenant })
      const email = world.addUser([seed])
      const { browser } = await world.arrive(email)
      const page = await passVerifier(browser)
      expect(placeOf(page)).toBe('factor')
      expect(world.tenant.trace.of('challenge.shown').map(({ data }) => data)).toEqual([
        { factor: name, choices: [name] },
      ])

      const state = new URL(page.url).searchParams.get('state')
      await browser.visit(`${world.origins.tenant}/u/reset-password/change?state=${state}`)
      expect(placeOf(browser.page)).not.toBe('new password')
      await browser.visit(page.url)

      await proof(world, browser, email)
      expect(placeOf(browser.page)).toBe('new password')
      await world.setPassword(browser)
      expect(await world.passwordOf(email)).toBe('new')
      expect(await world.records()).toMatchObject([{ outcome: 'step_up' }])
    },
  )
})

it('a user who fails the factor keeps the old password', async () => {
  const world = await openWorld(database)
  const email = world.addUser(['otp'])
  const { browser } = await world.arrive(email)
  await passVerifier(browser)
  await browser.submit(undefined, { code: '000000' })
  expect(placeOf(browser.page)).toBe('factor')
  expect(await world.passwordOf(email)).toBe('old')
})

it('offers every factor but the e-mail that the link already proved', async () => {
  const world = await openWorld(database)
  const email = world.addUser(['otp', 'phone', 'recovery-code'])
  const { browser } = await world.arrive(email)
  await passVerifier(browser)
  const asked = world.tenant.trace
    .of('action.ran')
    .flatMap(({ data }) => data.commands)
    .filter(({ type }) => type === 'authentication.challengeWithAny')
  expect(asked).toEqual([
    {
      type: 'authentication.challengeWithAny',
      factors: [{ type: 'otp' }, { type: 'phone' }, { type: 'recovery-code' }],
    },
  ])
})

describe.each([
  ['no first challenge is named', []],
  ['one that nobody knows is named', [{ name: 'fax', timestamp: '2026-01-01T00:00:00.000Z' }]],
])('where %s', (_, methods) => {
  const eventOverrides = { 'password-reset-post-challenge': { authentication: { methods } } }

  it('neither e-mail nor phone is a second factor: it may have been either', async () => {
    const world = await openWorld(database, { tenant: { eventOverrides } })
    const { browser } = await world.arrive(world.addUser(['otp', 'phone', 'email']))
    await passVerifier(browser)
    const asked = world.tenant.trace.of('action.ran').flatMap(({ data }) => data.commands)
    expect(asked).toContainEqual({
      type: 'authentication.challengeWithAny',
      factors: [{ type: 'otp' }],
    })
  })

  it('a user who has these two alone is stopped while the verifier is down', async () => {
    const world = await openWorld(database, {
      tenant: { eventOverrides },
      actionSecrets: { RV_WHEN_DOWN: 'step_up' },
    })
    await world.verifier.stop()
    const email = world.addUser(['phone', 'email'])
    const { page } = await world.arrive(email)
    expect(placeOf(page)).toBe('stopped')
    expect(await world.passwordOf(email)).toBe('old')
  })
})

/** Steps up whatever happens: the user below would otherwise be let through. */
const ALWAYS = {
  id: 'always',
  when: { signal: 'mfa_enrolled', op: 'eq', value: false },
  floor: 'step_up',
  on_unknown: 'step_up',
  reason: 'always',
} as const

const alwaysStepUp = (no_factor: 'deny' | 'hold' | 'allow') =>
  defaultPolicies('enforce').map((policy) => ({
    ...policy,
    no_factor,
    floors: [...policy.floors, ALWAYS],
  }))

describe('a user whose only factor is the e-mail that the link already proved', () => {
  it.each(['deny', 'hold'] as const)('is stopped with a code: no_factor %s', async (no_factor) => {
    const world = await openWorld(database, { policies: alwaysStepUp(no_factor) })
    const email = world.addUser(['email'])
    const { browser } = await world.arrive(email)
    const page = await passVerifier(browser)
    expect(placeOf(page)).toBe('stopped')
    const [record] = await world.records()
    expect(REFERENCE.exec(page.text)?.[1]).toBe(record?.reference)
    expect(record).toMatchObject({ outcome: 'deny', assessed: 'step_up' })
    expect(record?.decision?.needs_review).toBe(no_factor === 'hold')
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('is let through where the policy says so', async () => {
    const world = await openWorld(database, { policies: alwaysStepUp('allow') })
    const { browser } = await world.arrive(world.addUser(['email']))
    expect(placeOf(await passVerifier(browser))).toBe('new password')
    expect(await world.records()).toMatchObject([{ outcome: 'allow', assessed: 'step_up' }])
  })
})

describe('a user whose factors Auth0 cannot tell', () => {
  it('is stopped: unknown is neither none nor some', async () => {
    const world = await openWorld(database, {
      tenant: { faults: { enrolledFactorsUnavailable: true } },
    })
    const email = world.addUser(['otp'])
    const { browser } = await world.arrive(email)
    const page = await passVerifier(browser)
    expect(await world.records()).toMatchObject([{ outcome: 'step_up' }])
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toMatch(REFERENCE)
    expect(world.actionLog().at(-1)).toMatchObject({ outcome: 'step_up', factors: 'unknown' })
    expect(await world.passwordOf(email)).toBe('old')
  })

  it('is asked for a factor when Auth0 can tell them by the time of the way back', async () => {
    const world = await openWorld(database, {
      tenant: { faults: { enrolledFactorsUnavailable: true } },
    })
    const { browser } = await world.arrive(world.addUser(['otp']))
    world.tenant.faults.enrolledFactorsUnavailable = false
    expect(placeOf(await passVerifier(browser))).toBe('factor')
  })
})
