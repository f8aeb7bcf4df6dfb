/**
 * What the one statement costs inside Postgres, by `EXPLAIN (ANALYZE)`, while the records grow. Each
 * execution is a fresh verification of a user and an address that have a past, so every branch reads.
 *
 *   npm run bench -- statement [--full] [--json]
 */
import { openParameter, openStatement } from '../../src/verifier/store/open-statement.ts'
import { openingOf } from '../../test/support/openings.ts'
import { createPast } from '../growth/past.ts'
import { withBench } from '../load/arrange.ts'
import { atMost, round, type Target, table, targetTable } from '../load/table.ts'
import { TENANT } from '../load/tenant.ts'

const RECORDS = { usual: [10_000, 200_000], full: [10_000, 1_000_000, 5_000_000] }
const WARM_UP = 50
const EXECUTIONS = 400
/** Growth at most logarithmic: 5 million within one and a half times of 10 thousand. */
const MOST = 1.5

interface Row {
  readonly records: number
  readonly planningMs: number
  readonly executionMs: number
  readonly p95Ms: number
}

export interface StatementResult {
  readonly rows: readonly Row[]
  readonly targets: readonly Target[]
}

export async function run(args: readonly string[] = []): Promise<StatementResult> {
  const sizes = RECORDS[args.includes('--full') ? 'full' : 'usual']
  const rows = await withBench(async (bench) => {
    const grow = await createPast(bench)
    const measured: Row[] = []
    for (const records of sizes) {
      await grow(records)
      const times: { planning: number; execution: number }[] = []
      for (let i = 0; i < WARM_UP + EXECUTIONS; i += 1) {
        const parameter = openParameter(
          openingOf(`${records} ${i}`, {
            tenantId: TENANT,
            user: `${(i * 7919) % 1_000_000}`,
            tokenAddress: `${(i * 104_729) % 100_000}`,
            visitAddress: `${(i * 104_729) % 100_000}`,
          }),
        )
        const [plan] = await bench.sql<{ 'QUERY PLAN': readonly [Explained] }[]>`
          explain (analyze, timing off, format json) ${openStatement(bench.sql, parameter)}`
        const [explained] = plan?.['QUERY PLAN'] ?? []
        if (explained === undefined) throw new Error('no plan came back')
        if (i < WARM_UP) continue
        times.push({
          planning: explained['Planning Time'],
          execution: explained['Execution Time'],
        })
      }
      const executions = times.map(({ execution }) => execution).sort((a, b) => a - b)
      const plannings = times.map(({ planning }) => planning).sort((a, b) => a - b)
      const row = {
        records,
        planningMs: round(quantile(plannings, 0.5)),
        executionMs: round(quantile(executions, 0.5)),
        p95Ms: round(quantile(executions, 0.95)),
      }
      // Millions of records take a while to make: what is measured is told at once.
      console.error(JSON.stringify(row))
      measured.push(row)
    }
    return measured
  })
  const growth = (rows.at(-1)?.executionMs ?? Number.NaN) / (rows[0]?.executionMs ?? Number.NaN)
  const result = {
    rows,
    targets: [atMost('execution time with the most records over the fewest', growth, MOST)],
  }
  if (args.includes('--json')) console.log(JSON.stringify(result))
  else print(result)
  return result
}

interface Explained {
  readonly 'Planning Time': number
  readonly 'Execution Time': number
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

function print({ rows, targets }: StatementResult): void {
  const cells = rows.map((row) => [row.records, row.executionMs, row.p95Ms, row.planningMs])
  console.log(table(['records', 'execution p50 ms', 'p95 ms', 'planning p50 ms'], cells))
  console.log(`\n${targetTable(targets)}`)
}
