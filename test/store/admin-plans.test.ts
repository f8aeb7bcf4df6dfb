/** A page of a filtered list over many records: steps along an index, whatever the filter. By plan, not by time. */
import postgres from 'postgres'
import { beforeAll, describe, expect, it } from 'vitest'
import { referenceOf } from '../../src/verifier/domain/reference.ts'
import type { AssessmentFilter } from '../../src/verifier/ports-admin.ts'
import { listAudit } from '../../src/verifier/store/admin-access.ts'
import { listRecords, readRecord } from '../../src/verifier/store/admin-assessments.ts'
import { freshDatabase } from '../support/database.ts'
import { touchedRows } from '../support/query-plan.ts'

const { sql, url } = await freshDatabase()
const RECORDS = 200_000
const LIMIT = 50
const statements: { readonly text: string; readonly values: readonly unknown[] }[] = []
const watched = postgres(url, {
  max: 1,
  fetch_types: false,
  debug: (_connection, text, values) => void statements.push({ text, values }),
})

/** Ten weeks, each a partition, as the service has them; one record in five hundred was stopped. */
beforeAll(async () => {
  await sql`
    do $$ declare monday date; begin
      for week in 1..10 loop
        monday := (date_trunc('week', now() at time zone 'utc') - make_interval(weeks => week))::date;
        execute format('create table %I partition of assessment for values from (%L) to (%L)',
          'assessment_' || to_char(monday, 'YYYYMMDD'), monday || ' 00:00+00',
          monday + 7 || ' 00:00+00');
      end loop;
    end $$`
  await sql`
    insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
      user_key, facts, settled_at, outcome, assessed, score, decision)
    select 'acme', now() - make_interval(secs => n * 30), md5(n::text)::uuid,
      upper(substr(md5('r' || n::text), 1, 8)), case when n % 100 = 0 then 'login' else 'password_reset' end,
      'e', 1, n % 20000, jsonb_build_object('n', n), now(), outcome, outcome, 0,
      jsonb_build_object('codes', jsonb_build_array(
          case when n % 10000 = 3 then 'rare' else 'common' end),
        'needs_review', n % 5000 = 0)
    from (
      select n, case when n % 5000 = 0 then 'deny' when n % 500 = 0 then 'step_up' else 'allow' end
        as outcome
      from generate_series(1, ${RECORDS}) as n
    ) as made`
  await sql`
    insert into audit (tenant, at, actor, action)
    select 'acme', now() - make_interval(secs => n), 'op', 'list.add'
    from generate_series(1, 20000) as n`
  await sql`vacuum analyze assessment`
  await sql`analyze audit`
  return () => watched.end()
}, 120_000)

/** What the last statement's scans of a table touched, and how. */
const scansOf = (table: RegExp) =>
  touchedRows(sql, statements.at(-1) as (typeof statements)[number], table, LIMIT)

const page = async (filter: Partial<AssessmentFilter>) =>
  listRecords(watched, 'acme', { limit: LIMIT, ...filter })
const now = Date.now() / 1000

describe('a page of records', () => {
  it.each<readonly [string, Partial<AssessmentFilter>, number]>([
    ['without a filter', {}, 500],
    ['of a time', { since: now - 30 * 86_400, until: now - 20 * 86_400 }, 500],
    ['of the rarer flow', { flow: 'login' }, 15_000],
    ['that were denied', { outcome: 'deny' }, 1000],
    ['that were found to call for a factor', { assessed: 'step_up' }, 1000],
    ['that wait for a person', { review: true }, 1000],
    ['of one user', { users: ['77'] }, 500],
    ['of one user under two secrets', { users: ['77', '78'] }, 500],
    ['of a user whom nobody knows', { users: ['-1'] }, 500],
    ['with a reference', { reference: '0000-0000' }, 500],
  ])('%s is steps along an index', async (_, filter, most) => {
    await page(filter)
    const { scans, rows, whole } = await scansOf(/^assessment/)
    expect(scans).toBeGreaterThan(0)
    expect(whole).toBe(0)
    expect(rows).toBeLessThan(most)
  })

  it('far down the list costs as much as the first', async () => {
    const old = await page({ until: now - 40 * 86_400 })
    await page({ cursor: old.next as string })
    const { rows, whole } = await scansOf(/^assessment/)
    expect(whole).toBe(0)
    expect(rows).toBeLessThan(500)
  })

  it('one record is found by its id without reading others', async () => {
    const [some] = await sql<{ id: string }[]>`select id from assessment limit 1 offset 70000`
    const id = (some as { id: string }).id
    await sql`update assessment set reference = ${referenceOf(id)} where id = ${id}`
    expect(await readRecord(watched, 'acme', id)).toMatchObject({ id })
    const { rows, whole } = await scansOf(/^assessment/)
    expect([rows, whole]).toEqual([1, 0])
  })
})

it('a page of the audit is steps along an index', async () => {
  const first = await listAudit(watched, 'acme', { limit: LIMIT, until: now - 3600 })
  await listAudit(watched, 'acme', { limit: LIMIT, cursor: first.next as string })
  const { rows, whole } = await scansOf(/^audit/)
  expect(whole).toBe(0)
  expect(rows).toBeLessThan(500)
})
