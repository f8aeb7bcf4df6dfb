/**
 * A few rows of the fault table with few people, and the mutants: enough to know that the runner, the
 * checker and recovery work. `npm run faults` is the whole table.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeMutant, MUTANTS, ORIGINAL, runMutant } from './mutants.ts'
import { createDice } from './people.ts'
import { holds, runRow } from './row.ts'
import { rowNamed } from './rows.ts'
import { openStage, type Stage } from './stage.ts'
import { findingLines } from './table.ts'

const SEED = 20_261_120
/** No time is asserted here; a request that hangs is still one that nobody is served by. */
const PACE = { rate: 20, duration: 500, soakMinutes: 0.03, deadline: Number.POSITIVE_INFINITY }

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ dice: createDice(SEED) })
}, 120_000)
afterAll(() => stage?.close(), 60_000)

describe('under load', () => {
  it.each([
    'session ended',
    'server killed',
    'reset storm',
    'killed between commit and answer',
    'soak',
  ])(
    '%s: every promise holds, everybody is served in the end',
    async (name) => {
      const result = await runRow(stage, rowNamed(name), PACE)
      expect(findingLines(result)).toEqual([])
      expect(holds(result)).toBe(true)
      expect(result.operations).toBeGreaterThan(10)
      expect(result.served).toBeGreaterThan(5)
    },
    90_000,
  )
})

describe('the checker', () => {
  it('finds nothing against the service as it is', async () => {
    expect(await judgeMutant(ORIGINAL, stage.ownerUrl(), stage.dice)).toEqual([])
  }, 60_000)

  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'catches a service that %s',
    async (_name, mutant) => {
      expect(await runMutant(mutant, stage)).toContain(mutant.breaks)
    },
    90_000,
  )
})
