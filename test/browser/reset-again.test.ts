/**
 * What a reset makes of a person, or of a thief, who does things twice: back, reload, two tabs, two
 * browsers. One token has one decision, given to one browser; a repeat by that browser gets it again.
 */
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { hide, show } from './page-state.ts'
import { it, type Person } from './person.ts'
import { askForLink, choosePassword, continueByHand, openLink } from './reset-steps.ts'
import type { ResetWorld } from './reset-world.ts'
import { useResetWorld } from './use-reset-world.ts'

const database = await freshDatabase()

/** From the mail to the arrival page; answers the address that a thief would have to copy. */
async function arrive(world: ResetWorld, { page: tab, requests }: Person, email: string) {
  await askForLink(world, tab, email)
  await openLink(tab)
  await tab.waitForURL(`${world.origins.verifier}/verify`)
  await tab.getByRole('button', { name: 'Continue' }).waitFor()
  const arrival = requests.findLast((request) => request.url().includes('session_token='))
  return arrival?.url() ?? ''
}

const refusedAtTenant = (tab: Page) =>
  tab.getByRole('heading', { name: 'We could not continue' }).waitFor()

describe('a person who clicks', () => {
  const theWorld = useResetWorld(database, { settings: { requireClick: true } })

  it('may reload the arrival page', async ({ open }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const person = await open()
    await arrive(world, person, email)
    await person.page.reload()
    await continueByHand(person.page)
    await choosePassword(person.page)
    expect(await world.records()).toBe(before + 1)
    expect(await world.passwordOf(email)).toBe('new')
  })

  it('finds no way to decide again by the back button', async ({ open }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const person = await open()
    person.expectFault(/status of 400/)
    const { page: tab } = person
    await arrive(world, person, email)
    await continueByHand(tab)
    await choosePassword(tab)
    await tab.getByRole('link', { name: 'Back to the application' }).click()
    await tab.waitForURL(`${world.app.origin}/signed-out`)
    const trail = [
      'Your password has been changed',
      'We could not continue',
      'Open the link in the e-mail again.',
      'Mailbox',
    ]
    for (const heading of trail) {
      await tab.goBack()
      await tab.getByRole('heading', { name: heading }).waitFor()
    }
    expect(await world.records()).toBe(before + 1)
    expect(await world.passwordOf(email)).toBe('new')
  })

  it('gets one decision in two tabs with the same address, and one way on', async ({ open }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const person = await open()
    person.expectFault(/status of 400/)
    const first = person.page
    const second = await person.context.newPage()
    await second.goto(await arrive(world, person, email))
    await continueByHand(first)
    await first.getByLabel('New password').waitFor()
    await continueByHand(second)
    await refusedAtTenant(second)
    await choosePassword(first)
    expect(await world.records()).toBe(before + 1)
    expect(world.returns().slice(-2)).toEqual(['POST', 'state_unknown'])
    expect(await world.passwordOf(email)).toBe('new')
  })

  it('who opens the mail in two tabs finishes in either, once', async ({ open }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const person = await open()
    person.expectFault(/status of 400/)
    await arrive(world, person, email)
    const second = await person.context.newPage()
    await arrive(world, { ...person, page: second }, email)
    await continueByHand(person.page)
    await continueByHand(second)
    await choosePassword(second)
    await person.page.getByLabel('New password').fill('Other-passw0rd')
    await person.page.getByLabel('Once more').fill('Other-passw0rd')
    await person.page.getByRole('button', { name: 'Save the password' }).click()
    await person.page.getByRole('heading', { name: 'Something went wrong' }).waitFor()
    expect(await world.records()).toBe(before + 2)
    expect(await world.passwordOf(email)).toBe('new')
  })
})

describe('a person without script who clicks', () => {
  const theWorld = useResetWorld(database)

  it('twice on arrival gets one decision', async ({ open }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const { page: tab } = await open({ javaScript: false })
    await askForLink(world, tab, email)
    await openLink(tab)
    await tab.getByRole('button', { name: 'Continue' }).dblclick()
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await continueByHand(tab)
    await choosePassword(tab)
    expect(await world.records()).toBe(before + 1)
    expect(await world.passwordOf(email)).toBe('new')
  })

  it('may reload the leaving page, and go back to arrival, for the same decision', async ({
    open,
  }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const { page: tab } = await open({ javaScript: false })
    await askForLink(world, tab, email)
    await openLink(tab)
    await continueByHand(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await tab.reload()
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await tab.goBack()
    await tab.getByRole('heading', { name: "we're confirming this reset" }).waitFor()
    await continueByHand(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await continueByHand(tab)
    await choosePassword(tab)
    expect(await world.records()).toBe(before + 1)
    expect(await world.passwordOf(email)).toBe('new')
  })
})

describe('a leaving page that is reloaded where scripts run', () => {
  const theWorld = useResetWorld(database)

  it('goes on with the same decision', async ({ open }) => {
    const world = theWorld()
    const email = world.addUser()
    const { context, page: tab } = await open()
    await hide(context)
    await askForLink(world, tab, email)
    await openLink(tab)
    await tab.waitForURL(`${world.origins.verifier}/verify`)
    await show(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await tab.reload()
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await show(tab)
    await choosePassword(tab)
    expect(await world.records()).toBe(1)
  })
})

describe('a second browser with the address of the first', () => {
  const theWorld = useResetWorld(database, { settings: { requireClick: true } })

  it('gets nothing when it comes second, and the first goes on', async ({ open }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const person = await open()
    const thief = await open()
    thief.expectFault(/status of 400/)
    const address = await arrive(world, person, email)
    await thief.page.goto(address)
    await continueByHand(person.page)
    await person.page.getByLabel('New password').waitFor()
    await continueByHand(thief.page)
    await thief.page.getByRole('heading', { name: 'This link no longer works.' }).waitFor()
    await choosePassword(person.page)
    expect(await world.records()).toBe(before + 1)
    expect(await world.passwordOf(email)).toBe('new')
  })

  it('gets nothing it can use when it comes first', async ({ open }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const person = await open()
    const thief = await open()
    person.expectFault(/status of 400/)
    thief.expectFault(/status of 400/)
    await thief.page.goto(await arrive(world, person, email))
    await continueByHand(thief.page)
    await refusedAtTenant(thief.page)
    expect(world.returns().at(-1)).toBe('cookie_missing')
    await continueByHand(person.page)
    await person.page.getByRole('heading', { name: 'This link no longer works.' }).waitFor()
    expect(await world.records()).toBe(before + 1)
    expect(await world.passwordOf(email)).toBe('old')
  })
})
