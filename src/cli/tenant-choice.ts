/** What is said where a command could mean several tenants: which there are, as many as can be read. */
import { EXIT, Failure } from './failure.ts'

const MOST_NAMED = 20

/** `tenants` are at least two. */
export function ambiguousTenant(tenants: readonly string[]): Failure {
  const left = tenants.length - MOST_NAMED
  const named = tenants.slice(0, MOST_NAMED).join(', ')
  const others = left > 0 ? ` and ${left.toLocaleString('en-US')} more` : ''
  return new Failure(`Name one of the tenants with --tenant: ${named}${others}.`, EXIT.usage)
}
