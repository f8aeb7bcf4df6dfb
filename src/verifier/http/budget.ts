/** The time that one verification may take altogether, whatever its parts are made of. */
import type { Assess } from '../assess.ts'
import { refuse } from '../domain/result.ts'

/**
 * Longer than one statement with its wait for a connection, shorter than any proxy's patience: a person
 * who has not heard by then presses again, and is answered by what was recorded.
 */
export const ASSESS_MILLISECONDS = 3000

/**
 * Answers `unavailable` when the time is up: whether the token was spent is unknown, and the same
 * browser's next try finds out. The work goes on unheard, for it may be about to commit.
 */
export const withinBudget =
  (assess: Assess, milliseconds = ASSESS_MILLISECONDS): Assess =>
  async (input) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const { tenantId } = input.session
    const expired = new Promise<Awaited<ReturnType<Assess>>>((done) => {
      timer = setTimeout(() => done(refuse({ code: 'unavailable', tenantId })), milliseconds)
    })
    try {
      return await Promise.race([assess(input), expired])
    } finally {
      clearTimeout(timer)
    }
  }
