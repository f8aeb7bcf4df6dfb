/**
 * The Store of one request on Workers, where a connection belongs to the request that opened it. The
 * client is never shared and never ended: the runtime closes it with the request.
 */
import type { Store } from '../ports.ts'
import type { Learning, Retention } from '../ports-learning.ts'
import type { Admission } from './admission.ts'
import { type Connections, createAsk } from './ask.ts'
import { createClient } from './client.ts'
import { createLearning } from './learning.ts'
import { createRetention } from './retention.ts'
import { createStore } from './store.ts'

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
export function createRequestStore(
  url: string,
  options: RequestStoreOptions,
): Store & Learning & Retention {
  const { admission, connectSeconds = 1, deadlineMilliseconds = 1500 } = options
  let entered = false
  const onEntered = () => {
    entered = true
  }
  const connect = () => createClient(url, { connections: 1, connectSeconds, onEntered })
  let client = connect()
  const own: Connections = {
    current: () => client,
    // workerd calls a refused connection nothing in particular: only `entered` tells it from a lost one.
    entered: () => entered,
    lose() {
      entered = false
      client = connect()
    },
  }
  const ask = createAsk(own, admission, deadlineMilliseconds)
  return { ...createStore(ask), ...createLearning(ask), ...createRetention(ask) }
}
