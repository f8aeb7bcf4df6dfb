/**
 * A password reset from the tenant's first page to the application's, clicked in a real browser: how
 * each decision looks to the person, and that only what was allowed changes a password.
 */
import { afterAll, describe, expect } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { openSite, page } from './open-site.ts'
import { hide, historyOf, settle, show } from './page-state.ts'
import { it } from './person.ts'
import {
  askForLink,
  choosePassword,
  continueByHand,
  enterOneTimePassword,
  openLink,
} from './reset-steps.ts'
import { useResetWorld } from './use-reset-world.ts'

const database = await freshDatabase()

describe('a reset that nothing speaks against', () => {
  const theWorld = useResetWorld(database)

  it('needs no click between the mail and the new password', async ({ open }) => {
    const world = theWorld()
    const email = world.addUser()
    const { page: tab } = await open()
    await askForLink(world, tab, email)
    await openLink(tab)
    await choosePassword(tab)
    await tab.getByRole('link', { name: 'Back to the application' }).click()
    await tab.waitForURL(`${world.app.origin}/signed-out`)
    expect(await world.passwordOf(email)).toBe('new')
    expect(world.returns()).toEqual(['POST'])
  })

  it('needs two clicks more where scripts are off', async ({ open }) => {
    const world = theWorld()
    const email = world.addUser()
    const { page: tab } = await open({ javaScript: false })
    await askForLink(world, tab, email)
    await openLink(tab)
    await tab.getByRole('heading', { name: "we're confirming this reset" }).waitFor()
    await continueByHand(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await continueByHand(tab)
    await choosePassword(tab)
    await tab.getByRole('link', { name: 'Back to the application' }).click()
    await tab.waitForURL(`${world.app.origin}/signed-out`)
    expect(await world.passwordOf(email)).toBe('new')
  })

  it('waits in a tab that was opened behind another one', async ({ open }) => {
    const world = theWorld()
    const before = await world.records()
    const email = world.addUser()
    const { context, page: tab } = await open()
    await hide(context)
    await askForLink(world, tab, email)
    await openLink(tab)
    await tab.waitForURL(`${world.origins.verifier}/verify`)
    await settle(tab)
    expect(await world.records()).toBe(before)
    await show(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    expect(await world.records()).toBe(before + 1)
    await show(tab)
    await choosePassword(tab)
    expect(await world.passwordOf(email)).toBe('new')
  })

  it('shows neither token in any URL, Referer or history entry after the arrival', async ({
    open,
  }) => {
    const world = theWorld()
    const { context, page: tab, requests } = await open()
    await askForLink(world, tab, world.addUser())
    await openLink(tab)
    await choosePassword(tab)
    await tab.getByRole('link', { name: 'Back to the application' }).click()
    await tab.waitForURL(`${world.app.origin}/signed-out`)

    const arrivals = requests.filter((request) => request.url().includes('session_token='))
    expect(arrivals.map((request) => new URL(request.url()).pathname)).toEqual(['/verify'])
    const arrival = new URL(arrivals[0]?.url() ?? '')
    const back = requests.find((request) => request.url().includes('/continue'))
    const posted = new URLSearchParams(back?.postData() ?? '')
    const secrets = [arrival.searchParams.get('session_token'), posted.get('session_token')]
    const state = arrival.searchParams.get('state')
    expect(secrets.every((secret) => /^eyJ[\w-]+\.[\w-]+\.[\w-]{43}$/.test(secret ?? ''))).toBe(
      true,
    )
    expect(posted.get('state')).toBe(state)
    for (const secret of secrets as string[]) {
      expect((await historyOf(tab)).join()).not.toContain(secret)
      for (const request of requests) {
        const { referer = '' } = await request.allHeaders()
        expect(referer).not.toContain(secret)
        if (request !== arrivals[0]) expect(request.url()).not.toContain(secret)
      }
    }
    const stored = await context.storageState()
    expect(JSON.stringify(stored.origins)).not.toContain(state)
  })
})

describe('a reset of somebody with an authenticator app', () => {
  const theWorld = useResetWorld(database)

  it('asks for the code, and takes no wrong one', async ({ open }) => {
    const world = theWorld()
    const email = world.addUser(['otp'])
    const person = await open()
    const { page: tab } = person
    person.expectFault(/status of 400/)
    await askForLink(world, tab, email)
    await openLink(tab)
    await tab.getByLabel('Code').fill('000000')
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.getByRole('alert').getByText('That is not right. Try again.').waitFor()
    expect(await world.passwordOf(email)).toBe('old')
    await enterOneTimePassword(world, tab, email)
    await choosePassword(tab)
    expect(await world.passwordOf(email)).toBe('new')
  })
})

describe('a reset of somebody on the deny list', () => {
  const theWorld = useResetWorld(database)

  it('ends on a page that says where to get help, with the code of the record', async ({
    open,
  }) => {
    const world = theWorld()
    const email = world.addUser()
    await world.deny(email)
    const person = await open()
    const { page: tab } = person
    person.expectFault(/status of 400/)
    await askForLink(world, tab, email)
    await openLink(tab)
    await tab.getByRole('heading', { name: 'Your password was not changed' }).waitFor()
    const text = (await tab.getByRole('alert').textContent()) ?? ''
    const [, code] =
      /Contact support: ([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})/.exec(text) ?? []
    const [record] = await database.sql<{ reference: string }[]>`
      select reference from assessment where tenant = ${world.tenantId}`
    expect(code).toBe(record?.reference)
    expect(text).not.toMatch(/risk|suspicious|token|verifier|list/i)
    expect(await world.passwordOf(email)).toBe('old')
  })
})

describe('a tenant that wants a click', () => {
  const theWorld = useResetWorld(database, { settings: { name: 'Acme Bank', requireClick: true } })

  it('has its click, once, however often the person presses', async ({ open }) => {
    const world = theWorld()
    const email = world.addUser()
    const { page: tab } = await open()
    await askForLink(world, tab, email)
    await openLink(tab)
    await tab.waitForURL(`${world.origins.verifier}/verify`)
    await settle(tab)
    expect(await world.records()).toBe(0)
    expect(await tab.title()).toContain('Acme Bank')
    await tab.getByRole('button', { name: 'Continue' }).dblclick()
    await choosePassword(tab)
    expect(await world.records()).toBe(1)
    expect(world.returns()).toEqual(['POST'])
    expect(await world.passwordOf(email)).toBe('new')
  })
})

describe('a tenant that wants the way back by GET', () => {
  const theWorld = useResetWorld(database, { settings: { continueMethod: 'get' } })

  it('has it, and the history holds neither token', async ({ open }) => {
    const world = theWorld()
    const email = world.addUser()
    const { page: tab } = await open()
    await askForLink(world, tab, email)
    await openLink(tab)
    await choosePassword(tab)
    expect(world.returns()).toEqual(['GET'])
    expect((await historyOf(tab)).join()).not.toContain('session_token')
    expect(await world.passwordOf(email)).toBe('new')
  })
})

describe('a tenant that answers /continue with a redirect to yet another site', async () => {
  const elsewhere = await openSite('elsewhere', page('<title>Elsewhere</title>'))
  afterAll(elsewhere.close)
  const code = `exports.onExecutePostChallenge = async (event, api) => {
  api.transaction.setResultUrl(event.secrets.ELSEWHERE)
}`
  const secrets = { ELSEWHERE: `${elsewhere.origin}/next` }
  const theWorld = useResetWorld(database, {
    tenant: { switches: { resultUrlAt: 'continue' } },
    actions: (reference) => [{ name: 'elsewhere', code, secrets }, reference],
  })

  // A form-action in the leaving page's policy would stop the browser there, after the tenant has
  // consumed the token: nobody but a browser can see that.
  it('has the browser arrive there', async ({ open }) => {
    const world = theWorld()
    const { page: tab } = await open()
    await askForLink(world, tab, world.addUser())
    await openLink(tab)
    await tab.waitForURL(`${elsewhere.origin}/next`)
    expect(world.returns()).toEqual(['POST'])
  })

  it('has it arrive there by hand as well', async ({ open }) => {
    const world = theWorld()
    const { page: tab } = await open({ javaScript: false })
    await askForLink(world, tab, world.addUser())
    await openLink(tab)
    await continueByHand(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await continueByHand(tab)
    await tab.waitForURL(`${elsewhere.origin}/next`)
  })
})
