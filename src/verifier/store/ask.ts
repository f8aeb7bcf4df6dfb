/**
 * One question to Postgres: admitted, bounded in time, its failure translated. Whose connection it is
 * differs between runtimes and comes in.
 */
import type { PendingQuery, Sql } from 'postgres'
import type { Admission } from './admission.ts'
import { withinDeadline } from './deadline.ts'
import { isConnectionLost, storeError } from './store-error.ts'

/** Runs one statement in one round trip. Rejects with `StoreError` only. */
export type Ask = <Row extends object>(
  statement: (sql: Sql) => PendingQuery<Row[]>,
) => Promise<readonly Row[]>

export interface Connections {
  readonly current: () => Sql
  /**
   * Told of each statement that ended with its connection. The driver would reconnect, but it keeps the
   * old connection's last error and gives it to the next statement; so the client must go as a whole.
   */
  readonly lose: (client: Sql) => void
  /** Whether the client was ever let in, which errors do not always tell. Default: true. */
  readonly entered?: (client: Sql) => boolean
  /** Told of each statement that was given up at its deadline. */
  readonly abandon?: (query: { cancel(): unknown }) => void
}

export function createAsk(
  connections: Connections,
  admission: Admission,
  deadlineMilliseconds: number,
): Ask {
  return async function ask(statement) {
    const leave = await admission.enter()
    const client = connections.current()
    try {
      const query = statement(client)
      const abandon = () => connections.abandon?.(query)
      return await withinDeadline(query, deadlineMilliseconds, abandon)
    } catch (error) {
      const failure = storeError(error, connections.entered?.(client))
      if (isConnectionLost(error)) connections.lose(client)
      throw failure
    } finally {
      leave()
    }
  }
}
