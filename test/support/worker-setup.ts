/** For the project that runs on workerd: builds the Worker once, for all its test files. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildWorker, type WorkerBundle } from './worker-bundle.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the verifier runs in the round trips of this project. */
    runtime: 'node' | 'workerd'
    /** Only where `runtime` is `workerd`. */
    workerBundle: WorkerBundle
  }
}

const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-worker-'))

export function setup(project: TestProject): void {
  project.provide('workerBundle', buildWorker(folder))
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true })
}
