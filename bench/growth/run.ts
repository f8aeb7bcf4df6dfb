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
import { createPast } from './past.ts'

const RECORDS = { usual: [10_000, 200_000], full: [10_000, 1_000_000, 5_000_000] }
const TENANTS = { usual: [1, 100, 1000], full: [1, 100, 10_000] }
const LOAD = { kind: 'post', connections: 16, seconds: 4 } as const

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
  const grow = await createPast(bench)
  for (const size of sizes) {
    await grow(size)
    rows.push(await measure(bench, 'records', size))
  }
  return rows
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
