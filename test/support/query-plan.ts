/** What a statement touched of a table, by the plan that it ran with. */
import type { Sql } from 'postgres'

interface Node {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Node[]
}

export interface Touched {
  /** Nodes that Postgres made ready to read this table, whether or not it came to that. */
  readonly prepared: number
  /** Of this table and its partitions. */
  readonly scans: number
  /** Read, whether they were kept or filtered out. */
  readonly rows: number
  /** Scans that read more than `most` rows without an index. */
  readonly whole: number
}

/** Runs the statement, and keeps what it writes unless `sql` is a transaction that is rolled back. */
export async function touchedRows(
  sql: Sql,
  { text, values }: { readonly text: string; readonly values: readonly unknown[] },
  table: RegExp,
  most: number,
): Promise<Touched> {
  const [row] = await sql.unsafe<{ 'QUERY PLAN': readonly [{ readonly Plan: Node }] }[]>(
    `explain (analyze, format json) ${text}`,
    values as string[],
  )
  const nodes: Node[] = []
  const visit = (node: Node) => {
    nodes.push(node)
    node.Plans?.forEach(visit)
  }
  if (row !== undefined) visit(row['QUERY PLAN'][0].Plan)
  const scans = nodes.filter((node) => table.test(node['Relation Name'] ?? ''))
  const rowsOf = (scan: Node) =>
    (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops']
  return {
    prepared: scans.length,
    scans: scans.filter((scan) => scan['Actual Loops'] > 0).length,
    rows: scans.reduce((sum, scan) => sum + rowsOf(scan), 0),
    whole: scans.filter((scan) => scan['Node Type'] === 'Seq Scan' && rowsOf(scan) > most).length,
  }
}
