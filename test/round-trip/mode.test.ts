import { describe, expect, it } from 'vitest'
import type { ActionSecrets } from '../../src/cli/round-trip.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { freshDatabase } from '../support/database.ts'
import {
  CLIENT_ID,
  linkOf,
  OTHER_CLIENT_ID,
  openWorld,
  passVerifier,
  placeOf,
  REFERENCE,
  randomSecret,
  type World,
} from '../support/world.ts'

const database = await freshDatabase()

const commands = ({ tenant }: World) =>
  tenant.trace.of('action.ran').flatMap(({ data }) => data.commands.map(({ type }) => type))

describe('a policy that enforces', () => {
  it('stops a user on the deny list, with the code of the record', async () => {
    const world = await openWorld(database)
    const email = world.addUser()
    await world.deny(email)
    const { browser } = await world.arrive(email)
    const page = await passVerifier(browser)
    expect(placeOf(page)).toBe('stopped')
    const [record] = await world.records()
    expect(record).toMatchObject({ outcome: 'deny', assessed: 'deny' })
    expect(REFERENCE.exec(page.text)?.[1]).toBe(record?.reference)
    expect(await world.passwordOf(email)).toBe('old')
  })
})

describe('a policy that only monitors', () => {
  const policies = defaultPolicies('monitor')

  it('lets through whom it would have asked for a factor, and records what it found', async () => {
    const world = await openWorld(database, { policies })
    const { browser } = await world.arrive(world.addUser(['otp']))
    expect(placeOf(await passVerifier(browser))).toBe('new password')
    expect(await world.records()).toMatchObject([{ outcome: 'allow', assessed: 'step_up' }])
  })

  it('stops a user on the deny list all the same', async () => {
    const world = await openWorld(database, { policies })
    const email = world.addUser()
    await world.deny(email)
    const { browser } = await world.arrive(email)
    expect(placeOf(await passVerifier(browser))).toBe('stopped')
    expect(await world.passwordOf(email)).toBe('old')
  })
})

describe('RV_MODE observe', () => {
  const observe = { RV_MODE: 'observe' }

  it.each([
    ['a denial', true, [] as const, 'deny'],
    ['a step-up', false, ['otp'] as const, 'step_up'],
    ['an allow', false, [] as const, 'allow'],
  ])('logs %s and lets the reset go on', async (_, listed, factors, outcome) => {
    const world = await openWorld(database, { actionSecrets: observe })
    const email = world.addUser(factors)
    if (listed) await world.deny(email)
    const { browser } = await world.arrive(email)
    expect(placeOf(await passVerifier(browser))).toBe('new password')
    expect(commands(world)).toEqual(['redirect.sendUserTo'])
    const [record] = await world.records()
    expect(record?.outcome).toBe(outcome)
    expect(world.actionLog().at(-1)).toMatchObject({ outcome, reference: record?.reference })
  })

  it('lets the reset go on without a verifier', async () => {
    const world = await openWorld(database, { actionSecrets: observe })
    await world.verifier.stop()
    const { page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe('new password')
    expect(world.actionLog()).toMatchObject([{ outcome: 'down' }])
  })

  it('lets the reset go on without an answer', async () => {
    const world = await openWorld(database, { actionSecrets: observe })
    const { browser, page } = await world.arrive(world.addUser())
    const { state } = linkOf(page)
    await browser.visit(`${world.origins.tenant}/continue?state=${encodeURIComponent(state)}`)
    expect(placeOf(browser.page)).toBe('new password')
    expect(world.actionLog().at(-1)).toMatchObject({ outcome: 'failed' })
  })

  it('lets the reset go on without its secrets', async () => {
    const world = await openWorld(database, {
      actionSecrets: { ...observe, RV_SESSION_SECRET: undefined },
    })
    const { page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe('new password')
    expect(world.actionLog()).toMatchObject([{ outcome: 'setup' }])
  })
})

it('RV_MODE off does nothing and says nothing', async () => {
  const world = await openWorld(database, { actionSecrets: { RV_MODE: 'off' } })
  const email = world.addUser()
  await world.deny(email)
  const { page } = await world.arrive(email)
  expect(placeOf(page)).toBe('new password')
  expect(commands(world)).toEqual([])
  expect(world.actionLog()).toEqual([])
  expect(await world.records()).toEqual([])
})

it.each([undefined, 'Observe', 'OFF', ''])('RV_MODE %j enforces', async (RV_MODE) => {
  const world = await openWorld(database, { actionSecrets: { RV_MODE } })
  const email = world.addUser()
  await world.deny(email)
  const { browser } = await world.arrive(email)
  expect(placeOf(await passVerifier(browser))).toBe('stopped')
})

describe('RV_CLIENTS', () => {
  it.each([
    ['the application alone', CLIENT_ID, true],
    ['the application among others', `${OTHER_CLIENT_ID}, ${CLIENT_ID}`, true],
    ['another application', OTHER_CLIENT_ID, false],
    ['nobody', '', true],
    ['nobody, in separators alone', ' , ', true],
    ['the application after a separator', `, ${CLIENT_ID}`, true],
  ])('that names %s', async (_, RV_CLIENTS, checked) => {
    const world = await openWorld(database, { actionSecrets: { RV_CLIENTS } })
    const { page } = await world.arrive(world.addUser())
    expect(placeOf(page)).toBe(checked ? 'arrival' : 'new password')
  })
})

describe('an Action whose secrets cannot protect anything', () => {
  const secret = randomSecret()
  const FAULTS: readonly (readonly [string, ActionSecrets])[] = [
    ['no RV_URL', { RV_URL: undefined }],
    ['an RV_URL that is none', { RV_URL: 'verify' }],
    ['an RV_URL without TLS', { RV_URL: 'http://verify.example.com' }],
    ['an RV_URL that only begins like localhost', { RV_URL: 'http://localhost.example.com' }],
    ['no RV_SESSION_SECRET', { RV_SESSION_SECRET: undefined }],
    ['an empty RV_SESSION_SECRET', { RV_SESSION_SECRET: '' }],
    ['a short RV_SESSION_SECRET', { RV_SESSION_SECRET: 'x'.repeat(31) }],
    ['no RV_CONTINUE_SECRET', { RV_CONTINUE_SECRET: undefined }],
    ['a short RV_CONTINUE_SECRET', { RV_CONTINUE_SECRET: 'x'.repeat(31) }],
    ['a short RV_CONTINUE_SECRET_PREVIOUS', { RV_CONTINUE_SECRET_PREVIOUS: 'x'.repeat(31) }],
    [
      'one secret for both directions before',
      { RV_SESSION_SECRET: secret, RV_CONTINUE_SECRET_PREVIOUS: secret },
    ],
    ['one secret for both directions', { RV_SESSION_SECRET: secret, RV_CONTINUE_SECRET: secret }],
  ]

  it.each(FAULTS)('stops every reset: %s', async (_, actionSecrets) => {
    const world = await openWorld(database, { actionSecrets })
    const email = world.addUser(['otp'])
    const { page } = await world.arrive(email)
    expect(placeOf(page)).toBe('stopped')
    expect(page.text).toContain('Contact support: RV-SETUP.')
    expect(commands(world)).toEqual(['access.deny'])
    expect(await world.passwordOf(email)).toBe('old')
  })
})
