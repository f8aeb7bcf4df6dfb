/** `api.access` of both triggers. */
import type { LegContext } from '../thread/leg-context.ts'

export interface AccessApi<Returned> {
  deny(reason: string): Returned
}

/**
 * `deny` only records: it neither throws nor returns from the handler, and a second argument is ignored
 * (contract 2.3; seed 000's own example passes two).
 */
export function accessApi<Returned>(
  context: LegContext,
  returned: () => Returned,
): AccessApi<Returned> {
  return {
    deny(reason) {
      // Assumed: what is not text is shown as text, and nothing as the empty text.
      context.record({ type: 'access.deny', reason: String(reason ?? '') })
      return returned()
    },
  }
}
