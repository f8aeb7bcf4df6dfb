/**
 * A person with a browser: `it` is vitest's, with `open` to get a window of the real Chromium.
 * Windows that a test opened are closed at its end, and their watch has the last word on it.
 */
import type { Browser, BrowserContext, Page, Request } from 'playwright-core'
import { test as base, expect } from 'vitest'
import { startChromium } from '../support/chromium.ts'
import { type Watch, watch } from './watch.ts'

export interface Person {
  readonly context: BrowserContext
  readonly page: Page
  /** Every request of every tab of this person, in order. */
  readonly requests: readonly Request[]
  readonly expectFault: Watch['expectFault']
}

export interface PersonOptions {
  readonly javaScript?: boolean
  readonly colorScheme?: 'light' | 'dark'
  /** Lets a test put its own scripts into the page, past the page's policy. */
  readonly bypassPolicy?: boolean
  readonly viewport?: { readonly width: number; readonly height: number }
}

export const it = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names off the first pattern.
  .extend('chromium', { scope: 'file' }, async ({}, { onCleanup }) => {
    const chromium = await startChromium()
    if (chromium.ok) onCleanup(chromium.stop)
    else refuseToPass(chromium.reason)
    return chromium
  })
  .extend('open', async ({ chromium, skip }, { onCleanup }) => {
    if (!chromium.ok) return skip(chromium.reason)
    const opened: { person: Person; watch: Watch }[] = []
    onCleanup(async () => {
      for (const { person } of opened) await person.context.close()
      expect(opened.flatMap((window) => window.watch.verdict())).toEqual([])
    })
    return async (options: PersonOptions = {}): Promise<Person> => {
      const window = await openWindow(chromium.browser, options)
      opened.push(window)
      return window.person
    }
  })

/** Without a browser nothing here is shown to work: CI must not be green then, and a person told. */
function refuseToPass(reason: string): void {
  const text = `NO BROWSER, so no browser test ran: ${reason}`
  if (process.env.CI === 'true') throw new Error(text)
  process.stderr.write(`\n${text}\n`)
}

let nextAddress = 0

async function openWindow(browser: Browser, options: PersonOptions) {
  const context = await browser.newContext({
    javaScriptEnabled: options.javaScript ?? true,
    colorScheme: options.colorScheme ?? 'light',
    bypassCSP: options.bypassPolicy ?? false,
    viewport: options.viewport ?? { width: 1280, height: 800 },
    locale: 'en-GB',
    // Tenant and verifier take a loopback peer for a proxy: each person sits at an address of its own.
    extraHTTPHeaders: { 'x-forwarded-for': `192.0.2.${(1 + nextAddress++) % 250}` },
  })
  const requests: Request[] = []
  context.on('request', (request) => requests.push(request))
  const watched = await watch(context)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const person = { context, page, requests, expectFault: watched.expectFault }
  return { person, watch: watched }
}
