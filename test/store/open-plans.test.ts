/**
 * What a verification reads is its own user's, address's and device's, and what is written back is its
 * own record: not everybody's, whether the planner has figures or, as on a new database and in a new
 * week, none. By plan, not by time.
 */
import type { Sql } from 'postgres'
import postgres from 'postgres'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Opening } from '../../src/verifier/ports.ts'
import type { OpenRow } from '../../src/verifier/store/open-statement.ts'
import { openParameter, openStatement } from '../../src/verifier/store/open-statement.ts'
import { settleParameters, settleStatement } from '../../src/verifier/store/settle-statement.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, numberOf, openingOf, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { touchedRows } from '../support/query-plan.ts'

const OTHERS = 3000
const KNOWN = { user: numberOf('user known') }
const ROTATING = {
  user: numberOf('user rotated'),
  previous: { ...openingOf('known').previous, user: KNOWN.user },
} as Partial<Opening>

const opened: OpenRow[] = []

const database = await freshDatabase()
const { sql, url } = database
let text = ''
let settleText = ''
/** As the pool's sessions are. */
const session = postgres(url, {
  max: 1,
  fetch_types: false,
  connection: { plan_cache_mode: 'force_generic_plan', jit: 'off' } as Record<string, string>,
  debug: (_connection, query) => {
    if (settleText === '' && query.includes('update assessment')) settleText = query
    else if (text === '' && query.includes('with given')) text = query
  },
})

beforeAll(async () => {
  await createArrangement(database).activatePolicy('acme', policyOf())
  // Figures would come by themselves in the middle of a test.
  await sql`
    do $$ declare part regclass; begin
      for part in select inhrelid from pg_inherits where inhparent = 'assessment'::regclass loop
        execute format('alter table %s set (autovacuum_enabled = off)', part);
      end loop;
    end $$`
  await sql`alter table user_event set (autovacuum_enabled = off)`
  for (const name of ['first', 'second', 'third']) {
    opened.push(...(await openStatement(session, openParameter(openingOf(name)))))
  }
  await sql`
    insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
      user_key, token_address, visit_address, device, facts, settled_at, outcome, assessed, score,
      decision, confirmed_at)
    select 'acme', now() - make_interval(secs => n * 0.01), md5(n::text)::uuid, '0000-0000',
      'password_reset', 'e', 1, case when n % 1000 = 0 then ${KNOWN.user}::text::bigint else n end,
      n, n, n, '{}', now(), 'step_up', 'step_up', 0, '{}',
      case when n % 2 = 0 then now() end
    from generate_series(1, ${`${OTHERS}`}::text::integer) as n`
  await sql`
    insert into user_event (tenant, log_key, kind, user_key, at, received_at)
    select 'acme', decode(md5(n::text) || md5(n::text), 'hex'),
      (array['reset', 'failure', 'change'])[1 + n % 3], n, now() - make_interval(secs => n * 0.01),
      now()
    from generate_series(1, ${`${OTHERS}`}::text::integer) as n`
  return () => session.end()
}, 60_000)

/** Rolled back, so that each reads the same history. */
async function touchedOf(
  statement: { readonly text: string; readonly values: readonly unknown[] },
  table: RegExp,
) {
  let touched: Awaited<ReturnType<typeof touchedRows>> | undefined
  const undone = session.begin(async (transaction) => {
    touched = await touchedRows(transaction as unknown as Sql, statement, table, 10)
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  return touched
}
const touchedBy = (changes: Partial<Opening>, table: RegExp) =>
  touchedOf({ text, values: [openParameter(openingOf('again', changes))] }, table)

describe.each([
  ['without figures of the tables', false],
  ['with figures of the tables', true],
])('%s', (_, analyzed) => {
  beforeAll(async () => {
    if (analyzed) await sql`analyze`
  })

  it.each<[string, Partial<Opening>]>([
    ['nobody knows', {}],
    ['has a history', KNOWN],
    ['has a history under the secret before', ROTATING],
  ])('a verification of a user who %s reads no others', async (_name, changes) => {
    const records = await touchedBy(changes, /^assessment/)
    expect(records?.scans).toBeGreaterThan(2)
    expect(records?.rows).toBeLessThan(20)
    const events = await touchedBy(changes, /^user_event/)
    expect(events?.scans).toBeGreaterThan(2)
    expect(events?.rows).toBeLessThan(20)
  })

  it('what is written back touches its own records', async () => {
    const settlements = opened.map(({ id, opened_at }) => ({
      ...{ tenantId: 'acme', id: id as string, openedAt: opened_at },
      decision: decisionOf(),
    }))
    const parameters = settleParameters('acme', settlements)
    if (settleText === '') await settleStatement(session, { ...parameters, settlements: '[]' })
    const { tenantId, first, last } = parameters
    const key = [tenantId, first, last]
    const values = [parameters.settlements, ...key, ...key]
    const records = await touchedOf({ text: settleText, values }, /^assessment/)
    expect(records?.scans).toBeGreaterThan(0)
    expect(records?.rows).toBeLessThan(20)
  })
})

it('what is asked of a tenant as a whole is asked once', async () => {
  expect((await touchedBy({}, /^learning_state/))?.prepared).toBe(1)
  // Of the token's address and of the visit's.
  expect((await touchedBy({}, /^ip_range/))?.prepared).toBe(2)
  expect((await touchedBy({}, /^asn_list/))?.prepared).toBe(2)
})

it('a year of weeks makes no verification dearer', async () => {
  const before = await touchedBy({}, /^assessment/)
  await sql`select ensure_partitions(52)`
  const after = await touchedBy({}, /^assessment/)
  expect(before?.prepared).toBeGreaterThan(4)
  expect(after?.prepared).toBe(before?.prepared)
})
