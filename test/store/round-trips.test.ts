/** What a verification costs in round trips to Postgres, counted on the wire. */
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCounter } from '../../src/verifier/store/admission.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { createRequestStore } from '../../src/verifier/store/request-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { createCountingProxy } from '../support/proxy.ts'

const database = await freshDatabase()
const proxy = await createCountingProxy(database.url)
const CONNECTIONS = 3
const store = createPoolStore(proxy.url, { ...PATIENT, connections: CONNECTIONS })
let policyId: number

beforeAll(async () => {
  policyId = await createArrangement(database).activatePolicy('acme', policyOf())
  await store.warm()
})
afterAll(async () => {
  await store.close()
  await proxy.close()
})

describe('on a warm connection', () => {
  it('every connection of the pool is warm from the start', async () => {
    const [open] = await database.sql`
      select count(*)::integer as connections from pg_stat_activity
      where datname = current_database() and application_name = 'redirect-verifier'`
    expect(open?.connections).toBe(CONNECTIONS)
    proxy.take()
    const names = Array.from({ length: 10 * CONNECTIONS }, (_, i) => `warm ${i}`)
    await Promise.all(names.map((name) => store.open(openingOf(name))))
    expect(proxy.take()).toBe(names.length)
  })

  it('a fresh record costs one', async () => {
    proxy.take()
    expect(await store.open(openingOf('fresh'))).toMatchObject({ kind: 'opened', fresh: true })
    expect(proxy.take()).toBe(1)
  })

  it('so does a repeat that comes after the first was stored', async () => {
    await store.open(openingOf('repeat'))
    proxy.take()
    expect(await store.open(openingOf('repeat'))).toMatchObject({ kind: 'opened', fresh: false })
    expect(proxy.take()).toBe(1)
  })

  it.each([
    ['a spent token', { tokenKey: openingOf('repeat').tokenKey }],
    ['a state that is taken', { stateHash: openingOf('repeat').stateHash }],
    ['a tenant without a policy', { tenantId: 'nobody' }],
  ])('and %s', async (_case, changes) => {
    proxy.take()
    expect(await store.open(openingOf(_case, changes))).not.toMatchObject({ kind: 'opened' })
    expect(proxy.take()).toBe(1)
  })

  it('and settling, for the first writer as for a late one', async () => {
    const answer = await store.open(openingOf('settle'))
    if (answer.kind !== 'opened') throw new Error(answer.kind)
    const { tenantId, id, openedAt } = answer.assessment
    for (const _writer of ['first', 'late']) {
      proxy.take()
      await store.settle({ tenantId, id, openedAt, decision: decisionOf() })
      expect(proxy.take()).toBe(1)
    }
  })
})

it('a repeat that races the first request costs two at most', async () => {
  // The first request is held between its writes and its commit by a row lock on the user's allowance.
  const { sql } = database
  const opening = openingOf('race', { knownPolicies: [policyId] })
  await store.open(openingOf('same user', { user: opening.user }))
  const holder = await sql.reserve()
  await holder`begin`
  await holder`select from rate_gcra where key = ${opening.user} for update`
  proxy.take()
  const first = store.open(opening)
  await waitingOnLock(1)
  const second = store.open(openingOf('race'))
  await waitingOnLock(2)
  await holder`rollback`
  holder.release()
  const [winner, loser] = await Promise.all([first, second])
  expect(winner).toMatchObject({ kind: 'opened', fresh: true })
  expect(loser).toMatchObject({ kind: 'opened', fresh: false })
  expect(loser).toHaveProperty('assessment', (winner as { assessment?: unknown }).assessment)
  expect(proxy.take()).toBe(3)

  async function waitingOnLock(sessions: number): Promise<void> {
    for (;;) {
      const [row] = await sql`
        select count(*)::integer as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      if (row?.waiting === sessions) return
    }
  }
})

it('a client of a single request pays for connecting and preparing, and nothing else', async () => {
  proxy.take()
  const plain = postgres(proxy.url, { max: 1, fetch_types: false })
  await plain.unsafe('select')
  const connecting = proxy.take() - 1
  await plain.end()

  const single = createRequestStore(proxy.url, {
    admission: createCounter(1),
    connectSeconds: 20,
    deadlineMilliseconds: 25_000,
  })
  proxy.take()
  await single.open(openingOf('single'))
  expect(proxy.take()).toBe(connecting + 2)
  await single.open(openingOf('single again'))
  expect(proxy.take()).toBe(1)
})
