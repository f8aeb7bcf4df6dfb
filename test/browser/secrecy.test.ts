/**
 * Who may see the token, and who may start anything with it: only the request that brought it and
 * the page's own post. Not the history, not a Referer, not a prefetch, not a frame, not a popup's opener.
 */
import { describe, expect } from 'vitest'
import { page } from './open-site.ts'
import { historyOf, readPage, settle } from './page-state.ts'
import { it, type Person } from './person.ts'
import { serveSite, serveVerifier } from './sites.ts'
import type { VerifierSite } from './verifier-site.ts'

/** The link as it stands in markup. */
const hrefOf = (site: VerifierSite) => site.link.replaceAll('&', '&amp;')

describe('the token', () => {
  it('travels in no URL and no Referer but the first request', async ({ open }) => {
    const site = await serveVerifier()
    const { page: tab } = await open()
    await tab.goto(site.tenant.origin)
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    const [, ...others] = site.verifier.arrived
    expect(site.verifier.arrived[0]?.url).toContain(site.token)
    for (const request of [...others, ...site.tenant.arrived, ...site.app.arrived]) {
      expect(request.url).not.toContain(site.token)
      expect(JSON.stringify(request.headers)).not.toContain(site.token)
    }
  })

  it('is in no history entry once the page has arrived', async ({ open }) => {
    const site = await serveVerifier({ settings: { requireClick: true } })
    const { page: tab } = await open()
    await tab.goto(site.link)
    expect(tab.url()).toBe(`${site.verifier.origin}/verify`)
    expect((await historyOf(tab)).join()).not.toContain(site.token)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    const entries = (await historyOf(tab)).join()
    expect(entries).not.toContain(site.token)
    expect(entries).not.toContain('the.continue.token')
  })

  it('leaves neither token in the history where the way back is GET', async ({ open }) => {
    const site = await serveVerifier({ settings: { continueMethod: 'get' } })
    const { page: tab } = await open()
    await tab.goto(site.link)
    await tab.waitForURL(`${site.app.origin}/callback`)
    const entries = (await historyOf(tab)).join()
    expect(entries).not.toContain(site.token)
    expect(entries).not.toContain('the.continue.token')
  })

  it('is gone from sessionStorage after leaving', async ({ open }) => {
    const site = await serveVerifier({ settings: { requireClick: true } })
    const { page: tab } = await open()
    await tab.goto(site.link)
    expect(await readPage(tab, 'JSON.stringify(sessionStorage)')).toContain(site.token)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    await tab.goto(`${site.verifier.origin}/verify`)
    expect(await readPage(tab, 'sessionStorage.length')).toBe(0)
    await tab.getByRole('heading', { name: 'Open the link in the e-mail again.' }).waitFor()
  })

  it('is cleaned out of the address bar of a refused link too', async ({ open }) => {
    const site = await serveVerifier()
    const person = await open()
    person.expectFault(/status of 400/)
    await person.page.goto(site.link.replace(site.token, 'forged'))
    await person.page.getByRole('heading', { name: 'This link no longer works.' }).waitFor()
    expect((await historyOf(person.page)).join()).not.toContain('forged')
  })
})

describe('a browser that guesses ahead', () => {
  it('prefetches nothing, and the person who follows is served', async ({ open }) => {
    const site = await serveVerifier()
    const rules = { prefetch: [{ source: 'list', urls: [site.link], eagerness: 'immediate' }] }
    const mail = await serveSite(
      'mail',
      page(`<title>Mail</title><a href="${hrefOf(site)}">Reset</a>
<script type="speculationrules">${JSON.stringify(rules)}</script>`),
    )
    const { page: tab } = await open()
    const prefetched = tab
      .context()
      .waitForEvent('request', (request) => request.url().startsWith(site.verifier.origin))
    await tab.goto(mail.origin)
    await prefetched
    await expect.poll(() => site.verifier.arrived.length, { timeout: 10_000 }).toBe(1)
    expect(site.verifier.arrived[0]?.headers['sec-purpose']).toContain('prefetch')
    await tab.getByRole('link', { name: 'Reset' }).click()
    await tab.waitForURL(`${site.app.origin}/callback`)
    expect(site.assessed).toHaveLength(1)
  })
})

describe('a page of another site', () => {
  it('cannot show the page in a frame, nor have it start anything', async ({ open }) => {
    const site = await serveVerifier()
    const markup = `<title>Trap</title><iframe src="${hrefOf(site)}"></iframe>`
    const trap = await serveSite('trap', page(markup))
    const person = await open()
    person.expectFault(/frame-ancestors|X-Frame-Options|status of 403/)
    await person.page.goto(trap.origin, { waitUntil: 'load' })
    await settle(person.page)
    expect(site.verifier.arrived[0]?.headers['sec-fetch-dest']).toBe('iframe')
    expect(site.verifier.arrived).toHaveLength(1)
    expect(site.assessed).toHaveLength(0)
    expect(await person.page.frames()[1]?.locator('form').count()).toBe(0)
  })

  it('cannot post the form in the name of the person', async ({ open }) => {
    const site = await serveVerifier({ settings: { requireClick: true } })
    const markup = `<title>Trap</title><form method="post" action="${site.verifier.origin}/verify">
<input name="session_token" value="${site.token}"><input name="state" value="S-1">
<button>Win</button></form>`
    const trap = await serveSite('trap', page(markup))
    const person = await open()
    person.expectFault(/status of 403/)
    await person.page.goto(site.link)
    await person.page.goto(trap.origin)
    await person.page.getByRole('button', { name: 'Win' }).click()
    await person.page.getByRole('heading', { name: 'This page could not be opened.' }).waitFor()
    expect(site.assessed).toHaveLength(0)
  })
})

describe('an application that signs people in with a popup', () => {
  async function resetInPopup(site: VerifierSite, { page: shop }: Person) {
    const link = `<title>Mail</title><a href="${hrefOf(site)}">Reset</a>`
    const mail = await serveSite('mail', page(link))
    const button = `<button onclick="popup = window.open('${mail.origin}')">Sign in</button>`
    await shop.goto((await serveSite('shop', page(`<title>Shop</title>${button}`))).origin)
    const opened = shop.waitForEvent('popup')
    await shop.getByRole('button', { name: 'Sign in' }).click()
    const popup = await opened
    expect(await readPage(popup, 'opener !== null')).toBe(true)
    await popup.getByRole('link', { name: 'Reset' }).click()
    await popup.waitForURL(`${site.app.origin}/callback`)
    return popup
  }

  it('sees it complete and has lost its hold on it', async ({ open }) => {
    const person = await open()
    const popup = await resetInPopup(await serveVerifier(), person)
    expect(await readPage(popup, 'opener')).toBeNull()
    expect(await readPage(person.page, 'popup.closed')).toBe(true)
  })

  it('keeps its hold where the operator gave up the opener policy', async ({ open }) => {
    const person = await open()
    const popup = await resetInPopup(await serveVerifier({ openerPolicy: 'unsafe-none' }), person)
    expect(await readPage(popup, 'opener !== null')).toBe(true)
    expect(await readPage(person.page, 'popup.closed')).toBe(false)
  })
})
