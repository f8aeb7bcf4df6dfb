/**
 * The clock of a thread: the tenant's time at the start of the leg, plus what has passed since. Before
 * the first leg it stands at the epoch.
 */
import { startStopwatch } from '../stopwatch.ts'

export interface ThreadClock {
  /** Epoch milliseconds. */
  now(): number
  /** Starts a leg at this time; a frozen clock stands still there. */
  set(nowMs: number, frozen: boolean): void
}

export function createThreadClock(): ThreadClock {
  let startMs = 0
  let elapsed = () => 0
  return {
    now: () => startMs + elapsed(),
    set(nowMs, frozen) {
      startMs = nowMs
      elapsed = frozen ? () => 0 : startStopwatch()
    },
  }
}

/** Makes `Date` in this thread, the Action's as well as its dependencies', tell the clock's time. */
export function installDate(clock: ThreadClock): void {
  const dates = new Proxy(Date, {
    construct: (target, parameters, newTarget) =>
      Reflect.construct(target, parameters.length === 0 ? [clock.now()] : parameters, newTarget),
    apply: (target) => new target(clock.now()).toString(),
    get: (target, key, receiver) =>
      key === 'now' ? clock.now : Reflect.get(target, key, receiver),
  })
  Date.prototype.constructor = dates
  globalThis.Date = dates
}
