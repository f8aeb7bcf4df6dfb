import { defineConfig } from 'vitest/config'

// The public name of the emulator resolves to its source here, as it does for tsc.
const resolve = {
  alias: {
    'redirect-verifier/emulator': new URL('src/emulator/index.ts', import.meta.url).pathname,
  },
}

// One embedded PostgreSQL serves the whole run; each test file that needs one gets its own database
// from a template, so files can run beside each other.
export default defineConfig({
  test: {
    globalSetup: ['./test/support/global-setup.ts'],
    projects: [
      {
        resolve,
        test: {
          name: 'node',
          provide: { runtime: 'node' },
          include: ['test/{unit,store,round-trip,corpora,faults,cli}/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      // The same round trips once more, with the verifier on workerd.
      {
        resolve,
        test: {
          name: 'workers',
          provide: { runtime: 'workerd' },
          globalSetup: ['./test/support/worker-setup.ts'],
          include: ['test/{round-trip,workers}/**/*.test.ts'],
          // No verifier takes part in these.
          exclude: ['test/round-trip/action-file.test.ts', 'test/round-trip/clients-*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
