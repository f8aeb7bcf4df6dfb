/** The demo's dashboard as its reader meets it: from the application's page through the tenant's login. */
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type DemoWorld, startDemoWorld } from '../../src/cli/demo-world.ts'
import { freshDatabase } from '../support/database.ts'
import { it } from './person.ts'

let world: DemoWorld

beforeAll(async () => {
  const { url } = await freshDatabase()
  world = await startDemoWorld({ databaseUrl: url, ports: {}, show: () => {}, dashboard: true })
})
afterAll(() => world?.close())

describe('the dashboard of the demo', () => {
  it('is signed in to at the emulated tenant, and shows a past', async ({ open }) => {
    const { page } = await open()
    const { email = '', password = '' } = world.admin ?? {}
    await page.goto(world.app.origin)
    await page.getByRole('link', { name: 'dashboard' }).click()
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${world.origins.verifier}/admin/tenants/*`)
    await page.getByRole('link', { name: '30 days' }).click()
    expect(await page.locator('.figures').innerText()).toMatch(/Verifications\s+4\d\d/)

    const notice = await page.getByRole('complementary', { name: 'Notice' }).innerText()
    const [, madeUp = ''] =
      /^Demonstration: the records before (.+) UTC are made up\.$/.exec(notice) ?? []
    await page.getByRole('link', { name: 'Assessments', exact: true }).click()
    const newest = await page.locator('tbody time').first().innerText()
    expect(madeUp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
    expect(newest < madeUp).toBe(true)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('**/admin/signed-out')
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('rv_admin')
  })
})
