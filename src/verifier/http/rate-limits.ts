/**
 * Sheds rates that no people make, after the signature check and before Postgres: a valid token costs
 * a statement each time it is shown. These are limits of one process against floods and loops. How
 * many verifications are usual for a person or a network is evidence, judged by the policy on what
 * Postgres counts; volume that people can cause is never refused here.
 */
import { parseAddress } from '../address.ts'

export interface RateLimits {
  /** False: refuse, and nothing was counted. `address` is canonical text. */
  admit(tenantId: string, subject: string, address: string | undefined): boolean
}

export interface Rate {
  readonly perSecond: number
  /** How many may come at one moment, after a pause. */
  readonly burst: number
}

export interface Rates {
  /** One person: a double click, every tab reloaded, a broken page that posts in a loop for a moment. */
  readonly subject: Rate
  /** One subscriber's network: a company or a campus behind one address, at the start of a lesson. */
  readonly network: Rate
}

export const RATES: Rates = {
  subject: { perSecond: 10, burst: 600 },
  network: { perSecond: 300, burst: 3000 },
}

/** Some ten megabytes. */
const MOST_KEYS = 50_000
/** How long a key is kept at most that nobody needs any more. */
const SWEEP_MILLISECONDS = 2000

/** `stopwatch` counts milliseconds. Keys stay in this process's memory for seconds. */
export function createRateLimits(stopwatch: () => number, rates: Rates = RATES): RateLimits {
  /** GCRA: key → when all that it has asked for would have been served at its rate. */
  const due = new Map<string, number>()
  let sweepAt = 0

  function room(now: number): void {
    if (due.size < MOST_KEYS && now < sweepAt) return
    sweepAt = now + SWEEP_MILLISECONDS
    for (const [key, at] of due) if (at <= now) due.delete(key)
    // Still full of living keys: forgiving everybody is milder than refusing newcomers.
    if (due.size >= MOST_KEYS) due.clear()
  }

  return {
    admit(tenantId, subject, address) {
      const now = stopwatch()
      const network = address === undefined ? undefined : parseAddress(address)?.network
      const charges: [string, Rate][] = [[`s ${tenantId} ${subject}`, rates.subject]]
      if (network !== undefined) charges.push([`n ${tenantId} ${network}`, rates.network])
      const next = charges.map(([key, { perSecond, burst }]) => {
        const at = Math.max(due.get(key) ?? 0, now) + 1000 / perSecond
        return { key, at, fits: at - now <= (burst * 1000) / perSecond }
      })
      if (!next.every(({ fits }) => fits)) return false
      room(now)
      for (const { key, at } of next) due.set(key, at)
      return true
    },
  }
}
