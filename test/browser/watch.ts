/**
 * What must not happen in a window: CSP violations, console errors, script errors. A test may say
 * that it provokes one, and then that one has to be seen.
 */
import type { BrowserContext } from 'playwright-core'

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
