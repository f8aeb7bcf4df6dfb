/**
 * While the continue secret is replaced, for each Action: people who are at the verifier at that moment
 * get through, whichever of the two their answer is signed with, and no answer gets through that would
 * not have without the second secret.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { ActionSecrets } from '../../src/cli/round-trip.ts'
import type { Browser } from '../../src/emulator/index.ts'
import { freshDatabase } from '../support/database.ts'
import { loginPlaceOf, openLoginTrip } from '../support/login-trip.ts'
import {
  openWorld,
  passVerifier,
  placeOf,
  randomSecret,
  type World,
  wayBackOf,
} from '../support/world.ts'

const database = await freshDatabase()

/** One of the Actions in its tenant, with a person at the verifier's arrival page. */
interface Visit {
  readonly world: World
  readonly browser: Browser
  /** `through` or `stopped`: where the person is after the way back. */
  readonly end: () => Promise<'through' | 'stopped'>
  readonly deploy: (secrets: ActionSecrets) => void
}

type Secrets = World['secrets']
type Opens = (secrets: Secrets, actionSecrets: ActionSecrets) => Promise<Visit>

const resetWith =
  (name: string): Opens =>
  async (secrets, actionSecrets) => {
    const file = fileURLToPath(new URL(`../../actions/${name}.js`, import.meta.url))
    const world = await openWorld(database, {
      secrets,
      actionSecrets,
      actions: (reference) => [{ ...reference, name, file }],
    })
    const email = world.addUser()
    const { browser } = await world.arrive(email)
    const end = async () => {
      const place = placeOf(browser.page)
      if (place === 'stopped') expect(await world.passwordOf(email)).toBe('old')
      else expect(placeOf(await world.setPassword(browser))).toBe('done')
      return place === 'new password' ? 'through' : 'stopped'
    }
    return { world, browser, end, deploy: world.deploy }
  }

const login: Opens = async (secrets, loginSecrets) => {
  const trip = await openLoginTrip(database, { secrets, loginSecrets })
  const { browser } = await trip.logIn(trip.addUser())
  const end = async () => {
    const place = loginPlaceOf(browser.page)
    // What was not let through left no mark in the session that would let the next one through.
    const silent = await trip.silently(browser)
    expect('code' in silent).toBe(place === 'in')
    return place === 'in' ? 'through' : 'stopped'
  }
  return { world: trip, browser, end, deploy: trip.deployLogin }
}

const ACTIONS: readonly (readonly [name: string, opens: Opens])[] = [
  ['password-reset-verify', resetWith('password-reset-verify')],
  ['password-reset-recovery-form', resetWith('password-reset-recovery-form')],
  ['login-verify', login],
]

it('every Action is here', () => {
  const text = readFileSync(new URL('../../actions/tenant.yaml', import.meta.url), 'utf8')
  const named = [...text.matchAll(/^ {2}- name: (.+)$/gm)].map(([, name]) => name)
  expect(ACTIONS.map(([name]) => name).sort()).toEqual(named.sort())
})

describe.each(ACTIONS)('while the continue secret of %s is replaced', (_, opens) => {
  const [next, now, session] = [randomSecret(), randomSecret(), randomSecret()]
  const secrets: Secrets = { session: [session], continue: [now], identifier: randomSecret() }
  const both = { RV_CONTINUE_SECRET: next, RV_CONTINUE_SECRET_PREVIOUS: now }

  const restart = async ({ verifier, tenantId }: World, back: string) => {
    await verifier.stop()
    await verifier.start({
      RV_SECRETS: JSON.stringify({ [tenantId]: { session: [session], continue: [back] } }),
    })
  }

  it('an answer by the one before is taken', async () => {
    const { browser, end } = await opens(secrets, both)
    await passVerifier(browser)
    expect(await end()).toBe('through')
  })

  it('who is at the verifier when it gets the new one is let through', async () => {
    const { world, browser, end } = await opens(secrets, both)
    await restart(world, next)
    await passVerifier(browser)
    expect(await end()).toBe('through')
  })

  it('who holds an answer by the one before when the verifier gets the new one is let through', async () => {
    const { world, browser, end } = await opens(secrets, both)
    await browser.autoSubmit()
    await restart(world, next)
    await browser.autoSubmit()
    expect(await end()).toBe('through')
  })

  it('who left before the Action knew the new one is let through by the one before', async () => {
    const { browser, end, deploy } = await opens(secrets, { RV_CONTINUE_SECRET: now })
    deploy(both)
    await passVerifier(browser)
    expect(await end()).toBe('through')
  })

  it('an answer by neither is refused', async () => {
    const { world, browser, end } = await opens(secrets, both)
    await restart(world, randomSecret())
    await passVerifier(browser)
    expect(await end()).toBe('stopped')
  })

  it('an answer by the one before is refused as soon as that is taken out', async () => {
    const { browser, end } = await opens(secrets, { RV_CONTINUE_SECRET: next })
    await passVerifier(browser)
    expect(await end()).toBe('stopped')
  })

  it('an empty one before stands for none', async () => {
    const none = { RV_CONTINUE_SECRET: next, RV_CONTINUE_SECRET_PREVIOUS: '' }
    const { world, browser, end } = await opens(secrets, none)
    await restart(world, next)
    await passVerifier(browser)
    expect(await end()).toBe('through')
  })

  it('an answer by the one before is refused when it is late', async () => {
    const { world, browser, end } = await opens(secrets, both)
    await browser.autoSubmit()
    world.tenant.clock.advanceSeconds(121)
    await browser.autoSubmit()
    expect(await end()).toBe('stopped')
  })

  it('no answer is refused', async () => {
    const { world, browser, end } = await opens(secrets, both)
    const { action } = wayBackOf(await browser.autoSubmit())
    const { searchParams } = new URL(action)
    await browser.visit(`${world.origins.tenant}/continue?state=${searchParams.get('state')}`)
    expect(await end()).toBe('stopped')
  })
})
