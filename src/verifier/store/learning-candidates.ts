/**
 * Records that a completion may belong to, as one jsonb expression and as the port's words. A part of a
 * statement: it stands where `completion` is in scope, with its tenant, keys, flow and period.
 */
import type { Fragment, Sql } from 'postgres'
import type { Outcome } from '../domain/decision.ts'
import type { CandidateRecord } from '../ports-learning.ts'

export interface CandidateRow {
  readonly id: string
  readonly opened_at: string
  readonly at: number
  readonly outcome: Outcome | null
  readonly assessed: Outcome | null
  readonly confirmed: boolean
  readonly enforced: boolean
  readonly token_address: string | null
  readonly visit_address: string | null
  readonly device: string | null
  readonly factor_seen: boolean
  readonly last_reset_age_days: number | null
}

/** More than these leave a question open that three would leave open as well. */
const MOST = 20

/** Newest first. Of the user under either secret; `completion.id` is the record that asks, if one does. */
export const candidatesExpression = (sql: Sql): Fragment => sql`(
  select coalesce(jsonb_agg(to_jsonb(candidate) order by candidate.opened_at desc), '[]')
  from (
    select
      record.id, record.opened_at::text as opened_at,
      extract(epoch from record.opened_at)::double precision as at,
      record.outcome, record.assessed, record.confirmed_at is not null as confirmed,
      record.facts #>> '{request,token,enforced}' is not distinct from 'true' as enforced,
      record.token_address::text as token_address, record.visit_address::text as visit_address,
      record.device::text as device,
      (record.facts #>> '{request,token,last_reset_age_days}')::integer as last_reset_age_days,
      exists (
        select from user_event as factor
        where factor.tenant = completion.tenant and factor.kind = 'factor'
          and factor.user_key in (completion.user_key, completion.previous_user_key)
          and factor.at between record.opened_at and completion.until
      ) as factor_seen
    from unnest(array[completion.user_key, completion.previous_user_key]) as own (user_key)
    cross join lateral (
      -- One key at a time, as for the facts of a request: otherwise it may walk everybody's.
      select * from assessment
      where assessment.tenant = completion.tenant and assessment.user_key = own.user_key
        and assessment.flow = completion.flow and assessment.id is distinct from completion.id
        and assessment.opened_at >= completion.since and assessment.opened_at <= completion.until
      order by assessment.opened_at desc
      limit ${`${MOST}`}::text::integer
    ) as record
    order by record.opened_at desc
    limit ${`${MOST}`}::text::integer
  ) as candidate
)`

export const candidateFrom = (row: CandidateRow): CandidateRecord => ({
  id: row.id,
  openedAt: row.opened_at,
  at: row.at,
  ...(row.outcome === null ? {} : { outcome: row.outcome }),
  ...(row.assessed === null ? {} : { assessed: row.assessed }),
  confirmed: row.confirmed,
  enforced: row.enforced,
  addresses: [row.token_address, row.visit_address].filter((address) => address !== null),
  ...(row.device === null ? {} : { device: row.device }),
  factorSeen: row.factor_seen,
  ...(row.last_reset_age_days === null ? {} : { lastResetAgeDays: row.last_reset_age_days }),
})
