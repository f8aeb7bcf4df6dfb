/**
 * How the operator's store reaches Postgres: a few connections of its own, so that a long look at the
 * records takes none from verifications, and one more for reading them all.
 */
import type { Sql } from 'postgres'
import { type Admission, createCounter, createQueue } from './admission.ts'
import { createClient } from './client.ts'
import { withinDeadline } from './deadline.ts'
import { isConnectionLost, storeError } from './store-error.ts'

/** Runs statements, or one transaction, on a connection. Rejects with `StoreError` only. */
export type Run = <Result>(work: (sql: Sql) => PromiseLike<Result>) => Promise<Result>

export interface AdminConnection {
  readonly run: Run
  /** On a connection of its own, for as long as it takes; ended afterwards. */
  readonly runLong: Run
  /** Lets statements under way finish, for at most five seconds. */
  close(): Promise<void>
}

export interface AdminLimits {
  readonly connections: number
  /** Questions that may wait for a connection; one more is refused at once. */
  readonly waiting: number
  readonly waitMilliseconds: number
  readonly lockMilliseconds: number
  readonly statementMilliseconds: number
  readonly connectSeconds: number
  readonly deadlineMilliseconds: number
  /** Readings of all records at once; one more is refused. */
  readonly longReadings: number
}

export const ADMIN_LIMITS: AdminLimits = {
  connections: 4,
  waiting: 40,
  waitMilliseconds: 5000,
  lockMilliseconds: 3000,
  statementMilliseconds: 10_000,
  connectSeconds: 3,
  // A change is a few statements; each has its own limit on the server.
  deadlineMilliseconds: 15_000,
  longReadings: 2,
}

const GRACE_SECONDS = 2
const CLOSE_SECONDS = 5

/** `settings`: whether the session sets its own limits, or the role has them (behind Hyperdrive). */
export function connectAdmin(
  url: string,
  limits: AdminLimits,
  settings: 'session' | 'role' = 'session',
): AdminConnection {
  const { connections, waiting, waitMilliseconds, deadlineMilliseconds } = limits
  const queue = createQueue({ running: connections, waiting, waitMilliseconds })
  const longReadings = createCounter(limits.longReadings)
  const session = settings === 'session' ? sessionOf(limits) : undefined
  let current = open(url, limits, session)

  async function run<Result>(work: (sql: Sql) => PromiseLike<Result>): Promise<Result> {
    const leave = await queue.enter()
    const { sql, entered } = current
    try {
      return await withinDeadline(Promise.resolve(work(sql)), deadlineMilliseconds, () => {})
    } catch (error) {
      // The driver keeps a lost connection's last error for the next statement (`ask.ts`).
      if (isConnectionLost(error) && current.sql === sql) {
        current = open(url, limits, session)
        sql.end({ timeout: GRACE_SECONDS }).catch(() => {})
      }
      throw storeError(error, entered())
    } finally {
      leave()
    }
  }
  return {
    run,
    runLong: (work) =>
      runAlone(() => open(url, { ...limits, connections: 1 }, session), longReadings, work),
    close: () => current.sql.end({ timeout: CLOSE_SECONDS }),
  }
}

async function runAlone<Result>(
  connect: () => Opened,
  admission: Admission,
  work: (sql: Sql) => PromiseLike<Result>,
): Promise<Result> {
  const leave = await admission.enter()
  const { sql, entered } = connect()
  try {
    return await work(sql)
  } catch (error) {
    throw storeError(error, entered())
  } finally {
    await sql.end({ timeout: GRACE_SECONDS }).catch(() => {})
    leave()
  }
}

type Session = Readonly<Record<string, string>>

const sessionOf = ({ statementMilliseconds, lockMilliseconds }: AdminLimits): Session => ({
  application_name: 'redirect-verifier-admin',
  TimeZone: 'UTC',
  jit: 'off',
  statement_timeout: `${statementMilliseconds}`,
  lock_timeout: `${lockMilliseconds}`,
  // What a filter asks for decides which index answers it, and in which partitions.
  plan_cache_mode: 'force_custom_plan',
})

interface Opened {
  readonly sql: Sql
  /** Whether a server ever let us in: nothing was sent before. */
  readonly entered: () => boolean
}

function open(url: string, limits: AdminLimits, session: Session | undefined): Opened {
  const { connections, connectSeconds } = limits
  let entered = false
  const onEntered = () => {
    entered = true
  }
  const own = session === undefined ? {} : { session }
  const sql = createClient(url, { connections, connectSeconds, onEntered, ...own })
  return { sql, entered: () => entered }
}
