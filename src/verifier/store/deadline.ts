/**
 * A deadline on our side of the connection. The server's own timeouts say nothing when the server is
 * frozen or the network silent, and the driver would wait for ever.
 */
import { StoreError } from '../ports.ts'
import { DEADLINE } from './store-error.ts'

/**
 * The query's result, or `StoreError` `unknown` once the time is up: the statement may still commit
 * later. `onExpiry` runs first; the abandoned query's own end is nobody's concern any more.
 */
export function withinDeadline<Result>(
  query: Promise<Result>,
  milliseconds: number,
  onExpiry: () => void,
): Promise<Result> {
  return new Promise((done, failed) => {
    let settled = false
    const timer = setTimeout(() => {
      // A stalled event loop runs due timers before it reads the answer that lies in the socket.
      setImmediate(() => {
        if (settled) return
        onExpiry()
        failed(new StoreError('unknown', DEADLINE))
      })
    }, milliseconds)
    const end = <Value>(settle: (value: Value) => void) => {
      return (value: Value) => {
        settled = true
        clearTimeout(timer)
        settle(value)
      }
    }
    query.then(end(done), end(failed))
  })
}
