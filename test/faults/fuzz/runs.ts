/**
 * How often each property is tried. `FUZZ_RUNS` raises it for a long run, `FUZZ_SEED` repeats one; the
 * failing case and its seed are in fast-check's own report.
 */
import { vi } from 'vitest'
import '../../support/seed.ts'

const asked = Number(process.env.FUZZ_RUNS)
// A long run takes as long as it takes; the job that asks for it has a limit of its own.
if (asked > 0) vi.setConfig({ testTimeout: 3_600_000 })

export const fuzz = (usual: number) => ({ numRuns: asked || usual })
