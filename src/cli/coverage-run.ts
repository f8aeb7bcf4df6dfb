/** What `coverage` does: gathers both sides, compares them, and says which resets nobody looked at. */
import { readCoverage } from '../../db/coverage.ts'
import { CAUSES, type Cause, type Coverage, coverageOf } from './coverage-causes.ts'
import { changesInLogs } from './coverage-logs.ts'
import { databaseUrl } from './database-url.ts'
import { ofProcess, type Surroundings } from './surroundings.ts'
import { type Paint, paintFor } from './terminal.ts'
import { type OperatorFlags, operate, operatorIdentifiers, parseDuration } from './user-operator.ts'

export interface CoverageFlags extends OperatorFlags {
  readonly since: string
  readonly logs?: string
  readonly json?: true
}

/** Records before the first change of the period may belong to it. */
const MARGIN_SECONDS = 2 * 3600

/** Whether every change has a verification behind it. */
export async function runCoverage(
  flags: CoverageFlags,
  write: Surroundings['write'] = ofProcess.write,
): Promise<boolean> {
  const since = Math.floor(Date.now() / 1000) - parseDuration(flags.since)
  const url = databaseUrl(flags.databaseUrl)
  const tenantId = flags.tenant ?? (await operate(flags, async (_sql, found) => found.tenantId))
  const rows = await readCoverage(url, tenantId, since - MARGIN_SECONDS)
  const changes =
    flags.logs === undefined
      ? rows.changes
          .filter(({ epochSeconds }) => epochSeconds >= since)
          .map(({ users, epochSeconds }) => ({ users, at: epochSeconds }))
      : await changesInLogs(flags.logs, tenantId, operatorIdentifiers(), since)
  const coverage = coverageOf(changes, rows)
  write(
    flags.json
      ? `${JSON.stringify(jsonOf(tenantId, coverage))}\n`
      : textOf(tenantId, coverage, flags),
  )
  return coverage.uncovered.length === 0
}

const timeOf = (seconds: number) => new Date(seconds * 1000).toISOString()

const jsonOf = (tenant: string, { changes, covered, uncovered }: Coverage) => ({
  tenant,
  changes,
  covered,
  uncovered: uncovered.map(({ change, cause }) => ({
    at: timeOf(change.at),
    cause,
    user: change.users[0],
    ...(change.clientId === undefined ? {} : { client_id: change.clientId }),
    ...(change.logId === undefined ? {} : { log_id: change.logId }),
  })),
})

function textOf(tenant: string, coverage: Coverage, flags: CoverageFlags): string {
  const paint = paintFor(process.stdout)
  const { changes, covered, uncovered } = coverage
  const source =
    flags.logs === undefined
      ? 'from the log stream, which is kept for nine days; --logs goes further back'
      : flags.logs
  return `${[
    `${paint('bold', tenant)}: ${changes} password changes in ${flags.since} (${source})`,
    `  ${covered} with a verification, ${uncovered.length} without`,
    ...(Object.keys(CAUSES) as Cause[]).flatMap((cause) => linesOf(cause, coverage, paint)),
  ].join('\n')}\n`
}

function linesOf(cause: Cause, { uncovered }: Coverage, paint: Paint): readonly string[] {
  const own = uncovered.filter((one) => one.cause === cause)
  if (own.length === 0) return []
  const { text, todo } = CAUSES[cause]
  return [
    '',
    `  ${paint('red', `${own.length} ${text}`)}`,
    `    ${paint('dim', todo)}`,
    ...own.map(
      ({ change }) =>
        `    ${timeOf(change.at)}  user ${change.users[0]}${change.clientId ? `  ${change.clientId}` : ''}${change.logId ? `  ${change.logId}` : ''}`,
    ),
  ]
}
