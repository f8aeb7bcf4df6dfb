/**
 * Properties are tried with the same cases in every run of the suite, so that a change is judged by what
 * it changed and a failure comes back when it is looked for. Other seeds have their own runs: FUZZ_SEED
 * names one, and with FUZZ_RUNS, the long run, fast-check draws its own.
 */
import fc from 'fast-check'

const { FUZZ_RUNS, FUZZ_SEED = FUZZ_RUNS === undefined ? '20261121' : undefined } = process.env
if (FUZZ_SEED !== undefined) fc.configureGlobal({ seed: Number(FUZZ_SEED) })
