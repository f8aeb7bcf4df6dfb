/**
 * Which password changes a verification stands behind, and why the others have none. Pure. A cause is
 * what the rows can show: where they show nothing, it is unexplained, and somebody has to look.
 */
import type { CoverageRows, ResetRecord } from '../../db/coverage.ts'

export interface PasswordChange {
  /** Pseudonyms of the user, the current one first. */
  readonly users: readonly string[]
  /** Seconds since 1970, at Auth0. */
  readonly at: number
  /** Null: the log says that there was none. Absent: the source does not tell. */
  readonly clientId?: string | null
  /** How a log names it. */
  readonly logId?: string
}

export type Cause =
  | 'no_client'
  | 'against_answer'
  | 'before_first'
  | 'client_left_out'
  | 'nobody_checked'
  | 'unexplained'

export const CAUSES: Readonly<Record<Cause, { readonly text: string; readonly todo: string }>> = {
  no_client: {
    text: 'started without client_id',
    todo: 'Auth0 runs no Action then. Find the caller of /dbconnections/change_password or of the ticket API.',
  },
  against_answer: {
    text: 'denied, and changed all the same',
    todo: 'Is a second way open: another Action before ours, a change by an administrator? Look at it now.',
  },
  before_first: {
    text: 'before the first verification',
    todo: 'The Action was not at work yet.',
  },
  client_left_out: {
    text: 'for an application that is never checked',
    todo: 'Does RV_CLIENTS leave it out?',
  },
  nobody_checked: {
    text: 'while nobody was checked',
    todo: 'Was the Action unbound or RV_MODE off, or the verifier down in observe mode or with RV_WHEN_DOWN step_up?',
  },
  unexplained: {
    text: 'unexplained',
    todo: 'Look at the execution of the Action in the tenant log around that time.',
  },
}

export interface Uncovered {
  readonly change: PasswordChange
  readonly cause: Cause
}

export interface Coverage {
  readonly changes: number
  readonly covered: number
  readonly uncovered: readonly Uncovered[]
}

/** A transaction at Auth0 lives for an hour; choosing a password, and clocks, take some of it. */
const BEFORE_SECONDS = 3900
const AFTER_SECONDS = 300
/** In a tenant with resets at all, so long a silence says something. */
const QUIET_SECONDS = 6 * 3600

export function coverageOf(
  changes: readonly PasswordChange[],
  { records, firstRecord }: Pick<CoverageRows, 'records' | 'firstRecord'>,
): Coverage {
  const byUser = new Map<string, ResetRecord[]>()
  for (const record of records)
    for (const user of record.users) byUser.set(user, [...(byUser.get(user) ?? []), record])
  const clients = new Set(records.map(({ clientId }) => clientId))
  const used = new Set<ResetRecord>()
  const uncovered = inOrder(changes).flatMap((change) => {
    const own = change.users.flatMap((user) => byUser.get(user) ?? [])
    const near = own.filter(({ epochSeconds }) => isAround(epochSeconds, change.at))
    // One verification lets one change pass: a second one beside it must have its own.
    const passed = near.find((record) => letsPass(record) && !used.has(record))
    if (passed !== undefined) {
      used.add(passed)
      return []
    }
    const denied = near.some((record) => !letsPass(record))
    const known = { records, firstRecord, clients }
    return [{ change, cause: denied ? 'against_answer' : causeOf(change, known) } as const]
  })
  return { changes: changes.length, covered: changes.length - uncovered.length, uncovered }
}

const inOrder = (changes: readonly PasswordChange[]) => [...changes].sort((a, b) => a.at - b.at)

const isAround = (record: number, change: number) =>
  record >= change - BEFORE_SECONDS && record <= change + AFTER_SECONDS

/** An Action that only observes lets a denied one pass, as it should; one that is open may have passed. */
const letsPass = ({ outcome, enforced }: ResetRecord) => outcome !== 'deny' || !enforced

function causeOf(
  { at, clientId }: PasswordChange,
  known: {
    readonly records: readonly ResetRecord[]
    readonly firstRecord: number | null
    readonly clients: ReadonlySet<string | null>
  },
): Cause {
  if (clientId === null) return 'no_client'
  if (known.firstRecord === null || at < known.firstRecord) return 'before_first'
  if (clientId !== undefined && !known.clients.has(clientId)) return 'client_left_out'
  const others = known.records.some(
    ({ epochSeconds }) => Math.abs(epochSeconds - at) < QUIET_SECONDS,
  )
  return others ? 'unexplained' : 'nobody_checked'
}
