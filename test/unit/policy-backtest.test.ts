/** Replaying stored facts: what is counted, and that the solved numbers give the wanted rate. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { type BacktestRecord, createBacktest } from '../../src/verifier/domain/backtest.ts'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import type { Facts } from '../../src/verifier/domain/facts.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { evaluateShadows } from '../../src/verifier/domain/shadow.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { factsOf, NOW } from './support/facts.ts'
import { floorOf, policyOf, ruleOf } from './support/policies.ts'

/** Three rules over real signals: a floor, strong and weak evidence. */
const POLICY = policyOf({
  floors: [floorOf({ id: 'open', when: { signal: 'unconfirmed_recent', op: 'eq', value: true } })],
  rules: [
    ruleOf({
      id: 'failures',
      when: { signal: 'recent_failures', op: 'gte', value: 3 },
      evidence: 2.5,
      group: 'g',
    }),
    ruleOf({
      id: 'some_failures',
      when: { signal: 'recent_failures', op: 'gte', value: 1 },
      evidence: 1,
      group: 'g',
    }),
    ruleOf({
      id: 'watched',
      when: { signal: 'unconfirmed_recent', op: 'eq', value: false },
      evidence: 9,
      shadow: true,
    }),
  ],
})

const backtestOf = (document: PolicyDocument) => createBacktest(compilePolicy(document))
const failures = (recent_failures: number, day = 0): Facts => ({
  ...factsOf({ store: { recent_failures } }),
  decided_at: NOW + day * 86_400,
})

const RECORDS: readonly BacktestRecord[] = [
  { facts: failures(0), user: 'ann', assessed: 'allow', confirmed: true },
  { facts: failures(1), user: 'ann', assessed: 'allow' },
  { facts: failures(5), user: 'bob', assessed: 'allow', confirmed: true },
  { facts: failures(5, 1), user: 'bob', assessed: 'step_up' },
  {
    facts: factsOf({ store: { unconfirmed_recent: true } }),
    user: 'eve',
    assessed: 'deny',
    confirmed: false,
  },
]

describe('a backtest', () => {
  const backtest = backtestOf(POLICY)
  for (const record of RECORDS) backtest.add(record)
  const report = backtest.report()

  it('sets what was decided against what would be', () => {
    expect(report).toMatchObject({ policy_version: 7, records: 5 })
    expect(report.confusion).toEqual({
      allow: { allow: 2, step_up: 1, deny: 0 },
      step_up: { allow: 0, step_up: 1, deny: 0 },
      deny: { allow: 0, step_up: 1, deny: 0 },
    })
  })
  it('counts the confirmed users whom it would have stopped', () =>
    expect(report).toMatchObject({ confirmed: 2, false_alarms: 1 }))
  it('gives the step-up rate of each day, in order', () =>
    expect(report.days).toEqual([
      { day: '2026-11-20', records: 4, step_up: 2, deny: 0, rate: 0.5 },
      { day: '2026-11-21', records: 1, step_up: 1, deny: 0, rate: 1 },
    ]))
  it('counts for each rule when it fired, when it counted and for how many users', () =>
    expect(report.rules).toEqual([
      { rule: 'failures', fired: 2, counted: 2, users: 1 },
      { rule: 'open', fired: 1, counted: 1, users: 1 },
      // Outdone in its group twice.
      { rule: 'some_failures', fired: 3, counted: 1, users: 1 },
      // In shadow: it never counts.
      { rule: 'watched', fired: 4, counted: 0, users: 0 },
    ]))
  it('counts users once', () => expect(report.users).toEqual({ seen: 3, stopped: 2, changed: 2 }))
  it('of nothing is nothing', () => {
    const nothing = backtestOf(POLICY)
    expect(nothing.report()).toMatchObject({ records: 0, days: [], rules: [] })
    expect(nothing.solve(0.5)).toBeUndefined()
  })
})

