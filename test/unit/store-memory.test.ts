/** The memory store keeps the contract of the real one. */
import { storeContract } from '../store/store-contract.ts'
import { createMemoryStore } from '../support/memory-store.ts'

storeContract('in memory', async () => {
  // Each reading a millisecond later, as on a real clock: records then have an order.
  let now = 1_800_000_000
  const store = createMemoryStore(() => {
    now += 0.001
    return now
  })
  return { store, arrange: store }
})
