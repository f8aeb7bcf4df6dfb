/** The store on Postgres keeps the contract, through the pool of a process and through a client per request. */
import { afterAll } from 'vitest'
import { createCounter } from '../../src/verifier/store/admission.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { createRequestStore } from '../../src/verifier/store/request-store.ts'
import { freshDatabase } from '../support/database.ts'
import { PATIENT } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { storeContract } from './store-contract.ts'

const database = await freshDatabase()
const arrange = createArrangement(database)
const pool = createPoolStore(database.url, { ...PATIENT, connections: 2 })
afterAll(() => pool.close())

async function empty(): Promise<void> {
  const { sql } = database
  await sql`
    truncate tenant_settings, policy, redemption, state_claim, assessment, user_profile, rate_gcra,
      entity_list, ip_range, range_list, release`
}

storeContract('on Postgres, pooled', async () => {
  await empty()
  return { store: pool, arrange }
})

storeContract('on Postgres, a client per request', async () => {
  await empty()
  const admission = createCounter(1)
  const store = createRequestStore(database.url, {
    admission,
    connectSeconds: 20,
    deadlineMilliseconds: 25_000,
  })
  return { store, arrange }
})
