/**
 * What a failure of the driver or the server means for the caller. Only the code is kept: messages
 * carry parameters, and parameters carry what people sent us.
 *
 * `unavailable` may be answered with a degraded token (by configuration), which bypasses the lists and
 * the one-decision rule. So it holds only what no request can provoke: the server is not there, or
 * takes no one in. Timeouts, lock waits, refused values and lost connections are all `unknown`.
 */
import postgres from 'postgres'
import { StoreError } from '../ports.ts'

/** The statement never left this process. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CONNECT_TIMEOUT',
  'CONNECTION_ENDED',
])

/**
 * SQLSTATE: 28 no login, 3D no such database, 53 out of connections, memory or disk, 25006 read-only
 * after a failover, 57P03 starting up.
 */
const NOT_TAKEN_IN = /^(28...|3D...|53...|25006|57P03)$/

/** Our own code for a statement that was given up. */
export const DEADLINE = 'DEADLINE'

/** `entered`: whether the server had let us in. If not, nothing was sent, whatever the error is called. */
export function storeError(error: unknown, entered = true): StoreError {
  if (error instanceof StoreError) return error
  if (!entered) return new StoreError('unavailable', codeOf(error))
  if (error instanceof postgres.PostgresError) {
    return new StoreError(NOT_TAKEN_IN.test(error.code) ? 'unavailable' : 'unknown', error.code)
  }
  const code = codeOf(error)
  return new StoreError(NOT_SENT.has(code) ? 'unavailable' : 'unknown', code)
}

/**
 * Ended by others and quickly: a deadlock or serialisation failure (40), the server's shutdown or crash
 * (57P01, 57P02), a connection that went away (08 and the rest). Not our deadline: its time is used up.
 */
const CUT_SHORT = /^(40001|40P01|57P01|57P02|08...|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/

/** Whether a statement that may be run any number of times is worth one more try. */
export const isCutShort = (error: unknown) => CUT_SHORT.test(storeError(error).code)

/** Whether the connection went down with the statement, or must be taken for lost. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === DEADLINE
  if (storeError(error).kind === 'unavailable') return false
  return !(error instanceof postgres.PostgresError) || error.severity !== 'ERROR'
}

/** SQLSTATE 22 and 23, or not even sent: what the statement held, and nobody's state, is the reason. */
const REFUSED_VALUE = /^(22...|23...|BAD_PARAMETER)$/

export const isRefusedValue = (error: unknown) => REFUSED_VALUE.test(storeError(error).code)

/** Driver and system codes are constants in capitals; anything else might be a message. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'DRIVER'
}
