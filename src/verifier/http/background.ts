/**
 * Work beside the requests: what outlives its answer, and what comes round at intervals. Its failures
 * are logged and never thrown, because nobody is left to hear them.
 */
import type { Log } from '../log.ts'
import { StoreError } from '../ports.ts'

export function logFailure(log: Log, where: string, error: unknown): void {
  log('failure', {
    where,
    error_class: error instanceof Error ? error.name : 'Thrown',
    store_error: error instanceof StoreError ? error.code : undefined,
  })
}

/** Never rejects. `where` names the work in the log. */
export async function attempt(
  log: Log,
  where: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    logFailure(log, where, error)
  }
}

/** Promises that a process must not leave behind when it stops. */
export function createPending(log: Log, where: string) {
  const works = new Set<Promise<void>>()
  return {
    add(work: Promise<unknown>): void {
      const entry = attempt(log, where, () => work).finally(() => works.delete(entry))
      works.add(entry)
    },
    async settled(): Promise<void> {
      await Promise.all(works)
    },
  }
}

/**
 * One run after the other, never two at once, the first after one interval. `run` must not reject. The
 * returned function ends it and waits for a run under way. Keeps no process alive.
 */
export function repeat(milliseconds: number, run: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve()
  let timer: ReturnType<typeof setTimeout>
  let ended = false
  const schedule = () => {
    timer = setTimeout(() => {
      running = run().then(() => {
        if (!ended) schedule()
      })
    }, milliseconds)
    timer.unref()
  }
  schedule()
  return async () => {
    ended = true
    clearTimeout(timer)
    await running
  }
}
