/** What a person does in a reset, click by click. Each step ends when its page is there. */
import type { Page } from 'playwright-core'
import { NEW_PASSWORD, type ResetWorld } from './reset-world.ts'

/** From the tenant's first page to the mail with the link, in the mailbox. */
export async function askForLink(world: ResetWorld, tab: Page, email: string): Promise<void> {
  await tab.goto(world.origins.tenant)
  await tab.getByRole('link', { name: 'Reset a password for Acme Shop' }).click()
  await tab.getByLabel('E-mail address').fill(email)
  await tab.getByRole('button', { name: 'Send the link' }).click()
  await tab.getByRole('heading', { name: 'Check your e-mail' }).waitFor()
  await tab.getByRole('link', { name: 'Open the mailbox' }).click()
}

/** The mailbox's newest link. Ends when the click is done: what follows is the browser's business. */
export const openLink = (tab: Page) =>
  tab.getByRole('link', { name: 'Open the link' }).first().click({ noWaitAfter: true })

export async function choosePassword(tab: Page): Promise<void> {
  await tab.getByLabel('New password').fill(NEW_PASSWORD)
  await tab.getByLabel('Once more').fill(NEW_PASSWORD)
  await tab.getByRole('button', { name: 'Save the password' }).click()
  await tab.getByRole('heading', { name: 'Your password has been changed' }).waitFor()
}

/** Reads the code off the emulated phone, in a tab beside, and types it in. */
export async function enterOneTimePassword(world: ResetWorld, tab: Page, email: string) {
  await tab.getByRole('heading', { name: 'Verify it is you' }).waitFor()
  const phone = await tab.context().newPage()
  await phone.goto(`${world.origins.tenant}/emulator/phone`)
  const entry = phone.getByRole('listitem').filter({ hasText: email })
  const code = (await entry.locator('.big').textContent()) ?? ''
  await phone.close()
  await tab.getByLabel('Code').fill(code.trim())
  await tab.getByRole('button', { name: 'Continue' }).click()
}

/** The button of the verifier's pages, for where no script presses it. */
export const continueByHand = (tab: Page) => tab.getByRole('button', { name: 'Continue' }).click()
