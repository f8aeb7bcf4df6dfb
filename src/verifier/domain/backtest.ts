/**
 * A policy version replayed over stored facts: what it would have decided, against what was decided, and
 * the prior that gives a wanted step-up rate. Records are added one by one and not kept, so that a
 * million of them need the memory of their scores.
 */
import type { CompiledDocument } from './compile.ts'
import { speaks } from './decide.ts'
import { OUTCOMES, type Outcome } from './decision.ts'
import type { Facts } from './facts.ts'

export interface BacktestRecord {
  readonly facts: Facts
  /** Pseudonym of the user. */
  readonly user: string
  /** What the policy of the day found, before `no_factor` and the mode. */
  readonly assessed: Outcome
  /** The user proved themselves afterwards; absent where nobody can tell. */
  readonly confirmed?: boolean
}

export type Confusion = Readonly<Record<Outcome, Readonly<Record<Outcome, number>>>>

export interface BacktestReport {
  readonly policy_version: number
  readonly records: number
  /** Then → now, by what was found rather than answered, so that modes and factors do not blur it. */
  readonly confusion: Confusion
  /** Records of confirmed users that this version would not have let pass: its known false alarms. */
  readonly false_alarms: number
  readonly confirmed: number
  readonly days: readonly BacktestDay[]
  readonly rules: readonly RuleHits[]
  readonly users: {
    readonly seen: number
    /** Users with at least one record that this version would not have let pass. */
    readonly stopped: number
    /** Users with at least one record that this version would have decided otherwise. */
    readonly changed: number
  }
}

export interface BacktestDay {
  /** UTC date. */
  readonly day: string
  readonly records: number
  readonly step_up: number
  readonly deny: number
  /** Share of records that were not allowed. */
  readonly rate: number
}

export interface RuleHits {
  readonly rule: string
  /** Records in which it had something to say; shadow rules too. */
  readonly fired: number
  /** Records in which it counted: not shadowed, and not outdone in its group. */
  readonly counted: number
  /** Users of those records. */
  readonly users: number
}

export interface Solution {
  /** The step-up threshold that keeps the rate at or below the wanted one. */
  readonly threshold: number
  /** The prior that does the same with the threshold as it is. */
  readonly prior: number
  /** The rate it gives on these records. */
  readonly rate: number
}

export interface Backtest {
  add(record: BacktestRecord): void
  report(): BacktestReport
  /** Undefined when floors alone exceed the wanted rate: no number can lower them. */
  solve(targetRate: number): Solution | undefined
}

export function createBacktest(policy: CompiledDocument): Backtest {
  const confusion = emptyConfusion()
  const days = new Map<number, { records: number; step_up: number; deny: number }>()
  const rules = new Map<string, { fired: number; counted: number; users: Set<string> }>()
  const users = { seen: new Set<string>(), stopped: new Set<string>(), changed: new Set<string>() }
  const scores: number[] = []
  let records = 0
  let floored = 0
  let confirmed = 0
  let falseAlarms = 0

  const hitsOf = (rule: string) => {
    const before = rules.get(rule)
    if (before !== undefined) return before
    const hits = { fired: 0, counted: 0, users: new Set<string>() }
    rules.set(rule, hits)
    return hits
  }

  return {
    add({ facts, user, assessed: then, confirmed: proven }) {
      const { decision, findings } = policy.explain(facts)
      const now = decision.assessed
      records += 1
      confusion[then][now] += 1
      const dayNumber = Math.floor(facts.decided_at / 86_400)
      const day = days.get(dayNumber) ?? { records: 0, step_up: 0, deny: 0 }
      days.set(dayNumber, day)
      day.records += 1
      if (now !== 'allow') day[now] += 1
      users.seen.add(user)
      if (now !== 'allow') users.stopped.add(user)
      if (now !== then) users.changed.add(user)
      if (proven === true) {
        confirmed += 1
        if (now !== 'allow') falseAlarms += 1
      }
      for (const finding of findings) if (speaks(finding)) hitsOf(finding.rule).fired += 1
      let held = false
      for (const { rule, floor } of decision.reasons) {
        const hits = hitsOf(rule)
        hits.counted += 1
        hits.users.add(user)
        held ||= floor !== undefined
      }
      if (held) floored += 1
      else scores.push(decision.score)
    },
    report: () => ({
      policy_version: policy.document.version,
      records,
      confusion: structuredClone(confusion),
      false_alarms: falseAlarms,
      confirmed,
      days: [...days]
        .sort(([a], [b]) => a - b)
        .map(([number, day]) => ({
          day: new Date(number * 86_400_000).toISOString().slice(0, 10),
          ...day,
          rate: share(day.step_up + day.deny, day.records),
        })),
      rules: [...rules]
        .map(([rule, { fired, counted, users: whom }]) => ({
          rule,
          fired,
          counted,
          users: whom.size,
        }))
        .sort((a, b) => b.counted - a.counted || (a.rule < b.rule ? -1 : 1)),
      users: {
        seen: users.seen.size,
        stopped: users.stopped.size,
        changed: users.changed.size,
      },
    }),
    solve: (targetRate) => solve(policy, scores, floored, targetRate),
  }
}

type MutableConfusion = Record<Outcome, Record<Outcome, number>>

const emptyConfusion = (): MutableConfusion =>
  Object.fromEntries(
    OUTCOMES.map((then) => [then, Object.fromEntries(OUTCOMES.map((now) => [now, 0]))]),
  ) as MutableConfusion

const share = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 1e6) / 1e6

/** The lowest threshold that lets at most the wanted share reach it; equal scores stand or fall together. */
function solve(
  { document }: CompiledDocument,
  scores: readonly number[],
  floored: number,
  targetRate: number,
): Solution | undefined {
  const all = scores.length + floored
  const room = Math.floor(targetRate * all + 1e-9) - floored
  if (all === 0 || room < 0) return undefined
  const falling = Float64Array.from(scores).sort().reverse()
  const firstOut = falling[room]
  const threshold =
    firstOut === undefined
      ? (falling[falling.length - 1] ?? document.thresholds.step_up)
      : // Scores are multiples of a millionth, so this is the next one above.
        round(firstOut + 1e-6)
  const reached = falling.findIndex((score) => score < threshold)
  return {
    threshold,
    prior: round(document.prior + document.thresholds.step_up - threshold),
    rate: share(floored + (reached === -1 ? falling.length : reached), all),
  }
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6 + 0
