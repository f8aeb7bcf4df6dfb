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

// This database is the file's own: the guard that keeps policies would keep those of earlier cases.
await database.sql`alter table policy disable trigger policy_guard`

/** Small tables: deleting is much faster than truncating. */
async function empty(): Promise<void> {
  await database.sql.unsafe(`
    delete from tenant_settings; delete from policy; delete from redemption;
    delete from state_claim; delete from assessment; delete from user_profile;
    delete from rate_gcra; delete from entity_list; delete from ip_range;
    delete from range_list; delete from release`)
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
