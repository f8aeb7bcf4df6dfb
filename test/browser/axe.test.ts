/**
 * The verifier's pages against WCAG 2.2, levels A and AA, as far as a program can tell: light and dark,
 * as narrow as 320 px, with and without script, from left to right and from right to left.
 */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { LANGUAGES } from '../../src/verifier/http/pages/languages.ts'
import { hide, readPage } from './page-state.ts'
import { it } from './person.ts'
import { serveVerifier } from './sites.ts'
import { walkPages } from './verifier-pages.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const NARROW = { width: 320, height: 640 }
const SETTINGS = {
  name: 'Musterbank Nordrhein-Westfalen',
  color: '#0a7d4f',
  supportUrl: 'https://bank.example/help',
  restartUrl: 'https://bank.example/forgot-password',
}
/** Every refusal is a failed load for the console. */
const REFUSED = /status of (400|403|404|500|503)/

describe.each([
  { language: 'en', flow: 'password_reset', colorScheme: 'light', javaScript: true },
  { language: 'en', flow: 'password_reset', colorScheme: 'dark', javaScript: true },
  { language: 'en', flow: 'login', colorScheme: 'light', javaScript: false },
  { language: 'ar', flow: 'password_reset', colorScheme: 'dark', javaScript: true },
  { language: 'ar', flow: 'login', colorScheme: 'light', javaScript: false },
  { language: 'he', flow: 'login', colorScheme: 'light', javaScript: true },
] as const)('$language, $flow, $colorScheme, script $javaScript', (how) => {
  it('violates nothing on any page', async ({ open }) => {
    const site = await serveVerifier({ settings: SETTINGS, flow: how.flow })
    const { colorScheme } = how
    const person = await open({ colorScheme, viewport: NARROW, bypassPolicy: true })
    person.expectFault(REFUSED)
    await hide(person.context)
    const session = await person.context.newCDPSession(person.page)
    const allowScript = (value: boolean) =>
      session.send('Emulation.setScriptExecutionDisabled', { value: !value })
    await allowScript(how.javaScript)
    const seen: string[] = []
    await walkPages(site, {
      ...how,
      page: person.page,
      look: async (name) => {
        seen.push(name)
        // The checker is a script as well; the page's own have had their turn, or missed it.
        await allowScript(true)
        expect(await violations(person.page), name).toEqual([])
        expect(await overflow(person.page), name).toBe(0)
        await allowScript(how.javaScript)
      },
    })
    expect(seen).toHaveLength(how.javaScript ? 14 : 11)
  })
})

describe.each(LANGUAGES)('%s', (language) => {
  it('fits a window of 320 px on every page', async ({ open }) => {
    const site = await serveVerifier({ settings: SETTINGS })
    const person = await open({ viewport: NARROW })
    person.expectFault(REFUSED)
    await hide(person.context)
    const { page } = person
    await walkPages(site, {
      page,
      javaScript: true,
      language,
      look: async (name) => {
        expect(await readPage(page, 'document.documentElement.lang'), name).toBe(language)
        expect(await overflow(page), name).toBe(0)
      },
    })
  })
})

describe('the check itself', () => {
  it('finds what is wrong', async ({ open }) => {
    const site = await serveVerifier({ settings: SETTINGS })
    const { page, context } = await open({ viewport: NARROW, bypassPolicy: true })
    await hide(context)
    await page.goto(site.link)
    await readPage(page, 'document.documentElement.lang = "", document.title = "", undefined')
    await readPage(page, 'document.querySelector("p").style.color = "#999", undefined')
    await readPage(page, 'document.querySelector("main").style.width = "400px", undefined')
    expect(await violations(page)).toEqual([
      expect.stringMatching(/^color-contrast/),
      expect.stringMatching(/^document-title/),
      expect.stringMatching(/^html-has-lang/),
    ])
    expect(await overflow(page)).toBeGreaterThan(0)
  })
})

/** Rule and element of each violation. */
async function violations(page: Page): Promise<readonly string[]> {
  const results = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze()
  return results.violations
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
    .sort()
}

const overflow = (page: Page) =>
  readPage<number>(
    page,
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
