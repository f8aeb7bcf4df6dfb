/**
 * The verifier's pages in a real browser, whatever is decided: with and without script, looked at or
 * not, reloaded, gone back to. Who else may see the token is `secrecy.test.ts`.
 */
import { describe, expect } from 'vitest'
import { hide, readPage, settle, show } from './page-state.ts'
import { it } from './person.ts'
import { serveVerifier } from './sites.ts'

const POSTED = {
  method: 'POST',
  body: 'state=S-1&session_token=the.continue.token&state=S-1',
}
const FOLLOWED = { method: 'GET', body: 'state=S-1&session_token=the.continue.token&' }
const CLICK = { settings: { requireClick: true } } as const

describe('a person who only looks on', () => {
  it('is taken through to the application, two sites further', async ({ open }) => {
    const site = await serveVerifier()
    const { page: tab } = await open()
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed).toHaveLength(1)
    expect(site.assessed[0]?.visit.client).toMatchObject({ script: true, time_zone: 'UTC' })
    expect(site.continued).toEqual([POSTED])
  })

  it('is taken through by GET where the tenant wants that', async ({ open }) => {
    const site = await serveVerifier({ settings: { continueMethod: 'get' } })
    const { page: tab } = await open()
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.continued).toEqual([FOLLOWED])
  })
})

describe('a person without script', () => {
  it('presses Continue twice and is through', async ({ open }) => {
    const site = await serveVerifier()
    const { page: tab } = await open({ javaScript: false })
    await tab.goto(site.link)
    expect(site.assessed).toHaveLength(0)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    expect(site.assessed[0]?.visit.client).toEqual({ script: false })
    expect(site.continued).toHaveLength(0)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.continued).toEqual([POSTED])
  })

  it('is taken on from the leaving page by itself where the way back is GET', async ({ open }) => {
    const site = await serveVerifier({ settings: { continueMethod: 'get' } })
    const { page: tab } = await open({ javaScript: false })
    await tab.goto(site.link)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.continued).toEqual([FOLLOWED])
  })

  it('may reload the leaving page and gets the same answer', async ({ open }) => {
    const site = await serveVerifier()
    const { page: tab } = await open({ javaScript: false })
    await tab.goto(site.link)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await tab.reload()
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed.map((input) => input.binding)).toEqual(
      Array(2).fill(site.assessed[0]?.binding),
    )
  })

  it('who opens the bare page is told to open the link again', async ({ open }) => {
    const site = await serveVerifier()
    const { page: tab } = await open({ javaScript: false })
    await tab.goto(`${site.verifier.origin}/verify`)
    await tab.getByRole('heading', { name: 'Open the link in the e-mail again.' }).waitFor()
    expect(await tab.getByRole('button').count()).toBe(0)
  })
})

describe('a tenant that requires a click', () => {
  it('has nothing posted until the click, and one post for a double click', async ({ open }) => {
    const site = await serveVerifier(CLICK)
    const { page: tab } = await open()
    await tab.goto(site.link)
    await settle(tab)
    expect(site.assessed).toHaveLength(0)
    await tab.getByRole('button', { name: 'Continue' }).dblclick()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed).toHaveLength(1)
    expect(site.continued).toEqual([POSTED])
  })

  it('still has its click after the page was reloaded without its parameters', async ({ open }) => {
    const site = await serveVerifier(CLICK)
    const { page: tab } = await open()
    await tab.goto(site.link)
    expect(tab.url()).toBe(`${site.verifier.origin}/verify`)
    await tab.reload()
    await settle(tab)
    expect(site.assessed).toHaveLength(0)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed).toHaveLength(1)
  })

  it('works by keyboard alone', async ({ open }) => {
    const site = await serveVerifier(CLICK)
    const { page: tab } = await open()
    await tab.goto(site.link)
    await tab.keyboard.press('Tab')
    await tab.keyboard.press('Enter')
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed).toHaveLength(1)
  })
})

