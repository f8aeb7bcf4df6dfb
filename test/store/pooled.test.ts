/** What a pooler in transaction mode asks of the driver: nothing that outlives a statement on a connection. */
import { afterAll, describe, expect, it } from 'vitest'
import { createClient } from '../../src/verifier/store/client.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'

const database = await freshDatabase()
const pooled = `${database.url}?prepare=false`
const OPTIONS = { connections: 1, connectSeconds: 20, session: { statement_timeout: '1234' } }

/** What one connection is left with after a statement with a parameter. */
async function leftBehind(url: string) {
  const sql = createClient(url, OPTIONS)
  try {
    for (const value of ['a', 'b']) await sql`select ${value}::text as value`
    const prepared = await sql`select name from pg_prepared_statements`
    const [row] = await sql<{ statement_timeout: string }[]>`show statement_timeout`
    return { prepared: prepared.length > 0, timeout: row?.statement_timeout }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

describe('a connection', () => {
  it('keeps prepared statements and its own settings where it is ours', async () => {
    expect(await leftBehind(database.url)).toEqual({ prepared: true, timeout: '1234ms' })
  })

  it('keeps neither where the URL says that it is everybody’s', async () => {
    expect(await leftBehind(pooled)).toEqual({ prepared: false, timeout: '0' })
  })

  it.each(['?prepare=true', '?prepare=', '?application_name=x'])(
    'is ours with %s',
    async (query) => {
      expect((await leftBehind(`${database.url}${query}`)).prepared).toBe(true)
    },
  )
})

it('a verification is the same through it: opened once, and the repeat is the same record', async () => {
  await createArrangement(database).activatePolicy('acme', policyOf())
  const store = createPoolStore(pooled, { ...PATIENT, connections: 2 })
  afterAll(() => store.close())
  await store.warm()
  const opened = await Promise.all([
    store.open(openingOf('pooled')),
    store.open(openingOf('pooled')),
  ])
  const ids = opened.map((answer) =>
    answer.kind === 'opened' ? answer.assessment.id : answer.kind,
  )
  expect(new Set(ids).size).toBe(1)
  expect(opened.filter((answer) => answer.kind === 'opened' && answer.fresh)).toHaveLength(1)
})
