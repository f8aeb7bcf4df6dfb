/**
 * How long a request has to wait, on average and lately, until this process can look at it: what a
 * stalled event loop does to people, as a number for readiness. For a long-running process.
 */

export interface LoopLag {
  /** Milliseconds; a request that arrives at any moment waits so long before it is read. */
  milliseconds(): number
  stop(): void
}

const TICK_MILLISECONDS = 50
/** What happened longer ago has faded: a pause of garbage collection is forgotten as soon. */
const MEMORY_MILLISECONDS = 5000
/** A longer stall is over when it is noticed: it must not be held against the process for a minute. */
const MOST_MILLISECONDS = 1000

/** `stopwatch` is monotonic. Keeps no process alive. */
export function createLoopLag(stopwatch: () => number): LoopLag {
  let last = stopwatch()
  let mean = 0

  /** Who arrives during a stall of `late` waits half of it; a fraction of all times arrives in it. */
  function note(): void {
    const now = stopwatch()
    const late = Math.min(Math.max(0, now - last - TICK_MILLISECONDS), MOST_MILLISECONDS)
    mean *= Math.exp((last - now) / MEMORY_MILLISECONDS)
    mean += (late * late) / (2 * MEMORY_MILLISECONDS)
    last = now
  }
  const timer = setInterval(note, TICK_MILLISECONDS)
  timer.unref()
  return {
    milliseconds: () => mean,
    stop: () => clearInterval(timer),
  }
}