describe('a page in the background', () => {
  it('posts nothing until it is seen, neither on arrival nor on leaving', async ({ open }) => {
    const site = await serveVerifier()
    const { context, page: tab } = await open()
    await hide(context)
    await tab.goto(site.link)
    await settle(tab)
    expect(site.assessed).toHaveLength(0)
    await show(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await settle(tab)
    expect(site.assessed).toHaveLength(1)
    expect(site.continued).toHaveLength(0)
    await show(tab)
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.continued).toEqual([POSTED])
  })

  it('asks once more for the same decision when its answer has gone stale', async ({ open }) => {
    const site = await serveVerifier({ continueSeconds: 60 })
    const { context, page: tab } = await open()
    await hide(context)
    await tab.goto(site.link)
    await show(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    const first = await readPage<number>(tab, 'performance.timeOrigin')
    await readPage(tab, 'Date.prototype.valueOf = () => performance.timeOrigin + 50_000')
    await show(tab)
    await tab.waitForURL(`${site.verifier.origin}/verify`)
    await tab.getByRole('heading', { name: "we're confirming this" }).waitFor()
    expect(await readPage<number>(tab, 'performance.timeOrigin')).not.toBe(first)
    expect(site.continued).toHaveLength(0)
    await show(tab)
    await tab.getByRole('heading', { name: 'Taking you back' }).waitFor()
    await show(tab)
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed).toHaveLength(2)
    expect(new Set(site.assessed.map((input) => input.binding)).size).toBe(1)
  })
})

describe('a person who comes back', () => {
  it('by the back button after completion, finds nothing that decides again', async ({ open }) => {
    const site = await serveVerifier()
    const { page: tab } = await open()
    await tab.goto(site.tenant.origin)
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    await tab.goBack()
    expect(tab.url()).toBe(`${site.tenant.origin}/`)
    expect(site.assessed).toHaveLength(1)
    expect(site.continued).toHaveLength(1)
  })

  it('by the back button to a page that was clicked, is told what to do', async ({ open }) => {
    const site = await serveVerifier(CLICK)
    const { page: tab } = await open()
    await tab.goto(site.tenant.origin)
    await tab.goto(site.link)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    await tab.goBack()
    await tab.getByRole('heading', { name: 'Open the link in the e-mail again.' }).waitFor()
    expect(site.assessed).toHaveLength(1)
    expect(site.continued).toHaveLength(1)
  })

  it('after an outage, presses Try again and is through', async ({ open }) => {
    const site = await serveVerifier()
    const person = await open()
    const { page: tab } = person
    person.expectFault(/status of 503/)
    site.refuseWith('unavailable')
    await tab.goto(site.link)
    await tab.getByRole('heading', { name: "We can't check this right now." }).waitFor()
    site.refuseWith(undefined)
    await tab.getByRole('link', { name: 'Try again' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed).toHaveLength(1)
  })

  it('without cookies, is told to use the browser that opened the link', async ({ open }) => {
    const site = await serveVerifier(CLICK)
    const person = await open()
    const { page: tab } = person
    person.expectFault(/status of 403/)
    await tab.goto(site.link)
    await person.context.clearCookies()
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.getByRole('heading', { name: 'Continue in the browser where you opened' }).waitFor()
    expect(site.assessed).toHaveLength(0)
  })
})

describe('two tabs of one browser', () => {
  it('get the same decision for the same link', async ({ open }) => {
    const site = await serveVerifier(CLICK)
    const { context, page: first } = await open()
    const second = await context.newPage()
    await first.goto(site.link)
    await second.goto(site.link)
    for (const tab of [first, second]) {
      await tab.getByRole('button', { name: 'Continue' }).click()
      await tab.waitForURL(`${site.app.origin}/callback`)
    }
    expect(site.assessed).toHaveLength(2)
    expect(site.assessed[0]?.binding).toBe(site.assessed[1]?.binding)
    expect(site.continued).toEqual([POSTED, POSTED])
  })
})

describe('another browser with the same link', () => {
  it('finds the link used, on a page that says what to do', async ({ open }) => {
    const site = await serveVerifier()
    const { page: tab } = await open()
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    const other = await open()
    other.expectFault(/status of 400/)
    await other.page.goto(site.link)
    await other.page.getByRole('heading', { name: 'This link no longer works.' }).waitFor()
    expect(site.continued).toHaveLength(1)
  })
})
