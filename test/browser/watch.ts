/**
 * What must not happen in a window: CSP violations, console errors, script errors. A test may say
 * that it provokes one, and then that one has to be seen.
 */
import type { BrowserContext, Page } from 'playwright-core'

export interface Watch {
  /** A fault that the test provokes on purpose. One that never occurs fails the test as well. */
  expectFault(pattern: RegExp): void
  /** Everything that happened and was not expected, and the other way round. */
  verdict(): readonly string[]
}

/** Reports each violation through a binding, which no content security policy can stop. */
const REPORT = `addEventListener('securitypolicyviolation', (event) => {
  reportViolation(event.effectiveDirective + ' blocked ' + event.blockedURI.slice(0, 80))
})`

/** Call before the first page opens: the listener must be there before a document's own markup. */
export async function watch(context: BrowserContext): Promise<Watch> {
  const faults: string[] = []
  const expected: RegExp[] = []
  context.on('weberror', (fault) => faults.push(`script error: ${fault.error().message}`))
  context.on('console', (message) => {
    // Some violations raise only the console line, and report-only ones are mere warnings.
    const violation = /content security policy|trusted ?type/i.test(message.text())
    if (message.type() === 'error' || violation) faults.push(`console: ${message.text()}`)
  })
  await context.exposeBinding('reportViolation', (_source, violation: string) => {
    faults.push(`violation: ${violation}`)
  })
  await context.addInitScript(REPORT)
  return {
    expectFault: (pattern) => expected.push(pattern),
    verdict: () => [
      ...faults.filter((fault) => !expected.some((pattern) => pattern.test(fault))),
      ...expected
        .filter((pattern) => !faults.some((fault) => pattern.test(fault)))
        .map((pattern) => `expected and never seen: ${pattern}`),
    ],
  }
}

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
