/**
 * Attempts, counted per network in this process: wrong tokens, and sign-ins that were begun. Guessing
 * is pointless against 256 bits, but each guess costs a statement, and each sign-in the provider a
 * request. Requests of those who are known are never counted.
 */
import { parseAddress } from '../address.ts'

export interface Attempts {
  /** Whether another one would still be within the limit. `address` is canonical text. */
  permits(address: string | undefined): boolean
  count(address: string | undefined): void
}

export interface AttemptRate {
  readonly perMinute: number
  /** How many may come at one moment, after a pause. */
  readonly burst: number
}

const MOST_NETWORKS = 10_000

/** `stopwatch` counts milliseconds. */
export function createAttempts(stopwatch: () => number, rate: AttemptRate): Attempts {
  const interval = 60_000 / rate.perMinute
  /** GCRA: network → when all of its attempts would have been served at the rate. */
  const due = new Map<string, number>()
  const keyOf = (address: string | undefined) =>
    (address === undefined ? undefined : parseAddress(address)?.network) ?? 'unknown'
  const nextOf = (key: string, now: number) => Math.max(due.get(key) ?? 0, now) + interval

  return {
    permits(address) {
      const now = stopwatch()
      return nextOf(keyOf(address), now) - now <= rate.burst * interval
    },
    count(address) {
      const now = stopwatch()
      if (due.size >= MOST_NETWORKS) {
        for (const [key, at] of due) if (at <= now) due.delete(key)
        // Still full of living keys: forgiving everybody is milder than refusing newcomers.
        if (due.size >= MOST_NETWORKS) due.clear()
      }
      const key = keyOf(address)
      due.set(key, nextOf(key, now))
    },
  }
}

/** What one process counts, whatever a request brings. */
export interface AdminAttempts {
  readonly tokens: Attempts
  readonly signIns: Attempts
}

/** People behind one address of an office sign in together. */
const RATES = { tokens: { perMinute: 30, burst: 60 }, signIns: { perMinute: 30, burst: 60 } }

export const createAdminAttempts = (stopwatch: () => number): AdminAttempts => ({
  tokens: createAttempts(stopwatch, RATES.tokens),
  signIns: createAttempts(stopwatch, RATES.signIns),
})
