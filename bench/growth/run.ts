/**
 * What more records and more tenants cost a verification, a start and the chores: the same load on the
 * same server, before and after they are there.
 *
 *   npm run bench -- growth [--full] [--records] [--tenants] [--json]
 */
import { type Bench, withBench } from '../load/arrange.ts'
import { fire, onlyServed } from '../load/fire.ts'
import { atLeast, atMost, round, type Target, table, targetTable } from '../load/table.ts'
import { createPast } from './past.ts'
import { type BenchTenant, makeTenants, seedTenants, writeTenants } from './tenants.ts'
import { type Turns, timeTurns } from './turns.ts'

const RECORDS = { usual: [10_000, 200_000], full: [10_000, 1_000_000, 5_000_000] }
const TENANTS = { usual: [1, 100, 10_000], full: [1, 100, 10_000] }
const LOAD = { kind: 'post', connections: 16, seconds: 4 } as const
/** Every tenant's first visitor brings its policy along; what is measured comes after most of them. */
const WARM_SECONDS = { few: 4, many: 20 }
const MANY = 1000
const MOST_START_MILLISECONDS = 10_000
const MOST_TURN_MILLISECONDS = 2000

interface Row {
  readonly what: 'records' | 'tenants'
  readonly count: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

interface TenantsRow extends Row, Turns {
  /** Milliseconds from the process's start until it listens. */
  readonly start: number
  readonly megabytes: number
}

export interface GrowthResult {
  readonly rows: readonly Row[]
  readonly tenants: readonly TenantsRow[]
  readonly targets: readonly Target[]
}

export async function run(args: readonly string[] = []): Promise<GrowthResult> {
  const size = args.includes('--full') ? 'full' : 'usual'
  const both = args.includes('--records') === args.includes('--tenants')
  const records =
    both || args.includes('--records')
      ? await withBench((bench) => growRecords(bench, RECORDS[size]))
      : []
  const tenants =
    both || args.includes('--tenants')
      ? await withBench((bench) => growTenants(bench, TENANTS[size]))
      : []
  const result: GrowthResult = {
    rows: [...records, ...tenants],
    tenants,
    targets: [...recordTargets(records), ...tenantTargets(tenants)],
  }
  if (args.includes('--json')) console.log(JSON.stringify(result))
  else print(result)
  return result
}

const kept = (rows: readonly Row[]) =>
  (rows.at(-1)?.perSecond ?? 0) / (rows[0]?.perSecond ?? Number.NaN)

const recordTargets = (rows: readonly Row[]): readonly Target[] =>
  rows.length === 0 ? [] : [atLeast('throughput kept with the most records', kept(rows), 0.8)]

function tenantTargets(rows: readonly TenantsRow[]): readonly Target[] {
  const last = rows.at(-1)
  if (last === undefined) return []
  const { start, refresh, due, histories } = last
  const turn = Math.max(refresh, due, histories)
  return [
    atLeast('throughput kept with the most tenants', kept(rows), 0.8),
    atMost('start with the most tenants, ms', start, MOST_START_MILLISECONDS),
    atMost('longest chore for all of them, ms', turn, MOST_TURN_MILLISECONDS),
  ]
}

async function growRecords(bench: Bench, sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = []
  const grow = await createPast(bench)
  for (const count of sizes) {
    await grow(count)
    const ours = await bench.start('records', 'bench/requests/ours.ts')
    try {
      await fire(bench.built, ours, LOAD)
      const costs = await fire(bench.built, ours, LOAD)
      onlyServed('records', costs)
      rows.push({ what: 'records', count, ...speedOf(costs) })
    } finally {
      await ours.stop()
    }
  }
  return rows
}

async function growTenants(bench: Bench, sizes: readonly number[]): Promise<TenantsRow[]> {
  const rows: TenantsRow[] = []
  const all = makeTenants(Math.max(...sizes))
  for (const count of sizes) rows.push(await measureTenants(bench, all.slice(0, count)))
  return rows
}

async function measureTenants(bench: Bench, tenants: readonly BenchTenant[]): Promise<TenantsRow> {
  await seedTenants(bench, tenants)
  const { remove, ...files } = writeTenants(tenants)
  const before = performance.now()
  const ours = await bench.start('tenants', 'bench/growth/service.ts', files)
  const start = performance.now() - before
  const hosts = tenants.map(({ host, session }) => ({ host, secret: session }))
  const warm = tenants.length >= MANY ? WARM_SECONDS.many : WARM_SECONDS.few
  try {
    await fire(bench.built, ours, { ...LOAD, hosts, seconds: warm })
    const costs = await fire(bench.built, ours, { ...LOAD, hosts })
    onlyServed('tenants', costs)
    const turns = await timeTurns(
      bench,
      tenants.map(({ id }) => id),
    )
    return {
      what: 'tenants',
      count: tenants.length,
      ...speedOf(costs),
      start: Math.round(start),
      megabytes: Math.round(ours.residentBytes() / 1024 / 1024),
      refresh: round(turns.refresh),
      due: round(turns.due),
      histories: round(turns.histories),
    }
  } finally {
    await ours.stop()
    remove()
  }
}

const speedOf = ({ perSecond, p50, p99 }: Pick<Row, 'perSecond' | 'p50' | 'p99'>) => ({
  perSecond: round(perSecond),
  p50: round(p50),
  p99: round(p99),
})

function print({ rows, tenants, targets }: GrowthResult): void {
  const cells = rows.map(({ what, count, perSecond, p50, p99 }) => [
    what,
    count,
    perSecond,
    p50,
    p99,
  ])
  console.log(table(['', 'count', 'verifications/s', 'p50 ms', 'p99 ms'], cells))
  if (tenants.length > 0) {
    const head = ['tenants', 'start ms', 'MB', 'settings ms', 'who is due ms', 'histories ms']
    const turns = tenants.map(({ count, start, megabytes, refresh, due, histories }) => [
      count,
      start,
      megabytes,
      refresh,
      due,
      histories,
    ])
    console.log(`\n${table(head, turns)}`)
  }
  console.log(`\n${targetTable(targets)}`)
}
