/** Looks up the records of a reference code and puts each into words: outcome, reasons, policy lines. */
import { findRecords, type StoredRecord } from '../../db/operator.ts'
import {
  type ExplainedReason,
  type Explanation,
  explainRecord,
} from '../verifier/admin/explanation.ts'
import { databaseUrl } from './database-url.ts'
import { hasDemoDatabase, openDemoDatabase } from './demo-database.ts'
import { reasonText } from './demo-hops.ts'
import type { Paint } from './terminal.ts'

/** In the database of the flag, else of DATABASE_URL, else in the demo's. */
export async function lookUp(
  code: string,
  flag: string | undefined,
): Promise<readonly StoredRecord[]> {
  const key = { reference: code }
  if (flag !== undefined || process.env.DATABASE_URL || !hasDemoDatabase()) {
    return findRecords(databaseUrl(flag), key)
  }
  const demo = await openDemoDatabase(undefined)
  try {
    return await findRecords(demo.url, key)
  } finally {
    await demo.stop()
  }
}

export function explain(record: StoredRecord, paint: Paint): string {
  const { reference, tenant, flow, opened_at } = record
  const head = [
    `${paint('bold', reference)}  tenant ${tenant}, ${flow.replace('_', ' ')}, ${opened_at}`,
  ]
  const why = explainRecord(record)
  if (why === undefined) return [...head, '  not settled yet: no decision is on record'].join('\n')
  const notes = why.notes.length === 0 ? '' : ` (${why.notes.join('; ')})`
  return [
    ...head,
    `  outcome  ${paint('bold', why.outcome)}${notes}`,
    `  score    ${why.score}${thresholdNote(why)}`,
    `  policy   version ${why.policyVersion}, ${why.mode}`,
    ...(why.reasons.length === 0 ? ['  no rule applied'] : []),
    ...why.reasons.flatMap((reason) => [
      '',
      `  ${paint('cyan', reasonText({ ...reason, signals: valuesOf(reason) }))}`,
      `    ${paint('dim', lineText(reason))}`,
    ]),
  ].join('\n')
}

const valuesOf = ({ signals }: ExplainedReason) =>
  Object.fromEntries(signals.map(({ name, value }) => [name, value]))

function thresholdNote({ thresholds }: Explanation): string {
  if (thresholds === undefined) return ''
  const { step_up, deny } = thresholds
  return ` (step-up from ${step_up}${deny === null ? ', evidence alone never denies' : `, denial from ${deny}`})`
}

const lineText = ({ line }: ExplainedReason): string =>
  line === undefined ? 'not a line of the policy: the engine added it' : JSON.stringify(line)
