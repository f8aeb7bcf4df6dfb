/**
 * Measures how long something took. Not a clock: what time it is, only the tenant says. Legs need it
 * because Action code takes real time out of its 20 seconds whatever the tenant's clock shows.
 */

/** Starts now; each call gives the whole milliseconds since. */
export function startStopwatch(): () => number {
  const started = process.hrtime.bigint()
  return () => Number((process.hrtime.bigint() - started) / 1_000_000n)
}
