/** What must hold at the end of a scenario: the page, the password, the record. */
import { findRecords } from '../../db/operator.ts'
import type { Page } from '../emulator/index.ts'
import { NEW_PASSWORD, OLD_PASSWORD, type Person } from './demo-people.ts'
import type { DemoWorld } from './demo-world.ts'

export type Check = (what: string, holds: boolean) => void

export async function changed(
  { tenant }: DemoWorld,
  { email }: Person,
  check: Check,
): Promise<void> {
  check(`the new password of ${email} works`, await tenant.users.checkPassword(email, NEW_PASSWORD))
  const old = await tenant.users.checkPassword(email, OLD_PASSWORD)
  check(`the old password of ${email} does not`, !old)
}

export async function kept({ tenant }: DemoWorld, { email }: Person, check: Check): Promise<void> {
  const old = await tenant.users.checkPassword(email, OLD_PASSWORD)
  const changed = await tenant.users.checkPassword(email, NEW_PASSWORD)
  check(`the password of ${email} is as it was`, old && !changed)
}

/** The page says where to get help, and its code finds a record with this rule among the reasons. */
export async function stopped(
  world: DemoWorld,
  page: Page,
  { who, rule }: { readonly who: Person; readonly rule: string },
  check: Check,
): Promise<void> {
  const [, code] = /Contact support: (\w{4}-\w{4})\./.exec(page.text) ?? []
  check(`the page says to contact support${code ? `, code ${code}` : ''}`, code !== undefined)
  await world.hops.settled()
  const [record] = code ? await findRecords(world.databaseUrl, { reference: code }) : []
  const rules = record?.decision?.reasons.map((reason) => reason.rule) ?? []
  check(`the record says why: ${rule}`, rules.includes(rule))
  await kept(world, who, check)
}

export async function refused(page: Page, check: Check): Promise<void> {
  check('the verifier refuses (400)', page.status === 400)
  check('its page has no way on to the tenant', page.forms.length === 0)
}

export async function expired(page: Page, check: Check): Promise<void> {
  check('the Action stops it', page.text.includes('This link no longer works. Ask for a new one.'))
}
