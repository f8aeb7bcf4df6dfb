/** Records of the weeks before today, as the verifier would have left them, for benches that grow a database. */
import type { Bench } from '../load/arrange.ts'
import { TENANT } from '../load/tenant.ts'

/** Records are spread over as many weeks before today: what is kept by default. */
const WEEKS = 12
const ROWS_AT_ONCE = 100_000

/** Answers what makes the database hold so many records; it only ever grows. */
export async function createPast(bench: Bench): Promise<(size: number) => Promise<void>> {
  let there = 0
  await makeWeeks(bench)
  return async (size) => {
    for (; there < size; there += Math.min(ROWS_AT_ONCE, size - there)) {
      await addRecords(bench, Math.min(ROWS_AT_ONCE, size - there))
    }
    await bench.sql`vacuum analyze`
  }
}

/** What the weeks before the first start would have left: a partition each. */
async function makeWeeks({ sql }: Bench): Promise<void> {
  const weeks = await sql<{ name: string; low: string; high: string }[]>`
    select to_char(monday, '"assessment_"YYYYMMDD') as name, monday::text as low,
      (monday + 7)::text as high
    from (
      select (date_trunc('week', now()) - make_interval(weeks => week))::date as monday
      from generate_series(1, ${WEEKS}::int) as week
    ) as mondays`
  for (const { name, low, high } of weeks) {
    await sql.unsafe(
      `create table ${name} partition of assessment for values from ('${low}') to ('${high}')`,
    )
  }
}

/** People who verify once in a while, from networks of all sizes: one in a hundred from a hot one. */
async function addRecords({ sql }: Bench, count: number): Promise<void> {
  const [policy] = await sql<{ id: number }[]>`
    select id from policy where flow = 'password_reset' and status = 'active'`
  await sql`
    with made as (
      select gen_random_uuid() as id, n,
        now() - random() * make_interval(weeks => ${WEEKS}) as at,
        (random() * 1e6)::bigint as user_key,
        case when random() < 0.01 then 7 else (random() * 1e5)::bigint end as address
      from generate_series(1, ${count}::int) as n
    ), spent as (
      insert into redemption
      select ${TENANT}, sha256(id::text::bytea), sha256((id::text || 's')::bytea),
        sha256(user_key::text::bytea), sha256('b'), id, at, at + interval '1 hour'
      from made
    )
    insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
      user_key, token_address, visit_address, device, facts, settled_at, outcome, assessed, score, decision)
    select ${TENANT}, at, id, 'AAAA-AAAA', 'password_reset', '1', ${policy?.id ?? 0}, user_key, address,
      address, user_key, jsonb_build_object('request', jsonb_build_object('client', '{}'::jsonb,
        'padding', repeat('x', 900))), at, 'allow', 'allow', -5, '{"outcome": "allow"}'
    from made`
}
