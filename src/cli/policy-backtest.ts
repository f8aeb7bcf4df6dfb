/** `policy backtest`: stored verifications judged by another policy, and what it would have meant. */
import { countRecords, replayRecords } from '../../db/replay.ts'
import {
  type BacktestReport,
  type Confusion,
  createBacktest,
  type Solution,
} from '../verifier/domain/backtest.ts'
import { compilePolicy } from '../verifier/domain/compile.ts'
import { OUTCOMES } from '../verifier/domain/decision.ts'
import type { PolicyDocument } from '../verifier/domain/policy.ts'
import type { RecordSelection } from '../verifier/domain/record-selection.ts'
import type { Paint } from './terminal.ts'

export interface BacktestAnswer {
  readonly report: BacktestReport
  /** Wanted share of records that are not allowed → what gives it; null: floors alone exceed it. */
  readonly target?: { readonly rate: number; readonly solution: Solution | null }
}

/** `progress` is told how many records were read, and of how many, some times a second. */
export async function runBacktest(
  url: string,
  selection: RecordSelection,
  document: PolicyDocument,
  options: {
    readonly rate?: number
    readonly progress?: (read: number, of: number) => void
  },
): Promise<BacktestAnswer> {
  const { rate, progress } = options
  const of = progress === undefined ? 0 : await countRecords(url, selection)
  const backtest = createBacktest(compilePolicy(document))
  let read = 0
  await replayRecords(url, selection, (record) => {
    backtest.add(record)
    read += 1
    if (progress !== undefined && read % PROGRESS_RECORDS === 0) progress(read, of)
  })
  const report = backtest.report()
  if (rate === undefined) return { report }
  return { report, target: { rate, solution: backtest.solve(rate) ?? null } }
}

const PROGRESS_RECORDS = 2_000

export function backtestText({ report, target }: BacktestAnswer, paint: Paint): string {
  const { records, confusion, days, users, rules, confirmed, false_alarms } = report
  const [first, last] = [days[0]?.day, days.at(-1)?.day]
  if (first === undefined) return 'No settled records in this time.'
  return [
    `${paint('bold', `Version ${report.policy_version}`)} over ${number(records)} records of ${number(users.seen)} users, ${first} to ${last}`,
    '',
    confusionText(confusion, paint),
    '',
    `not allowed      ${percent(stopped(confusion, 'now'), records)} of records, was ${percent(stopped(confusion, 'then'), records)}`,
    `users affected   ${number(users.stopped)} would be stopped at least once, ${number(users.changed)} decided otherwise at least once`,
    `false alarms     ${number(false_alarms)} of ${number(confirmed)} records that their user confirmed`,
    ...(target === undefined ? [] : ['', ...targetLines(target)]),
    '',
    paint('bold', 'per day (UTC)'),
    ...days.map(
      ({ day, records: count, step_up, deny, rate }) =>
        `  ${day}  ${pad(number(count), 9)} records  ${pad(number(step_up), 7)} step-up  ${pad(number(deny), 6)} deny  ${pad(percent(rate, 1), 7)}`,
    ),
    '',
    paint('bold', 'per rule'),
    `  ${'rule'.padEnd(32)}${pad('fired', 10)}${pad('counted', 10)}${pad('users', 10)}`,
    ...rules.map(
      ({ rule, fired, counted, users: whom }) =>
        `  ${rule.padEnd(32)}${pad(number(fired), 10)}${pad(number(counted), 10)}${pad(number(whom), 10)}`,
    ),
  ].join('\n')
}

function targetLines({ rate, solution }: NonNullable<BacktestAnswer['target']>): string[] {
  const wanted = `for at most ${percent(rate, 1)}`
  if (solution === null)
    return [`${wanted}: no number gives it, because floors alone stop more than that`]
  const { threshold, prior, rate: given } = solution
  return [
    `${wanted}: thresholds.step_up ${threshold}, or prior ${prior} with the threshold as it is; gives ${percent(given, 1)}`,
  ]
}

const WORDS = { allow: 'allow', step_up: 'step-up', deny: 'deny' } as const

/** Then → now, of what was found; the modes and factors of either day are left out. */
export const confusionText = (confusion: Confusion, paint: Paint): string =>
  [
    `  ${paint('dim', 'then \\ now'.padEnd(12))}${OUTCOMES.map((now) => pad(WORDS[now], 11)).join('')}`,
    ...OUTCOMES.map(
      (then) =>
        `  ${WORDS[then].padEnd(12)}${OUTCOMES.map((now) => pad(number(confusion[then][now]), 11)).join('')}`,
    ),
  ].join('\n')

function stopped(confusion: Confusion, side: 'then' | 'now'): number {
  let count = 0
  for (const then of OUTCOMES)
    for (const now of OUTCOMES)
      if ((side === 'then' ? then : now) !== 'allow') count += confusion[then][now]
  return count
}

const pad = (text: string, width: number) => text.padStart(width)
const number = (value: number) => value.toLocaleString('en-US')
const percent = (part: number, whole: number) =>
  whole === 0 ? '-' : `${((part / whole) * 100).toFixed(2)} %`
