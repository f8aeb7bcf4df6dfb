/** What a process does for all its tenants off the request path, timed: each of it comes round for ever. */
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { dueTenants, unreadHistories } from '../../src/verifier/learn.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import type { Bench } from '../load/arrange.ts'
import { SECRETS } from '../load/tenant.ts'

/** Milliseconds. */
export interface Turns {
  /** Names, colours and watched versions of all tenants: each half minute. */
  readonly refresh: number
  /** The question who has anything to learn: each minute. */
  readonly due: number
  /** The question whether histories are read: every ten minutes. */
  readonly histories: number
}

const PROFILE_DAYS = 400

export async function timeTurns(
  { databaseUrl }: Bench,
  tenantIds: readonly string[],
): Promise<Turns> {
  const store = createPoolStore(databaseUrl, {
    connections: 1,
    statementMilliseconds: 30_000,
    deadlineMilliseconds: 40_000,
  })
  const timed = async (work: () => Promise<unknown>) => {
    // The second time, as always but once.
    await work()
    const start = performance.now()
    await work()
    return performance.now() - start
  }
  const identifiers = createIdentifiers(SECRETS.identifier)
  try {
    return {
      refresh: await timed(async () => {
        await store.readSettings()
        await store.readShadows([])
      }),
      due: await timed(() => dueTenants(store, tenantIds)),
      histories: await timed(() => unreadHistories(store, tenantIds, identifiers, PROFILE_DAYS)),
    }
  } finally {
    await store.close()
  }
}
