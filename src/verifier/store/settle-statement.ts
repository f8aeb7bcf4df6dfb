/**
 * Writes decisions back: of one tenant's records, as many as there are to write. By key, and only where
 * none is written yet.
 */
import type { Fragment, PendingQuery, Sql } from 'postgres'
import type { Decision } from '../domain/decision.ts'
import type { Settlement } from '../ports.ts'
import { jsonText } from './client.ts'

export interface SettleRow {
  readonly id: string
  /** False: another decision stands, or the record is gone. */
  readonly written: boolean
  /** What stands instead, as far as this snapshot shows; null where `written`. */
  readonly decision: Decision | null
}

export interface SettleParameters {
  readonly tenantId: string
  /** Of the oldest record and of the newest one. */
  readonly first: string
  readonly last: string
  /** JSON text. */
  readonly settlements: string
}

/**
 * One row for each record. The bounds say nothing that the keys do not; by them Postgres knows the
 * partition before it begins, and has no more to read than what was opened in between, whichever way it
 * joins.
 */
export const settleStatement = (
  sql: Sql,
  { tenantId, first, last, settlements }: SettleParameters,
): PendingQuery<SettleRow[]> => sql<SettleRow[]>`
  with given as materialized (
    select *
    from jsonb_to_recordset(${settlements}::text::jsonb) as parameter (
      id uuid, opened_at timestamptz, outcome text, assessed text, score double precision,
      decision jsonb, shadow jsonb
    )
  ),
  written as (
    update assessment as record
    set settled_at = now(), outcome = given.outcome, assessed = given.assessed,
      score = given.score, decision = given.decision, shadow = given.shadow
    from given
    where record.tenant = ${tenantId}::text
      and record.opened_at between ${first}::text::timestamptz and ${last}::text::timestamptz
      and record.opened_at = given.opened_at and record.id = given.id
      and record.decision is null
    returning record.id
  )
  select given.id, written.id is not null as written,
    case when written.id is null then (
      select decision from assessment as record
      where record.tenant = ${tenantId}::text
        and record.opened_at between ${first}::text::timestamptz and ${last}::text::timestamptz
        and record.opened_at = given.opened_at and record.id = given.id
    ) end as decision
  from given left join written using (id)`

/** At least one settlement, all of the tenant. Throws `StoreError` for what has no JSON form. */
export function settleParameters(
  tenantId: string,
  settlements: readonly Settlement[],
): SettleParameters {
  // Written by `openedAtText`: their order as text is their order in time.
  const times = settlements.map(({ openedAt }) => openedAt).sort()
  return {
    tenantId,
    first: times[0] as string,
    last: times.at(-1) as string,
    settlements: jsonText(
      settlements.map(({ id, openedAt, decision, shadow }) => {
        const { outcome, assessed, score } = decision
        return { id, opened_at: openedAt, outcome, assessed, score, decision, shadow }
      }),
    ),
  }
}

/** `Settlement.openedAt` of a column: the same text whatever the session's time zone and date style. */
export const openedAtText = (sql: Sql, column: Fragment): Fragment =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
