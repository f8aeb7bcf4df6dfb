/**
 * The bound in front of the driver, which by itself queues without limit. Beyond the bound a request
 * is refused at once: an answer that comes after the deadline helps nobody.
 */
import { StoreError } from '../ports.ts'

export interface Admission {
  /** Resolves with the way out, which must be taken exactly once. Rejects when overloaded. */
  enter(): Promise<() => void>
}

export interface QueueLimits {
  /** Statements under way at once: one per connection, so that the driver never queues. */
  readonly running: number
  readonly waiting: number
  readonly waitMilliseconds: number
}

/** First come, first served. For a process that shares one pool between its requests. */
export function createQueue({ running, waiting, waitMilliseconds }: QueueLimits): Admission {
  let under = 0
  const line = new Set<() => void>()

  function leave(): void {
    const [next] = line
    if (next === undefined) under -= 1
    else next()
  }
  return {
    async enter() {
      if (under < running) {
        under += 1
        return leave
      }
      if (line.size >= waiting) throw new StoreError('overloaded', 'QUEUE_FULL')
      await new Promise<void>((called, refused) => {
        const turn = () => {
          clearTimeout(patience)
          line.delete(turn)
          called()
        }
        const patience = setTimeout(() => {
          line.delete(turn)
          refused(new StoreError('overloaded', 'QUEUE_TIMEOUT'))
        }, waitMilliseconds)
        line.add(turn)
      })
      return leave
    },
  }
}

export interface Forgetting {
  /** Epoch seconds. */
  readonly clock: () => number
  /** Longer than any statement's deadline. */
  readonly seconds: number
}

/**
 * A bare count, for an isolate whose requests each bring their own connection. Nobody waits: on Workers
 * a promise that one request resolves must not be awaited by another. And a request whose client went
 * away is ended there without a word, so that nobody leaves in its name: hence `forgetting`, without
 * which such requests would fill the count for as long as the isolate lives.
 */
export function createCounter(limit: number, forgetting?: Forgetting): Admission {
  const under = new Set<{ readonly at: number }>()

  function forget({ clock, seconds }: Forgetting): void {
    for (const entry of under) {
      if (Math.abs(clock() - entry.at) > seconds) under.delete(entry)
    }
  }
  return {
    async enter() {
      if (under.size >= limit && forgetting !== undefined) forget(forgetting)
      if (under.size >= limit) throw new StoreError('overloaded', 'TOO_MANY')
      const entry = { at: forgetting?.clock() ?? 0 }
      under.add(entry)
      return () => {
        under.delete(entry)
      }
    },
  }
}
