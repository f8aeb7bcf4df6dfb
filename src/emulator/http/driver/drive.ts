/**
 * The steps of a reset as a person takes them, for tests and the demo: each does what is on the screen
 * and nothing behind it, except reading the emulated inboxes.
 */
import type { Inbox, Mail, TextMessage } from '../../tenant/inboxes.ts'
import type { Users } from '../../tenant/users.ts'
import type { Browser } from './browser.ts'
import type { Page } from './page.ts'

/** The part of a tenant a driver looks at. */
export interface DrivenTenant {
  readonly origin: string
  readonly mailbox: Inbox<Mail>
  readonly phoneInbox: Inbox<TextMessage>
  readonly users: Users
  readonly clients: { all(): readonly { readonly client_id: string }[] }
}

export interface ResetSteps {
  readonly email: string
  /** The tenant's first application by default; `null` asks without one. */
  readonly clientId?: string | null
  readonly newPassword?: string
}

/** Asks for the link on the tenant's page. */
export async function requestReset(
  browser: Browser,
  tenant: DrivenTenant,
  { email, clientId }: ResetSteps,
): Promise<Page> {
  const client = clientId === undefined ? tenant.clients.all()[0]?.client_id : clientId
  const query = client ? `?client_id=${encodeURIComponent(client)}` : ''
  await browser.visit(`${tenant.origin}/u/reset-password/request${query}`)
  return browser.submit(undefined, { email })
}

/** Opens the newest link mailed to this address, with more query parameters if given. */
export async function openResetLink(
  browser: Browser,
  tenant: DrivenTenant,
  email: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Page> {
  const mail = tenant.mailbox.all().findLast(({ to, link }) => to === email && link !== undefined)
  if (!mail?.link) throw new Error(`No link was mailed to ${email}: is there such a user?`)
  const link = new URL(mail.link)
  for (const [name, value] of Object.entries(query)) link.searchParams.set(name, value)
  return browser.visit(link.href)
}

/** Sends itself on from page to page of other sites until the tenant has the browser again. */
export async function passSites(browser: Browser, tenant: DrivenTenant): Promise<Page> {
  for (let pages = 0; pages < 5 && !isAt(browser, tenant); pages += 1) {
    const { forms, refresh } = browser.page
    if (forms.length === 0 && refresh === undefined) break
    await (forms.length > 0 ? browser.autoSubmit() : browser.followRefresh())
  }
  return browser.page
}

const isAt = (browser: Browser, tenant: DrivenTenant) =>
  new URL(browser.page.url).origin === tenant.origin

/** Answers the challenge on screen as its owner would: code, one-time password, recovery code, device. */
export async function passChallenge(
  browser: Browser,
  tenant: DrivenTenant,
  email: string,
): Promise<Page> {
  const { forms, text } = browser.page
  if (forms.some(({ buttons }) => buttons.some(({ value }) => value === 'approve')))
    return browser.submit('Approve', {}, 'approve')
  const user = tenant.users.get(email)
  if (!user) throw new Error(`The tenant has no user ${email}.`)
  const factor = (type: string) => user.factors.find((one) => one.type === type)
  if (/recovery code you kept/i.test(text)) {
    const recovery = factor('recovery-code')
    await browser.submit(undefined, {
      code: recovery?.type === 'recovery-code' ? recovery.code : '',
    })
    return browser.submit(undefined, { kept: 'true' })
  }
  if (/authenticator app shows/i.test(text))
    return browser.submit(undefined, { code: await tenant.users.oneTimePassword(user.user_id) })
  const phone = factor('phone')
  const code = /to your phone/i.test(text)
    ? tenant.phoneInbox.latest(phone?.type === 'phone' ? phone.phone_number : undefined)?.code
    : tenant.mailbox.all().findLast((mail) => mail.to === user.email && mail.code)?.code
  return browser.submit(undefined, { code: code ?? '' })
}

/** Types the new password twice. */
export const choosePassword = (browser: Browser, password: string): Promise<Page> =>
  browser.submit(undefined, { password, confirm_password: password })

/** The whole way for a reset that is let through: ask, open, pass every site, choose. */
export async function resetPassword(
  browser: Browser,
  tenant: DrivenTenant,
  steps: ResetSteps,
): Promise<Page> {
  await requestReset(browser, tenant, steps)
  await openResetLink(browser, tenant, steps.email)
  await passSites(browser, tenant)
  for (let challenges = 0; challenges < 4; challenges += 1) {
    if (new URL(browser.page.url).pathname !== '/u/mfa-challenge') break
    await passChallenge(browser, tenant, steps.email)
    await passSites(browser, tenant)
  }
  if (new URL(browser.page.url).pathname !== '/u/reset-password/change') return browser.page
  return choosePassword(browser, steps.newPassword ?? 'A-new-password-1')
}
