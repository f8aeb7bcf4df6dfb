/**
 * Loaded into a verifier process before its own code, by `--import`: lets the test that started it make
 * it stall, mislead its clock, throw where nobody catches, die between a commit and its answer, or tell
 * what it holds on to. Every message is answered, with a number.
 */
import { ServerResponse } from 'node:http'
import { bytesInUse } from '../../bench/memory/in-use.ts'

export type Failpoint =
  | { readonly stall: { readonly milliseconds: number; readonly pause: number } }
  | { readonly clockSeconds: number }
  | { readonly throwUncaught: string }
  /** Kills the process as it begins to answer 200 to a post. */
  | { readonly dieAnswering: true }
  /** Changes nothing; the answer is the bytes that are in use. */
  | { readonly weigh: true }

const realNow = Date.now
let timer: ReturnType<typeof setTimeout> | undefined
let dying = false

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

process.on('message', (point: Failpoint) => {
  if ('stall' in point) {
    clearTimeout(timer)
    const { milliseconds, pause } = point.stall
    const again = () => {
      timer = setTimeout(() => {
        block(milliseconds)
        again()
      }, pause)
    }
    if (milliseconds > 0) again()
  }
  if ('clockSeconds' in point) Date.now = () => realNow() + point.clockSeconds * 1000
  if ('throwUncaught' in point) {
    setTimeout(() => {
      throw new Error(point.throwUncaught)
    })
  }
  if ('dieAnswering' in point) dying = true
  process.send?.('weigh' in point ? bytesInUse() : 0)
})
// The channel alone must not keep a process alive that has stopped.
process.channel?.unref()

const { writeHead } = ServerResponse.prototype
ServerResponse.prototype.writeHead = function (this: ServerResponse, ...given: unknown[]) {
  if (dying && this.req.method === 'POST' && given[0] === 200) process.kill(process.pid, 'SIGKILL')
  return Reflect.apply(writeHead, this, given) as ServerResponse
} as typeof writeHead
