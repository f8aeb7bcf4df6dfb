/** What the `user` commands do. */
import type { SubjectKeys } from '../verifier/ports-admin.ts'
import { eraseSubject, exportSubject } from '../verifier/store/subjects.ts'
import { type AnswerFlags, answer } from './answer.ts'
import { Failure } from './failure.ts'
import { type OperatorFlags, operate, operatorIdentifiers, userKeys } from './user-operator.ts'

export async function exportUser(subject: string, flags: OperatorFlags): Promise<void> {
  const stored = await operate(flags, async (sql, operator) => ({
    tenant: operator.tenantId,
    user_id: subject,
    pseudonyms: userKeys(operator.tenantId, subject),
    ...(await exportSubject(sql, operator, keysOf(operator.tenantId, subject))),
  }))
  process.stdout.write(`${JSON.stringify(stored, undefined, 2)}\n`)
}

export async function eraseUser(
  subject: string,
  flags: OperatorFlags & AnswerFlags,
): Promise<void> {
  const erased = await operate(flags, (sql, operator) =>
    eraseSubject(sql, operator, keysOf(operator.tenantId, subject)),
  )
  const parts = KINDS.filter((kind) => erased[kind] > 0)
  if (parts.length === 0) {
    throw new Failure(
      'Nothing is stored under this user_id; the audit notes that it was asked for.',
    )
  }
  const words = parts.map((kind) => `${erased[kind]} ${kind.replace('_', ' ')}`)
  answer(flags, erased, `Erased: ${words.join(', ')}.`)
}

const KINDS = [
  'profiles',
  'verifications',
  'events',
  'list_entries',
  'releases',
  'velocity',
] as const

function keysOf(tenantId: string, subject: string): SubjectKeys {
  const { previous, ...current } = operatorIdentifiers()
  return {
    users: userKeys(tenantId, subject),
    subjectHashes: [current, previous]
      .filter((one) => one !== undefined)
      .map((one) => one.digest('subject', tenantId, subject)),
  }
}
