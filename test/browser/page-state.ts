/**
 * What a page is in, beside what it shows: values of its scripts, whether somebody sees it, the tab's
 * history. Read through the debugging protocol, so that no policy of the page is in the way.
 */
import type { BrowserContext, Page } from 'playwright-core'

/**
 * The value of an expression in the page. Through the debugging protocol, because the pages forbid
 * `eval`, on which the library's own `evaluate` rests.
 */
export async function readPage<T>(page: Page, expression: string): Promise<T> {
  const session = await page.context().newCDPSession(page)
  try {
    const answer = await session.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })
    if (answer.exceptionDetails) {
      throw new Error(answer.exceptionDetails.exception?.description ?? 'the expression threw')
    }
    return answer.result.value as T
  } finally {
    await session.detach()
  }
}

/**
 * Makes every page of the context a background one until `show`. The headless browser calls each of
 * its pages visible, so the page is told otherwise through the property that scripts read.
 */
export const hide = (context: BrowserContext) =>
  context.addInitScript(`Object.defineProperty(Document.prototype, 'visibilityState', {
    configurable: true, get: () => (globalThis.shown ? 'visible' : 'hidden') })`)

/** The person turns to the page: this document only, the next one starts hidden again. */
export const show = (page: Page) =>
  readPage(page, 'shown = true, document.dispatchEvent(new Event("visibilitychange")), undefined')

/** Two frames later whatever a page does on its own at once has been done. */
export const settle = (page: Page) =>
  readPage(page, 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')

/** Every address in the tab's history, the pages of other sites included. */
export async function historyOf(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page)
  const { entries } = await session.send('Page.getNavigationHistory')
  await session.detach()
  return entries.map((entry) => entry.url)
}
