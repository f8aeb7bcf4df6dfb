/** What a person does in the demo's browser, step by step. Nothing here knows how it should end. */
import { findRecords, putProfile } from '../../db/operator.ts'
import { type Browser, createBrowser, type Page } from '../emulator/index.ts'
import type { ProfileFacts } from '../verifier/domain/facts.ts'
import { learn } from '../verifier/domain/history.ts'
import { COUNTRY_HEADER, NEW_PASSWORD, type Person, type Place } from './demo-people.ts'
import type { DemoWorld } from './demo-world.ts'

/** A fresh browser at a place: no cookies. */
export const browserAt = ({ address, country, language }: Place): Browser =>
  createBrowser({ ip: address, language, headers: { [COUNTRY_HEADER]: country } })

/** From the application's page to the mail with the link, which is the answer. */
export async function askForLink(world: DemoWorld, browser: Browser, who: Person): Promise<string> {
  await browser.visit(world.app.origin)
  await browser.click(who.email)
  await browser.submit()
  const link = world.tenant.mailbox.latest(who.email)?.link
  if (link === undefined) throw new Error(`No mail with a link reached ${who.email}.`)
  return link
}

/** Presses Continue on the arrival page and again on the leaving page, as their scripts would. */
export async function passVerifier(browser: Browser): Promise<Page> {
  await browser.autoSubmit()
  return browser.autoSubmit()
}

/** On the tenant's challenge page. */
export async function passOneTimePassword(
  world: DemoWorld,
  browser: Browser,
  who: Person,
): Promise<Page> {
  const userId = world.tenant.users.get(who.email)?.user_id ?? ''
  return browser.submit(undefined, { code: await world.tenant.users.oneTimePassword(userId) })
}

/** On the tenant's page for it; then the button back to the application. */
export async function setPassword(browser: Browser): Promise<Page> {
  await browser.submit(undefined, { password: NEW_PASSWORD, confirm_password: NEW_PASSWORD })
  return browser.click('Back to the application')
}

/** Makes the user's last visit a habit: thirty such events over the last months. */
export async function rememberHome(world: DemoWorld, who: Person): Promise<void> {
  await world.hops.settled()
  const decisions = world.hops.all.filter(({ data }) => data.kind === 'verifier.decision')
  const reference = String(decisions.at(-1)?.data.reference)
  const [record] = await findRecords(world.databaseUrl, { reference })
  if (record === undefined) throw new Error('The visit left no record.')
  const { facts } = record
  const daysAgo = Array.from({ length: 30 }, (_, event) => 90 - 3 * event)
  const profile = daysAgo.reduce<ProfileFacts | null>(
    (before, days) => learn(before, { ...facts, decided_at: facts.decided_at - days * 86_400 }),
    null,
  )
  if (profile === null) return
  const user = world.userKey(who.email)
  await putProfile(world.databaseUrl, { tenant: world.tenantId, user, profile })
}
