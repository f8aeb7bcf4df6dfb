/** What the `audit` command does. */
import type { AuditRow } from '../verifier/ports-admin.ts'
import * as access from '../verifier/store/admin-access.ts'
import { type OperatorFlags, operate, parseDuration, tableOf } from './user-operator.ts'

interface ListFlags extends OperatorFlags {
  readonly since: string
  readonly action?: string
  readonly actor?: string
  readonly limit: number
  readonly json?: true
}

export async function listAudit(flags: ListFlags): Promise<void> {
  const { action, actor, limit } = flags
  const since = Date.now() / 1000 - parseDuration(flags.since)
  const { items } = await operate(flags, (sql, { tenantId }) =>
    access.listAudit(sql, tenantId, {
      ...{ since, limit },
      ...(action === undefined ? {} : { action }),
      ...(actor === undefined ? {} : { actor }),
    }),
  )
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(items)}\n`)
    return
  }
  if (items.length === 0) {
    process.stdout.write(`Nothing of that kind within ${flags.since}.\n`)
    return
  }
  process.stdout.write(
    `${tableOf([['AT', 'ACTOR', 'ACTION', 'SUBJECT', 'DETAIL'], ...items.map(rowOf)])}\n`,
  )
}

const rowOf = ({ at, actor, action, subject, detail }: AuditRow): readonly string[] => [
  at,
  actor,
  action,
  subject ?? '',
  detail === null ? '' : JSON.stringify(detail),
]
