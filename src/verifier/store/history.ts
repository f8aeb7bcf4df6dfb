/** What an import of retained logs asks the database beside the events themselves. */
import type { Sql } from 'postgres'
import { jsonText } from './client.ts'
import type { Operator } from './lists.ts'

/** Epoch seconds since which the log stream delivers; undefined when none ever did. */
export async function streamSince(sql: Sql, tenantId: string): Promise<number | undefined> {
  const [row] = await sql<{ readonly since: number | null }[]>`
    select extract(epoch from stream_since)::double precision as since
    from learning_state where tenant = ${tenantId}::text`
  return row?.since ?? undefined
}

/** Whether a file with this digest was imported before. */
export async function wasImported(sql: Sql, tenantId: string, digest: string): Promise<boolean> {
  const rows = await sql`
    select from audit
    where tenant = ${tenantId}::text and action = 'history.import' and subject = ${digest}::text
    limit 1`
  return rows.length > 0
}

export async function noteImport(
  sql: Sql,
  { tenantId, actor }: Operator,
  digest: string,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  await sql`
    insert into audit (tenant, actor, action, subject, detail)
    values (${tenantId}::text, ${actor}::text, 'history.import', ${digest}::text,
      ${jsonText(counts)}::text::jsonb)`
}
