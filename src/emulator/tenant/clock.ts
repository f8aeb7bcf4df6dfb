/**
 * The tenant's one clock: follows a base until somebody moves it, so that a test can let an hour pass.
 * Not a timer: deadlines of running Actions are real time.
 */

export interface TenantClock {
  /** Epoch milliseconds. */
  now(): number
  /** Stops at this moment (epoch milliseconds or a date) and stays there. */
  set(moment: number | Date): void
  /** Moves on from where it is; a clock that was set stays still at the new moment. */
  advanceSeconds(seconds: number): void
  /** Follows the base again, without any shift. */
  follow(): void
}

export function createClock(base: () => number): TenantClock {
  let fixedAt: number | undefined
  let shiftMs = 0
  const now = () => fixedAt ?? base() + shiftMs
  return {
    now,
    set: (moment) => {
      const value = typeof moment === 'number' ? moment : moment.getTime()
      if (!Number.isFinite(value))
        throw new TypeError('The clock takes epoch milliseconds or a date.')
      fixedAt = value
    },
    advanceSeconds: (seconds) => {
      if (fixedAt === undefined) shiftMs += seconds * 1000
      else fixedAt += seconds * 1000
    },
    follow: () => {
      fixedAt = undefined
      shiftMs = 0
    },
  }
}
