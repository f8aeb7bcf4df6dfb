/**
 * Stops asking a Postgres that is not there, so that people are told to try again at once and not after
 * a timeout each, and so that a server that comes back is not met by everybody's retries. One question
 * of our own finds out when it is back; no visitor has to try.
 */
import { StoreError } from '../ports.ts'
import type { Ask } from './ask.ts'
import { DEADLINE } from './store-error.ts'

export interface BreakerLimits {
  /** Failures in a row, without one answer between them, that open it. */
  readonly failures: number
  /** Between a failed probe and the next one. */
  readonly probeMilliseconds: number
}

export interface Breaker {
  /** Asks, or rejects at once with `StoreError` while open: the statement surely did not happen. */
  readonly ask: Ask
  /** No probe after this one. */
  stop(): void
}

/** Told when it opens, with the code of the failure that opened it, and when it closes. */
export type OnBreaker = (open: boolean, code?: string) => void

/**
 * `probe` asks one harmless question through the same door as a request and rejects like one. While
 * open the rejection is of the kind that the last failure was: `unavailable` when the server takes
 * nobody in, so that a tenant's rule for outages applies; `overloaded` when it only went silent, which
 * is no licence to answer without it.
 */
export function createBreaker(
  ask: Ask,
  probe: () => Promise<unknown>,
  limits: BreakerLimits,
  tell: OnBreaker = () => {},
): Breaker {
  let inRow = 0
  /** While open: what askers are told. */
  let open: StoreError['kind'] | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  function close(): void {
    inRow = 0
    if (open === undefined) return
    open = undefined
    tell(false)
  }
  function failed(error: StoreError): void {
    const first = open === undefined
    open = error.code === DEADLINE ? 'overloaded' : 'unavailable'
    if (first) tell(true, error.code)
    if (stopped) return
    clearTimeout(timer)
    timer = setTimeout(() => void knock(), limits.probeMilliseconds)
    timer.unref()
  }
  async function knock(): Promise<void> {
    try {
      await probe()
      close()
    } catch (error) {
      // An answer, even a refusal, comes from a server that is there.
      if (error instanceof StoreError && isAbsence(error)) failed(error)
      else close()
    }
  }

  return {
    async ask(statement) {
      if (open !== undefined) throw new StoreError(open, 'BREAKER_OPEN')
      try {
        const rows = await ask(statement)
        inRow = 0
        return rows
      } catch (error) {
        if (error instanceof StoreError && isAbsence(error)) {
          inRow += 1
          if (inRow >= limits.failures && open === undefined) failed(error)
        }
        throw error
      }
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/**
 * What no request can provoke by its own content: the server takes nobody in, or says nothing at all.
 * A lock, a refused value, one lost session or our own queue do not count.
 */
const isAbsence = ({ kind, code }: StoreError) => kind === 'unavailable' || code === DEADLINE
