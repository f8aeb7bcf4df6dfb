/**
 * Answers `/readyz` without becoming a load of its own: one check at a time, its answer kept for a
 * second. Actions ask it before every redirect.
 */
import type { Clock } from '../ports.ts'

const KEPT_SECONDS = 1

/** Never rejects: a check that fails is not ready. */
export function createReadiness(check: () => Promise<boolean>, clock: Clock) {
  let kept: { readonly at: number; readonly ready: boolean } | undefined
  let running: Promise<boolean> | undefined
  const run = async () => {
    try {
      const ready = await check().catch(() => false)
      kept = { at: clock(), ready }
      return ready
    } finally {
      running = undefined
    }
  }
  return async (): Promise<boolean> => {
    // `Math.abs`: a clock set back must not keep an old answer alive.
    if (kept && Math.abs(clock() - kept.at) < KEPT_SECONDS) return kept.ready
    running ??= run()
    return running
  }
}
