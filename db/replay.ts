/** Stored verifications read again, for commands that hold a URL: a connection for each call, ended after it. */
import postgres, { type Sql } from 'postgres'
import type { BacktestRecord } from '../src/verifier/domain/backtest.ts'
import type { RecordSelection, ShadowCount } from '../src/verifier/domain/record-selection.ts'
import * as records from './record-replay.ts'

/** Every settled record of the selection, oldest first, to `take`. */
export async function replayRecords(
  url: string,
  selection: RecordSelection,
  take: (record: BacktestRecord) => void,
): Promise<void> {
  await reading(url, (sql) => records.replay(sql, selection, take))
}

/** How many records `replayRecords` would give. */
export const countRecords = (url: string, selection: RecordSelection): Promise<number> =>
  reading(url, (sql) => records.countReplay(sql, selection))

/** How often a shadow version found this where the active one of the day found that. */
export const countShadow = (
  url: string,
  selection: RecordSelection,
  version: number,
): Promise<readonly ShadowCount[]> =>
  reading(url, (sql) => records.countShadow(sql, selection, version))

async function reading<Row>(url: string, work: (sql: Sql) => PromiseLike<Row>): Promise<Row> {
  const sql = postgres(url, {
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    connect_timeout: 5,
    // What a shadow version found is counted over all records, too.
    connection: { statement_timeout: 0, default_transaction_read_only: true, TimeZone: 'UTC' },
  })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}
