/** Password changes out of a file of tenant logs, one JSON object on a line, as exports and streams have them. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Identifiers } from '../verifier/ports.ts'
import { parseLogEvent } from '../verifier/schema/log-event.ts'
import type { PasswordChange } from './coverage-causes.ts'
import { EXIT, Failure } from './failure.ts'

/** Auth0's code for a password that was changed. */
const CHANGED = 'scp'

export async function changesInLogs(
  file: string,
  tenantId: string,
  identifiers: Identifiers,
  sinceSeconds: number,
): Promise<readonly PasswordChange[]> {
  const lines = createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  const changes: PasswordChange[] = []
  try {
    for await (const line of lines) {
      const item = parse(line)
      const log = parseLogEvent(item)
      if (log?.type !== CHANGED || log.user_id === undefined) continue
      const at = Date.parse(log.date) / 1000
      if (at < sinceSeconds) continue
      const makers = [identifiers, ...(identifiers.previous ? [identifiers.previous] : [])]
      changes.push({
        users: makers.map((one) => one.pseudonym(tenantId, 'user', log.user_id as string)),
        at,
        clientId: clientOf(item),
        logId: log.log_id,
      })
    }
  } catch (error) {
    if (Object(error).code === undefined) throw error
    throw new Failure(`The log ${file} cannot be read.`, EXIT.usage)
  }
  return changes
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Of the event itself, or of what a stream wrapped around it. Auth0 writes an empty one where there is none. */
function clientOf(item: unknown): string | null {
  const outer = Object(item) as { readonly data?: unknown; readonly client_id?: unknown }
  const inner = Object(outer.data ?? item) as { readonly client_id?: unknown }
  const { client_id } = inner
  return typeof client_id === 'string' && client_id !== '' ? client_id : null
}
