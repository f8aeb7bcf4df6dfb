/** The Store of a long-running process: one pool that all requests share. */
import type { Sql } from 'postgres'
import type { Store } from '../ports.ts'
import type { Learning, Retention } from '../ports-learning.ts'
import { createQueue } from './admission.ts'
import { type Connections, createAsk } from './ask.ts'
import { createBreaker, type OnBreaker } from './breaker.ts'
import { createClient } from './client.ts'
import { createLearning } from './learning.ts'
import { openStatement } from './open-statement.ts'
import { createRetention } from './retention.ts'
import { settleStatement } from './settle-statement.ts'
import { createStore } from './store.ts'

/**
 * Budgets, each shorter than the next one out: the server gives up on a lock before it gives up on the
 * statement, and on the statement before we give up on the server.
 */
export interface StoreLimits {
  /** Four to ten for each core of the database; more is slower. */
  readonly connections: number
  /** Requests that may wait for a connection; one more is refused at once. */
  readonly waiting: number
  readonly waitMilliseconds: number
  readonly lockMilliseconds: number
  readonly statementMilliseconds: number
  readonly connectSeconds: number
  readonly deadlineMilliseconds: number
  /** Failures in a row after which nobody is made to wait for the next one. */
  readonly failuresToOpen: number
  /** Between questions whether Postgres is back. */
  readonly probeMilliseconds: number
}

/**
 * Two hundred people at once are answered and not turned away. Each asks twice at most, before the answer
 * and when it is written back, so that four hundred questions must find room; at some thousand questions in a
 * second, which ten connections manage, the last of them has waited less than half a second. The wait is
 * twice that, for slower machines, and no longer: with the time that the server gives a statement it
 * stays within the 1.5 seconds in which Actions want to hear whether we are ready, and with our own
 * deadline within the budget of a verification.
 */
export const DEFAULT_LIMITS: StoreLimits = {
  connections: 10,
  waiting: 400,
  waitMilliseconds: 1000,
  lockMilliseconds: 200,
  statementMilliseconds: 500,
  connectSeconds: 1,
  deadlineMilliseconds: 1500,
  failuresToOpen: 5,
  probeMilliseconds: 500,
}

export interface PoolStore extends Store, Learning, Retention {
  /**
   * Opens every connection and prepares the statements of a verification on each, so that the first
   * visitors pay one round trip and not two. Rejects with `StoreError` when Postgres is not there;
   * the store works without.
   */
  warm(): Promise<void>
  /** Lets statements under way finish, for at most five seconds. */
  close(): Promise<void>
}

/** Time that statements of a replaced pool have left; their own deadlines are over before. */
const GRACE_SECONDS = 2
const CLOSE_SECONDS = 5

/** `onBreaker` is told when the store stops asking a Postgres that is not there, and when it asks again. */
export function createPoolStore(
  url: string,
  given: Partial<StoreLimits> = {},
  onBreaker?: OnBreaker,
): PoolStore {
  const limits = { ...DEFAULT_LIMITS, ...given }
  const { connections, waiting, waitMilliseconds, deadlineMilliseconds } = limits
  const admission = createQueue({ running: connections, waiting, waitMilliseconds })
  const entered = new WeakSet<Sql>()
  const open = () => {
    const made = connect(url, limits, () => entered.add(made))
    return made
  }
  let client = open()
  const shared: Connections = {
    current: () => client,
    // A proxy in front of a server that is down takes connections and closes them again.
    entered: (asked) => entered.has(asked),
    /** Its neighbours are most likely lost as well; those that are not may finish. */
    lose(lost) {
      if (client !== lost) return
      client = open()
      lost.end({ timeout: GRACE_SECONDS }).catch(() => {})
    },
    /** Asks the server to drop the statement; on a frozen server that changes and harms nothing. */
    abandon(query) {
      Promise.resolve(query.cancel()).catch(() => {})
    },
  }
  const ask = createAsk(shared, admission, deadlineMilliseconds)
  const { failuresToOpen: failures, probeMilliseconds } = limits
  // The statement itself and not a lighter one: a read-only server would answer that.
  const probe = () => ask(openNothing)
  const breaker = createBreaker(ask, probe, { failures, probeMilliseconds }, onBreaker)

  return {
    ...createStore(breaker.ask),
    ...createLearning(breaker.ask),
    ...createRetention(breaker.ask),
    async warm() {
      const onEach = (run: () => Promise<unknown>) =>
        Promise.all(Array.from({ length: connections }, run))
      await onEach(() => ask(openNothing))
      await onEach(() => ask(settleNothing))
    },
    close() {
      breaker.stop()
      return client.end({ timeout: CLOSE_SECONDS })
    },
  }
}

const connect = (url: string, limits: StoreLimits, onEntered: () => void) =>
  createClient(url, {
    onEntered,
    connections: limits.connections,
    connectSeconds: limits.connectSeconds,
    session: {
      statement_timeout: `${limits.statementMilliseconds}`,
      lock_timeout: `${limits.lockMilliseconds}`,
      TimeZone: 'UTC',
      // The statements read by key whatever their parameters: planning anew finds the same plan.
      plan_cache_mode: 'force_generic_plan',
      jit: 'off',
    },
  })

/**
 * The statements as they are, for nobody: no tenant, hence no policy, hence nothing written. Run and not
 * only described, because a described connection is told done while it is still busy: the next round
 * would then meet some connections twice and others never.
 */
const openNothing = (sql: Sql) => openStatement(sql, '{}')
const NO_RECORD = { tenantId: '', first: 'epoch', last: 'epoch', settlements: '[]' }
const settleNothing = (sql: Sql) => settleStatement(sql, NO_RECORD)