describe('solving for a step-up rate', () => {
  const graded = (count: number) => ({
    ...POLICY,
    floors: [],
    rules: Array.from({ length: count }, (_, index) =>
      ruleOf({
        id: `r${index}`,
        when: { signal: 'recent_failures', op: 'gte', value: index + 1 },
        evidence: (index + 1) / 10,
        group: 'g',
      }),
    ),
  })
  const replay = (document: PolicyDocument, grades: readonly number[], open = 0) => {
    const backtest = backtestOf(document)
    for (const grade of grades)
      backtest.add({ facts: failures(grade), user: 'u', assessed: 'allow' })
    for (let index = 0; index < open; index += 1)
      backtest.add({
        facts: factsOf({ store: { unconfirmed_recent: true } }),
        user: 'u',
        assessed: 'allow',
      })
    return backtest
  }
  const rateOf = (backtest: ReturnType<typeof replay>) => {
    const { confusion, records } = backtest.report()
    return (confusion.allow.step_up + confusion.allow.deny) / records
  }

  it('gives a threshold and a prior that both keep the rate, for any scores', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (grades, target) => {
          const document = graded(8)
          const solution = replay(document, grades).solve(target)
          if (solution === undefined) throw new Error('without floors every rate can be reached')
          const { threshold, prior, rate } = solution
          expect(rate).toBeLessThanOrEqual(target + 1e-6)
          const byThreshold = { ...document, thresholds: { step_up: threshold, deny: null } }
          expect(rateOf(replay(byThreshold, grades))).toBeCloseTo(rate, 5)
          expect(rateOf(replay({ ...document, prior }, grades))).toBeCloseTo(rate, 5)
        },
      ),
    )
  })
  it('takes as much as it may: the next lower score would be too many', () => {
    const solution = replay(graded(8), [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]).solve(0.3)
    expect(solution).toEqual({ threshold: -4.599999, prior: -2.900001, rate: 0.3 })
  })
  it('counts floors as given, and says so when they alone are too many', () => {
    const document = { ...graded(8), floors: POLICY.floors }
    expect(replay(document, [1, 2, 3], 1).solve(0.5)?.rate).toBe(0.5)
    expect(replay(document, [1, 2, 3], 1).solve(0.2)).toBeUndefined()
  })
})

describe('shadow versions', () => {
  it('are evaluated on the same facts, in the order of their numbers', () => {
    const strict = compilePolicy({ ...POLICY, version: 9, prior: -2 })
    const lax = compilePolicy({ ...POLICY, version: 8, prior: -9 })
    expect(evaluateShadows([strict, lax], factsOf({ token: { factors: ['otp'] } }))).toEqual([
      { policy_version: 8, outcome: 'allow', assessed: 'allow', score: -9, rules: [] },
      { policy_version: 9, outcome: 'step_up', assessed: 'step_up', score: -2, rules: [] },
    ])
  })
})

/** As engine 3 stored it: what later engines learned to ask is not in it. */
const STORED_BY_ENGINE_3 = `{
  "decided_at": ${NOW},
  "request": {
    "token": {"flow": "password_reset", "enforced": true, "factors": ["otp"], "country": "NO"},
    "token_network": {"country": "NO", "address": "1001", "family": 4},
    "visit_network": {"country": "NO", "asn": 29695, "address": "1001", "family": 4},
    "same_address": true, "language": "nb", "browser": "Chrome", "os": "Windows",
    "device_type": "desktop", "bot": false, "device": "7001",
    "client": {"script": true, "time_zone": "Europe/Oslo", "webdriver": false, "elapsed_ms": 900}
  },
  "store": {
    "profile": null, "lists": [],
    "velocity": {"user": 14400, "token_address": 120, "visit_address": 120},
    "users_per_address": {"token": {"users": 0}, "visit": {"users": 0}},
    "unconfirmed_recent": false, "users_per_device": 0,
    "reset_sources": {"devices": 1, "asns": 1}, "recent_failures": 0, "sensitive_change_at": null
  }
}`

describe('facts that an earlier engine stored', () => {
  const facts = JSON.parse(STORED_BY_ENGINE_3) as Facts
  const rule = (signal: string, on_unknown: number) =>
    policyOf({
      rules: [
        ruleOf({ id: signal, when: { signal, op: 'gt', value: 0 }, evidence: 3, on_unknown }),
      ],
    })
  const scoreOf = (document: PolicyDocument) => compilePolicy(document).decide(facts).score

  it('are replayed under every default policy', () => {
    for (const document of defaultPolicies('enforce')) {
      const backtest = backtestOf(document)
      backtest.add({ facts, user: 'ann', assessed: 'allow', confirmed: true })
      expect(backtest.report().users).toBeDefined()
    }
  })

  it('say nothing of completed resets, which is unknown and not none', () => {
    const nothing = scoreOf(policyOf({ rules: [] }))
    expect(scoreOf(rule('velocity_user', 1)) - nothing).toBe(1)
    expect(scoreOf(rule('resets_per_day', 1)) - nothing).toBe(1)
  })

  it('still count what was opened, under its own name', () => {
    const nothing = scoreOf(policyOf({ rules: [] }))
    expect(scoreOf(rule('attempts_user', 0)) - nothing).toBe(3)
  })
})
