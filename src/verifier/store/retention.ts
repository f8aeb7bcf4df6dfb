/**
 * Forgetting: what has expired goes, old records go by the partition, what was counted over everybody
 * fades, and new partitions are there before they are needed. The database's own functions do it (db/migrations), in portions that fit the
 * limits of any connection, because the service's role may not delete.
 */
import type { PendingQuery, Sql } from 'postgres'
import type { Retention, RetentionPeriods, Tidied } from '../ports-learning.ts'
import type { Ask } from './ask.ts'

/** Small enough for a statement timeout of half a second. */
const ROWS_PER_STATEMENT = 2000
/** What one turn does at most; the next one goes on. */
const STATEMENTS_PER_TURN = 50
/**
 * What everybody did half a year ago counts a quarter of what they do today: older history adds little
 * (Wiefling et al. 2022).
 */
const HALF_LIFE_DAYS = 90
/** Two months of chores that nobody runs. */
const WEEKS_AHEAD = 8

interface CountRow {
  readonly count: number
}

type Count = (sql: Sql) => PendingQuery<CountRow[]>

export function createRetention(ask: Ask): Retention {
  const count = async (statement: Count) => (await ask(statement))[0]?.count ?? 0

  async function untilDone(statement: Count): Promise<number> {
    let rows = 0
    for (let turn = 0; turn < STATEMENTS_PER_TURN; turn += 1) {
      const gone = await count(statement)
      rows += gone
      if (gone < ROWS_PER_STATEMENT) break
    }
    return rows
  }
  return {
    async tidy({ recordDays, profileDays }: RetentionPeriods): Promise<Tidied> {
      // Partitions first: a record without one lands where nothing can be dropped as a whole.
      const made = await count(
        (sql) => sql`select ensure_partitions(${`${WEEKS_AHEAD}`}::text::integer) as count`,
      )
      const dropped = await count(
        (sql) => sql`
          select drop_old_partitions(make_interval(days => ${`${recordDays}`}::text::integer))
            as count`,
      )
      const expired = await untilDone(
        (sql) => sql`select purge_expired(${`${ROWS_PER_STATEMENT}`}::text::integer) as count`,
      )
      const profiles = await untilDone(
        (sql) => sql`
          select purge_profiles(
            make_interval(days => ${`${profileDays}`}::text::integer),
            ${`${ROWS_PER_STATEMENT}`}::text::integer
          ) as count`,
      )
      await untilDone(
        (sql) => sql`
          select age_counts(
            make_interval(days => ${`${HALF_LIFE_DAYS}`}::text::integer),
            ${`${ROWS_PER_STATEMENT}`}::text::integer
          ) as count`,
      )
      return { made, dropped, rows: expired + profiles }
    },
  }
}
