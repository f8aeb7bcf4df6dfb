/** What happened in a time: decisions by bucket, reasons ranked, and who is concerned. One look, one moment. */
import type { Sql } from 'postgres'
import type { Summary, SummaryRange } from '../ports-admin.ts'
import { instant } from './admin-assessments.ts'

/** Times are aligned to multiples of the bucket since 1970. */
export async function summariseRecords(
  sql: Sql,
  tenant: string,
  { since, until, bucketSeconds, flow }: SummaryRange,
): Promise<Summary> {
  const bucket = sql`${`${bucketSeconds}`}::text::bigint`
  const [row] = await sql<{ readonly summary: Summary }[]>`
    with seen as materialized (
      select floor(extract(epoch from opened_at) / ${bucket})::bigint * ${bucket} as at,
        outcome, user_key, decision -> 'codes' as codes,
        (decision ->> 'needs_review')::boolean as review, confirmed_at is not null as confirmed
      from assessment
      where tenant = ${tenant}::text
        and opened_at >= ${instant(sql, since)} and opened_at < ${instant(sql, until)}
        ${flow === undefined ? sql`` : sql`and flow = ${flow}::text`}
    ),
    buckets as (
      select at, count(*) filter (where outcome = 'allow') as allow,
        count(*) filter (where outcome = 'step_up') as step_up,
        count(*) filter (where outcome = 'deny') as deny,
        count(*) filter (where outcome is null) as open
      from seen group by at
    ),
    reasons as (
      select code, count(*) as records, count(distinct user_key) as users
      from seen, jsonb_array_elements_text(codes) as code
      group by code
    )
    select jsonb_build_object(
      'buckets', (select coalesce(jsonb_agg(b order by b.at), '[]') from buckets as b),
      'reasons', (
        select coalesce(jsonb_agg(r order by r.records desc, r.code), '[]') from reasons as r
      ),
      'users', count(distinct user_key),
      'review', count(*) filter (where review),
      'confirmed', count(*) filter (where confirmed)
    ) as summary
    from seen`
  if (row === undefined) throw new Error('an aggregate gave no row')
  return row.summary
}
