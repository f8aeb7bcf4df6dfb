/** What the `assessment` commands do. */
import { findRecords, type StoredRecord } from '../../db/operator.ts'
import { explainRecord } from '../verifier/admin/explanation.ts'
import type { Outcome } from '../verifier/domain/decision.ts'
import type { AssessmentLine } from '../verifier/ports-admin.ts'
import { listRecords } from '../verifier/store/admin-assessments.ts'
import { releaseUser } from '../verifier/store/subjects-records.ts'
import { type AnswerFlags, answer } from './answer.ts'
import { databaseUrl } from './database-url.ts'
import { EXIT, Failure } from './failure.ts'
import { paintFor } from './terminal.ts'
import { type OperatorFlags, operate, parseDuration, tableOf, userKeys } from './user-operator.ts'
import { explain } from './why-record.ts'

interface ListFlags extends OperatorFlags {
  readonly since: string
  readonly outcome?: Outcome
  readonly review?: true
  readonly user?: string
  readonly limit: number
  readonly json?: true
}

export async function listAssessments(flags: ListFlags): Promise<void> {
  const since = Date.now() / 1000 - parseDuration(flags.since)
  const { items: lines } = await operate(flags, (sql, { tenantId }) =>
    listRecords(sql, tenantId, {
      since,
      limit: flags.limit,
      ...(flags.outcome === undefined ? {} : { outcome: flags.outcome }),
      ...(flags.review ? { review: true } : {}),
      ...(flags.user === undefined ? {} : { users: userKeys(tenantId, flags.user) }),
    }),
  )
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(lines)}\n`)
    return
  }
  if (lines.length === 0) {
    process.stdout.write(`No such record within ${flags.since}.\n`)
    return
  }
  const head = ['CODE', 'OPENED', 'FLOW', 'OUTCOME', 'SCORE', 'CONFIRMED', 'REASONS', 'USER']
  process.stdout.write(`${tableOf([head, ...lines.map(rowOf)])}\n`)
}

const rowOf = (line: AssessmentLine): readonly string[] => [
  line.reference,
  line.opened_at,
  line.flow,
  line.outcome === null
    ? 'open'
    : line.assessed === line.outcome
      ? line.outcome
      : `${line.outcome} (${line.assessed})`,
  `${line.score ?? ''}`,
  line.confirmed ? 'yes' : 'no',
  line.codes.join(' '),
  line.user,
]

export async function showAssessment(reference: string, flags: OperatorFlags): Promise<void> {
  const record = await onlyRecord(reference, flags)
  process.stdout.write(`${JSON.stringify(record, undefined, 2)}\n`)
}

export async function explainAssessment(
  reference: string,
  flags: OperatorFlags & AnswerFlags,
): Promise<void> {
  const record = await onlyRecord(reference, flags)
  answer(flags, explainRecord(record) ?? null, explain(record, paintFor(process.stdout)))
}

interface ReleaseFlags extends OperatorFlags, AnswerFlags {
  readonly for: string
}

const LONGEST_SECONDS = 7 * 86_400

export async function releaseAssessment(reference: string, flags: ReleaseFlags): Promise<void> {
  const seconds = parseDuration(flags.for)
  if (seconds > LONGEST_SECONDS)
    throw new Failure('At most 7d: it is a person who waits.', EXIT.usage)
  const record = await onlyRecord(reference, flags)
  if (record.decision?.outcome !== 'deny' || record.decision.assessed !== 'step_up') {
    const stands = record.decision?.outcome ?? 'no decision'
    throw new Failure(
      `The record says ${stands}: a release helps only who was stopped for want of a second factor.`,
    )
  }
  const done = await operate({ ...flags, tenant: record.tenant }, (sql, operator) =>
    releaseUser(sql, operator, record.id, seconds),
  )
  if (!done) throw new Failure(`The record ${reference} is gone.`)
  answer(
    flags,
    { tenant: record.tenant, reference, released_for_seconds: seconds },
    `The next attempt of this person passes, once, within ${flags.for}.`,
  )
}

async function onlyRecord(reference: string, flags: OperatorFlags): Promise<StoredRecord> {
  const all = await findRecords(databaseUrl(flags.databaseUrl), { reference })
  const own = flags.tenant === undefined ? all : all.filter(({ tenant }) => tenant === flags.tenant)
  const [record, another] = own
  if (record === undefined) throw new Failure(`No record has the code ${reference}.`)
  if (another === undefined) return record
  const where = own.map(({ tenant, opened_at }) => `${tenant} ${opened_at}`).join(', ')
  throw new Failure(`Several records have this code (${where}): give --tenant.`)
}
