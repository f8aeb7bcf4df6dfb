/**
 * How often each property is tried. `FUZZ_RUNS` raises it for a long run, `FUZZ_SEED` repeats one; the
 * failing case and its seed are in fast-check's own report.
 */
export const fuzz = (usual: number) => ({
  numRuns: Number(process.env.FUZZ_RUNS) || usual,
  ...(process.env.FUZZ_SEED === undefined ? {} : { seed: Number(process.env.FUZZ_SEED) }),
})
