/**
 * Stored verifications read again, for judging other policies by them: one by one through a cursor, so
 * that millions need the memory of a few. Reads only; not on the request path.
 */
import postgres, { type Sql } from 'postgres'
import type { BacktestRecord } from '../src/verifier/domain/backtest.ts'
import type { Outcome } from '../src/verifier/domain/decision.ts'
import type { Facts } from '../src/verifier/domain/facts.ts'
import type { Flow } from '../src/verifier/domain/session.ts'

export interface ReplaySelection {
  readonly tenant: string
  readonly flow: Flow
  /** Epoch seconds, inclusive; absent: from the first record on. */
  readonly since?: number
  /** Epoch seconds, exclusive; absent: to the last one. */
  readonly until?: number
}

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
 * still be of its user: nobody can tell, so `confirmed` is then absent.
 */
export async function replayRecords(
  url: string,
  selection: ReplaySelection,
  take: (record: BacktestRecord) => void,
): Promise<void> {
  await reading(url, async (sql) => {
    const rows = sql<RecordRow[]>`
      select facts, user_key::text as user, assessed, confirmed_at is not null as confirmed
      from assessment
      where ${selected(sql, selection)} and assessed is not null
      order by opened_at`
    for await (const batch of rows.cursor(ROWS_AT_ONCE)) {
      for (const { facts, user, assessed, confirmed } of batch)
        take({ facts, user, assessed, ...(confirmed ? { confirmed } : {}) })
    }
  })
}

/** How many records `replayRecords` would give. */
export async function countRecords(url: string, selection: ReplaySelection): Promise<number> {
  const [row] = await reading(
    url,
    (sql) => sql<{ count: number }[]>`
      select count(*)::integer as count from assessment
      where ${selected(sql, selection)} and assessed is not null`,
  )
  return row?.count ?? 0
}

/** How often a shadow version found this where the active one of the day found that. */
export interface ShadowCount {
  readonly active: Outcome
  readonly shadow: Outcome
  readonly records: number
  readonly users: number
}

export const countShadow = (
  url: string,
  selection: ReplaySelection,
  version: number,
): Promise<readonly ShadowCount[]> =>
  reading(
    url,
    (sql) => sql<ShadowCount[]>`
      select assessment.assessed as active, verdict.assessed as shadow, count(*)::integer as records,
        count(distinct user_key)::integer as users
      from assessment, lateral jsonb_to_recordset(assessment.shadow)
        as verdict (policy_version integer, assessed text)
      where ${selected(sql, selection)} and assessment.shadow is not null
        and verdict.policy_version = ${`${version}`}::text::integer
      group by assessment.assessed, verdict.assessed`,
  )

const selected = (sql: Sql, { tenant, flow, since, until }: ReplaySelection) => sql`
  tenant = ${tenant} and flow = ${flow}
  and opened_at >= to_timestamp(${`${since ?? 0}`}::text::double precision)
  and opened_at < to_timestamp(${`${until ?? 253_402_300_799}`}::text::double precision)`

async function reading<Row>(url: string, work: (sql: Sql) => PromiseLike<Row>): Promise<Row> {
  const sql = postgres(url, {
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    connect_timeout: 5,
    // A long read is what was asked for; the role's own limit is meant for requests.
    connection: { statement_timeout: 0, default_transaction_read_only: true, TimeZone: 'UTC' },
  })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}
