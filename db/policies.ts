/** Puts policy versions into the database. It does not validate them: the caller parsed the document. */
import postgres from 'postgres'
import type { PolicyDocument } from '../src/verifier/domain/policy.ts'

/**
 * Stores the document as a new version and makes it the active one of its tenant and flow; the one
 * before is retired and kept. Returns the new version's id. Fails when that version number is taken.
 */
export async function activatePolicy(
  url: string,
  tenant: string,
  document: PolicyDocument,
): Promise<number> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  const { flow, version } = document
  try {
    return await sql.begin(async (sql) => {
      await sql`
        update policy set status = 'retired'
        where tenant = ${tenant} and flow = ${flow} and status = 'active'`
      const [row] = await sql<{ id: number }[]>`
        insert into policy (tenant, flow, version, status, body)
        values (${tenant}, ${flow}, ${version}, 'active', ${JSON.stringify(document)}::text::jsonb)
        returning id`
      return (row as { id: number }).id
    })
  } finally {
    await sql.end()
  }
}
