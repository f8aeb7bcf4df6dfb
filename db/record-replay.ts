/**
 * Stored verifications read again, for judging other policies by them: one by one through a cursor, so
 * that millions need the memory of a few. Reads only; not on the request path.
 */
import type { Sql, TransactionSql } from 'postgres'
import type { BacktestRecord } from '../src/verifier/domain/backtest.ts'
import type { Outcome } from '../src/verifier/domain/decision.ts'
import type { Facts } from '../src/verifier/domain/facts.ts'
import type { RecordSelection, ShadowCount } from '../src/verifier/domain/record-selection.ts'

/** Rows that are in memory at once. */
const ROWS_AT_ONCE = 500

interface RecordRow {
  readonly facts: Facts
  readonly user: string
  readonly assessed: Outcome
  readonly confirmed: boolean
}

/**
 * Every settled record of the selection, oldest first, to `take`. A record that nobody confirmed may
 * still be of its user: nobody can tell, so `confirmed` is then absent. Answers whether it came to the
 * end: false when `signal` stopped it.
 */
export const replay = (
  sql: Sql,
  selection: RecordSelection,
  take: (record: BacktestRecord) => void,
  signal?: AbortSignal,
): Promise<boolean> => reading(sql, (sql) => readAll(sql, selection, take, signal))

async function readAll(
  sql: TransactionSql,
  selection: RecordSelection,
  take: (record: BacktestRecord) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  if (signal?.aborted) return false
  const rows = sql<RecordRow[]>`
    select facts, user_key::text as user, assessed, confirmed_at is not null as confirmed
    from assessment
    where ${selected(sql, selection)} and assessed is not null
    order by opened_at`
  // The server may be far from the next row: told to stop, it does not first look for it.
  const stop = () => void Promise.resolve(rows.cancel()).catch(() => {})
  signal?.addEventListener('abort', stop, { once: true })
  try {
    for await (const batch of rows.cursor(ROWS_AT_ONCE)) {
      if (signal?.aborted) return false
      for (const { facts, user, assessed, confirmed } of batch)
        take({ facts, user, assessed, ...(confirmed ? { confirmed } : {}) })
    }
    return signal?.aborted !== true
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** How many records `replay` would give. */
export const countReplay = (sql: Sql, selection: RecordSelection): Promise<number> =>
  reading(sql, async (sql) => {
    const [row] = await sql<{ readonly count: number }[]>`
      select count(*)::integer as count from assessment
      where ${selected(sql, selection)} and assessed is not null`
    return row?.count ?? 0
  })

export const countShadow = (sql: Sql, selection: RecordSelection, version: number) => sql<
  ShadowCount[]
>`
  select assessment.assessed as active, verdict.assessed as shadow, count(*)::integer as records,
    count(distinct user_key)::integer as users
  from assessment, lateral jsonb_to_recordset(assessment.shadow)
    as verdict (policy_version integer, assessed text)
  where ${selected(sql, selection)} and assessment.shadow is not null
    and verdict.policy_version = ${`${version}`}::text::integer
  group by assessment.assessed, verdict.assessed`

const selected = (
  sql: Sql | TransactionSql,
  { tenant, flow, since, until }: RecordSelection,
) => sql`
  tenant = ${tenant} and flow = ${flow}
  and opened_at >= to_timestamp(${`${since ?? 0}`}::text::double precision)
  and opened_at < to_timestamp(${`${until ?? 253_402_300_799}`}::text::double precision)`

/**
 * A look at all records takes as long as it takes; a role's limit is meant for requests. Said to the
 * transaction and not to the session, which a pooler would not pass on, or pass on to others.
 */
async function reading<Result>(
  sql: Sql,
  work: (sql: TransactionSql) => Promise<Result>,
): Promise<Result> {
  const done = await sql.begin('read only', async (sql) => {
    await sql`select set_config('statement_timeout', '0', true)`
    return { value: await work(sql) }
  })
  return done.value as Result
}
