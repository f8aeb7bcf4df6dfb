/**
 * The clock of a thread: the tenant's time at the start of the leg, plus what has passed since. Before
 * the first leg it stands at the epoch; a stopwatch measures, it never tells the time.
 */

export interface ThreadClock {
  /** Epoch milliseconds. */
  now(): number
  /** Starts a leg at this time; a frozen clock stands still there. */
  set(nowMs: number, frozen: boolean): void
}

export function createThreadClock(): ThreadClock {
  let startMs = 0
  let frozen = true
  let started = process.hrtime.bigint()
  return {
    now() {
      if (frozen) return startMs
      return startMs + Number((process.hrtime.bigint() - started) / 1_000_000n)
    },
    set(nowMs, isFrozen) {
      startMs = nowMs
      frozen = isFrozen
      started = process.hrtime.bigint()
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
