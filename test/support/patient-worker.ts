/**
 * The Worker with limits that no busy machine reaches, for tests that count what it does: a deadline
 * that strikes ends the work, and less is counted. Everything else is as it is deployed.
 */
import { createWorker } from '../../src/worker-handler.ts'

export default createWorker({
  clock: () => Math.floor(Date.now() / 1000),
  stopwatch: () => Date.now(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  newId: () => crypto.randomUUID(),
  write: (line) => console.log(line),
  limits: { connectSeconds: 20, deadlineMilliseconds: 20_000, assessMilliseconds: 25_000 },
})
