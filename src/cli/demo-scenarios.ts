/**
 * The endings that the demo can show, each performed headlessly and checked: what a person sees, whose
 * password works, and what was recorded.
 */
import { countRecords } from '../../db/operator.ts'
import type { Page } from '../emulator/index.ts'
import { type Check, changed, expired, kept, refused, stopped } from './demo-checks.ts'
import type { Ending } from './demo-endings.ts'
import { ADA, BERLIN, CHICAGO, DORA, MIA, OTTO, type Person } from './demo-people.ts'
import {
  askForLink,
  browserAt,
  passOneTimePassword,
  passVerifier,
  rememberHome,
  setPassword,
} from './demo-steps.ts'
import type { DemoWorld } from './demo-world.ts'

export type Scenario = (world: DemoWorld, check: Check) => Promise<void>

export const SCENARIOS: Record<Ending, Scenario> = {
  allow: async (world, check) => {
    const { browser } = await arrive(world, ADA)
    await passVerifier(browser)
    const end = await setPassword(browser)
    check('the reset leads back to the application', end.url === `${world.app.origin}/done`)
    await changed(world, ADA, check)
  },
  step_up: async (world, check) => {
    const { browser } = await arrive(world, OTTO)
    const asked = await passVerifier(browser)
    check('the tenant asks for the authenticator app', asked.text.includes('authenticator app'))
    await kept(world, OTTO, check)
    await passOneTimePassword(world, browser, OTTO)
    await setPassword(browser)
    await changed(world, OTTO, check)
  },
  deny: async (world, check) => {
    const { browser } = await arrive(world, DORA)
    await stopped(world, await passVerifier(browser), { who: DORA, rule: 'deny_list' }, check)
  },
  stolen_mailbox: async (world, check) => {
    const home = browserAt(BERLIN)
    // Twice: the first visit brings no device cookie, the second the one it was given.
    for (const _ of [1, 2]) {
      await arrive(world, MIA, home)
      await passVerifier(home)
    }
    await rememberHome(world, MIA)

    const { browser } = await arrive(world, MIA, browserAt(CHICAGO))
    const rule = 'unfamiliar_device_and_place'
    await stopped(world, await passVerifier(browser), { who: MIA, rule }, check)
  },
  replay: async (world, check) => {
    const { browser, arrival } = await arrive(world, ADA)
    await browser.autoSubmit()
    const before = await countRecords(world.databaseUrl, world.tenantId)

    const thief = browserAt(BERLIN)
    await thief.visit(arrival.url)
    await refused(await thief.autoSubmit(), check)
    const after = await countRecords(world.databaseUrl, world.tenantId)
    check('there is one record, not two', before === 1 && after === 1)
    await kept(world, ADA, check)

    await browser.autoSubmit()
    await setPassword(browser)
    await changed(world, ADA, check)
  },
  expired: async (world, check) => {
    const { clock } = world.tenant
    clock.advanceSeconds(-600)
    const late = await arrive(world, ADA)
    clock.follow()
    await refused(late.arrival, check)
    const records = await countRecords(world.databaseUrl, world.tenantId)
    check('nothing was recorded', records === 0)

    const { browser } = await arrive(world, ADA)
    await browser.autoSubmit()
    clock.advanceSeconds(180)
    await expired(await browser.autoSubmit(), check)
    clock.follow()
    await kept(world, ADA, check)
  },
  wrong_state: async (world, check) => {
    const thief = await arrive(world, MIA)
    const victim = await arrive(world, ADA)
    const mixed = new URL(thief.arrival.url)
    mixed.searchParams.set('state', stateOf(victim.arrival))
    await victim.browser.visit(mixed.href)
    await expired(await passVerifier(victim.browser), check)
    await kept(world, ADA, check)
  },
  other_user: async (world, check) => {
    const thief = await arrive(world, MIA)
    const answer = await thief.browser.autoSubmit()
    const victim = await arrive(world, ADA)
    const { fields = [], action = '' } = answer.forms[0] ?? {}
    const target = new URL(action)
    const state = stateOf(victim.arrival)
    target.searchParams.set('state', state)
    const values = { ...Object.fromEntries(fields), state }
    await expired(await victim.browser.post(target.href, values), check)
    await kept(world, ADA, check)
  },
  verifier_down: async (world, check) => {
    await world.verifier.stop()
    const link = await askForLink(world, browserAt(BERLIN), ADA)
    const denied = await browserAt(BERLIN).visit(link)
    check('deny: says to try again', denied.text.includes('Try again in a few minutes'))
    await kept(world, ADA, check)

    world.deploy({ RV_WHEN_DOWN: 'step_up' })
    const { browser, arrival } = await arrive(world, OTTO)
    check('step_up: asks for a factor', arrival.text.includes('authenticator app'))
    await passOneTimePassword(world, browser, OTTO)
    await setPassword(browser)
    await changed(world, OTTO, check)

    await world.verifier.start()
    const again = browserAt(BERLIN)
    await again.visit(link)
    await passVerifier(again)
    await setPassword(again)
    await changed(world, ADA, check)
  },
}

/** Up to the first page that the link in the mail leads to: the verifier's, if the Action sends there. */
async function arrive(world: DemoWorld, who: Person, browser = browserAt(BERLIN)) {
  const link = await askForLink(world, browser, who)
  return { browser, arrival: await browser.visit(link) }
}

const stateOf = ({ url }: Page) => new URL(url).searchParams.get('state') ?? ''
