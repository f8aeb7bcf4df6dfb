/**
 * The Store of one request on Workers, where a connection belongs to the request that opened it. The
 * client is never shared and never ended: the runtime closes it with the request.
 */
import type { PendingQuery, Sql } from 'postgres'
import type { Store } from '../ports.ts'
import type { Admission } from './admission.ts'
import { createClient } from './client.ts'
import { withinDeadline } from './deadline.ts'
import { createStore } from './store.ts'
import { storeError } from './store-error.ts'

export interface RequestStoreOptions {
  /** Shared by all requests of the isolate: `createCounter`. */
  readonly admission: Admission
  readonly connectSeconds?: number
  readonly deadlineMilliseconds?: number
}

/**
 * `url`: Hyperdrive's connection string. The server's own timeouts are set on the role
 * (db/grants.sql), since a pooler may not pass on settings of the session.
 */
export function createRequestStore(url: string, options: RequestStoreOptions): Store {
  const { admission, connectSeconds = 1, deadlineMilliseconds = 1500 } = options
  const client = createClient(url, { connections: 1, connectSeconds })

  async function ask<Row extends object>(
    statement: (sql: Sql) => PendingQuery<Row[]>,
  ): Promise<readonly Row[]> {
    const leave = await admission.enter()
    try {
      return await withinDeadline(statement(client), deadlineMilliseconds, () => {})
    } catch (error) {
      throw storeError(error)
    } finally {
      leave()
    }
  }
  return createStore(ask)
}
