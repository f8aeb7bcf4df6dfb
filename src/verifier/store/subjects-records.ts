/** Records as an operator lists them, and the release of a user's next attempt. */
import type { Sql } from 'postgres'
import { jsonText } from './client.ts'
import type { Operator } from './lists.ts'

export interface RecordFilter {
  readonly sinceSeconds: number
  readonly limit: number
  readonly outcome?: string
  /** Only those that wait for a person. */
  readonly review?: boolean
  /** Pseudonyms of one user. */
  readonly users?: readonly string[]
}

export interface RecordLine {
  readonly reference: string
  readonly opened_at: string
  readonly flow: string
  readonly outcome: string | null
  readonly assessed: string | null
  readonly score: number | null
  readonly codes: readonly string[] | null
  readonly needs_review: boolean
  readonly confirmed: boolean
  readonly user: string
}

/** Newest first. */
export const listRecords = (
  sql: Sql,
  tenantId: string,
  filter: RecordFilter,
): Promise<readonly RecordLine[]> => sql<RecordLine[]>`
  with given as materialized (
    select * from jsonb_to_record(${jsonText(filter)}::text::jsonb) as filter (
      "sinceSeconds" double precision, "limit" integer, outcome text, review boolean, users jsonb
    )
  )
  select a.reference,
    to_char(a.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as opened_at,
    a.flow, a.outcome, a.assessed, a.score, a.decision -> 'codes' as codes,
    coalesce((a.decision ->> 'needs_review')::boolean, false) as needs_review,
    a.confirmed_at is not null as confirmed, a.user_key::text as user
  from given, assessment as a
  where a.tenant = ${tenantId}::text
    and a.opened_at > now() - make_interval(secs => given."sinceSeconds")
    and (given.outcome is null or a.outcome = given.outcome)
    and (given.review is not true or (a.decision ->> 'needs_review')::boolean)
    and (given.users is null or given.users @> to_jsonb(a.user_key::text))
  order by a.opened_at desc
  limit (select "limit" from given)`

/**
 * Lets the next attempt of the record's user pass where it would be stopped for want of a factor. In
 * place of a release that was given before; false when there is no such record.
 */
export async function releaseUser(
  sql: Sql,
  { tenantId, actor }: Operator,
  id: string,
  seconds: number,
): Promise<boolean> {
  const rows = await sql`
    with record as materialized (
      select user_key, reference, now() + make_interval(secs => ${`${seconds}`}::text::double precision)
        as expires_at
      from assessment where tenant = ${tenantId}::text and id = ${id}::text::uuid
    ),
    put as (
      insert into release (tenant, user_key, expires_at)
      select ${tenantId}::text, user_key, expires_at from record
      on conflict (tenant, user_key) do update
        set expires_at = excluded.expires_at, used_at = null, used_by = null
      returning tenant
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${tenantId}::text, ${actor}::text, 'assessment.release', reference,
      jsonb_build_object('expires_at', expires_at)
    from record
    returning id`
  return rows.length > 0
}
