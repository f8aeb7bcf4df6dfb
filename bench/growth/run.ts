/**
 * What more records and more tenants cost a verification: the same load on the same server, before and
 * after they are there.
 *
 *   npm run bench -- growth [--full] [--json]
 */
import { randomBytes } from 'node:crypto'
import { seed } from '../../db/seed.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { type Bench, withBench } from '../load/arrange.ts'
import { fire, onlyServed } from '../load/fire.ts'
import { atLeast, round, type Target, table, targetTable } from '../load/table.ts'
import { HOST, SECRETS, TENANT } from '../load/tenant.ts'

const RECORDS = { usual: [10_000, 200_000], full: [10_000, 1_000_000, 5_000_000] }
const TENANTS = { usual: [1, 100, 1000], full: [1, 100, 10_000] }
const LOAD = { kind: 'post', connections: 16, seconds: 4 } as const
/** Records are spread over as many weeks before today: what is kept by default. */
const WEEKS = 12
const ROWS_AT_ONCE = 100_000

interface Row {
  readonly what: string
  readonly count: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

export interface GrowthResult {
  readonly rows: readonly Row[]
  readonly targets: readonly Target[]
}

export async function run(args: readonly string[] = []): Promise<GrowthResult> {
  const size = args.includes('--full') ? 'full' : 'usual'
  const records = await withBench((bench) => growRecords(bench, RECORDS[size]))
  const tenants = await withBench((bench) => growTenants(bench, TENANTS[size]))
  const kept = (rows: readonly Row[]) =>
    (rows.at(-1)?.perSecond ?? 0) / (rows[0]?.perSecond ?? Number.NaN)
  const result: GrowthResult = {
    rows: [...records, ...tenants],
    targets: [
      atLeast('throughput kept with the most records', kept(records), 0.8),
      atLeast('throughput kept with the most tenants', kept(tenants), 0.8),
    ],
  }
  if (args.includes('--json')) console.log(JSON.stringify(result))
  else print(result)
  return result
}

async function growRecords(bench: Bench, sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = []
  let there = 0
  await makePast(bench)
  for (const size of sizes) {
    for (; there < size; there += Math.min(ROWS_AT_ONCE, size - there)) {
      await addRecords(bench, Math.min(ROWS_AT_ONCE, size - there))
    }
    await bench.sql`analyze`
    rows.push(await measure(bench, 'records', size))
  }
  return rows
}

/** What the weeks before the first start would have left: a partition each. */
async function makePast({ sql }: Bench): Promise<void> {
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

async function growTenants(bench: Bench, sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = []
  const policies = defaultPolicies('enforce')
  const tenants = [{ id: TENANT, host: HOST, session: SECRETS.session, continue: SECRETS.continue }]
  for (const size of sizes) {
    while (tenants.length < size) {
      const name = `tenant-${tenants.length}`
      const secret = () => randomBytes(32).toString('base64url')
      const host = `${name}.eu.auth0.com`
      tenants.push({ id: name, host, session: secret(), continue: secret() })
    }
    await seed(
      bench.databaseUrl,
      tenants.map(({ id }) => ({ id, policies })),
    )
    await bench.sql`analyze`
    rows.push(await measure(bench, 'tenants', size, tenants.slice(0, size)))
  }
  return rows
}

async function measure(
  bench: Bench,
  what: string,
  count: number,
  tenants?: readonly { readonly host: string; readonly session: string }[],
): Promise<Row> {
  const ours = await bench.start(what, 'bench/requests/ours.ts', tenants ? { tenants } : {})
  const hosts = tenants?.map(({ host, session }) => ({ host, secret: session }))
  const load = { ...LOAD, ...(hosts ? { hosts } : {}) }
  try {
    await fire(bench.built, ours, load)
    const costs = await fire(bench.built, ours, load)
    onlyServed(what, costs)
    const { perSecond, p50, p99 } = costs
    return { what, count, perSecond: round(perSecond), p50: round(p50), p99: round(p99) }
  } finally {
    await ours.stop()
  }
}

function print({ rows, targets }: GrowthResult): void {
  const cells = rows.map(({ what, count, perSecond, p50, p99 }) => [
    what,
    count,
    perSecond,
    p50,
    p99,
  ])
  console.log(table(['', 'count', 'verifications/s', 'p50 ms', 'p99 ms'], cells))
  console.log(`\n${targetTable(targets)}`)
}
