/**
 * The verifier on Cloudflare Workers, as wrangler.toml names it: what the platform gives, handed to the
 * handler. A module here may export nothing besides, for the platform takes each export for an entry.
 */
import { createWorker } from './worker-handler.ts'

export default createWorker({
  clock: () => Math.floor(Date.now() / 1000),
  // The platform's clock stands still while code runs; it moves with input and output.
  stopwatch: () => Date.now(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  newId: () => crypto.randomUUID(),
  write: (line) => console.log(line),
})
