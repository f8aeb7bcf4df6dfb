/** Records as an operator looks at them: pages of a filtered list, and one whole. */
import type { Fragment, Sql } from 'postgres'
import { referenceOf } from '../domain/reference.ts'
import type { AssessmentFilter, AssessmentLine, AssessmentRecord, Page } from '../ports-admin.ts'
import { type Position, pageOf, positionOf, UUID } from './admin-cursor.ts'

type LineRow = AssessmentLine & Position

/**
 * Newest first. Each filter is a condition of its own, so that a page is planned for what it asks:
 * some steps along an index, however many records there are.
 */
export async function listRecords(
  sql: Sql,
  tenant: string,
  filter: AssessmentFilter,
): Promise<Page<AssessmentLine>> {
  const conditions = conditionsOf(sql, filter)
  const rows = await sql<LineRow[]>`
    select ${lineOf(sql)}, (extract(epoch from a.opened_at) * 1000000)::bigint::text as micros
    from assessment as a
    where a.tenant = ${tenant}::text ${conditions}
    order by a.opened_at desc, a.id desc
    limit ${`${filter.limit + 1}`}::text::integer`
  return pageOf(rows, filter.limit, ({ micros: _, ...line }) => line)
}

/** One record; undefined also for what is no id at all. */
export async function readRecord(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<AssessmentRecord | undefined> {
  if (!UUID.test(id)) return undefined
  const [record] = await sql<AssessmentRecord[]>`
    select ${lineOf(sql)}, a.tenant, a.facts, a.decision, a.shadow,
      (select p.body from policy as p where p.tenant = a.tenant and p.id = a.policy_id) as policy
    from assessment as a
    -- The reference comes from the id, and has an index.
    where a.tenant = ${tenant}::text and a.reference = ${referenceOf(id)}::text
      and a.id = ${id}::text::uuid`
  return record
}

const lineOf = (sql: Sql): Fragment => sql`
  a.id::text as id, a.reference, a.flow,
  to_char(a.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as opened_at,
  to_char(a.settled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as settled_at,
  a.outcome, a.assessed, a.score, coalesce(a.decision -> 'codes', '[]') as codes,
  coalesce((a.decision ->> 'needs_review')::boolean, false) as needs_review,
  a.confirmed_at is not null as confirmed,
  (
    select p.version from policy as p where p.tenant = a.tenant and p.id = a.policy_id
  ) as policy_version,
  a.user_key::text as user`

function conditionsOf(sql: Sql, filter: AssessmentFilter): Fragment {
  const { flow, outcome, assessed, review, reason, reference, users, since, until, cursor } = filter
  let all = sql``
  const and = (condition: Fragment) => {
    all = sql`${all} and ${condition}`
  }
  if (flow !== undefined) and(sql`a.flow = ${flow}::text`)
  if (outcome !== undefined) and(sql`a.outcome = ${outcome}::text`)
  if (assessed !== undefined) and(sql`a.assessed = ${assessed}::text`)
  if (review) and(sql`(a.decision ->> 'needs_review')::boolean`)
  // The index's own words, from which the planner knows that it holds every such record.
  if (review || isStopped(outcome) || isStopped(assessed)) {
    and(sql`(a.outcome <> 'allow' or a.assessed <> 'allow')`)
  }
  // Without an index of its own: an inverted one costs each verification 5 to 8 % more write-ahead log.
  // A reason that hardly occurs walks the records of the time asked for, about two seconds a million.
  if (reason !== undefined) and(sql`a.decision -> 'codes' ? ${storable(reason)}::text`)
  if (reference !== undefined) and(sql`a.reference = ${storable(reference)}::text`)
  if (users !== undefined) and(sql`a.user_key = any(${arrayOf(users)}::text::bigint[])`)
  if (since !== undefined) and(sql`a.opened_at >= ${instant(sql, since)}`)
  if (until !== undefined) and(sql`a.opened_at < ${instant(sql, until)}`)
  if (cursor !== undefined) {
    const { micros, id } = positionOf(cursor, UUID)
    const at = sql`(timestamptz 'epoch' + ${micros}::text::bigint * interval '1 microsecond')`
    // Said twice: partitions are left out by the first, and the place in the index comes of the second.
    and(sql`a.opened_at <= ${at} and (a.opened_at, a.id) < (${at}, ${id}::text::uuid)`)
  }
  return all
}

const isStopped = (outcome: string | undefined) => outcome !== undefined && outcome !== 'allow'

export const instant = (sql: Sql, epochSeconds: number): Fragment =>
  sql`to_timestamp(${`${epochSeconds}`}::text::double precision)`

/** Postgres has no text with a null character in it, and no record has either. */
export const storable = (text: string): string => text.replaceAll('\0', '\uFFFD')

/** Pseudonyms are decimal; what is not is nobody's. */
const arrayOf = (users: readonly string[]): string =>
  `{${users.filter((user) => /^-?\d{1,18}$|^-?\d{19}$/.test(user)).join(',')}}`
