/** How rules combine into one decision: tables for what is meant, properties for what must never be. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import { OUTCOMES, type Outcome } from '../../src/verifier/domain/decision.ts'
import type {
  Condition,
  EvidenceRule,
  FloorRule,
  PolicyDocument,
} from '../../src/verifier/domain/policy.ts'
import { factsOf } from './support/facts.ts'
import {
  decisionOf,
  floorOf,
  type Observations,
  policyOf,
  registryOf,
  ruleOf,
} from './support/policies.ts'

const is = (signal: string, value: boolean | number | string = true): Condition => ({
  signal,
  op: 'eq',
  value,
})

/** One line per case: the rules, what is observed, the outcome and the rules that are its reasons. */
function check(
  rules: Partial<Pick<PolicyDocument, 'floors' | 'rules' | 'mode' | 'thresholds' | 'prior'>>,
  observations: Observations,
  outcome: Outcome,
  ...reasons: string[]
): void {
  const decision = decisionOf(policyOf(rules), observations)
  expect({
    outcome: decision.outcome,
    reasons: decision.reasons.map(({ rule }) => rule),
  }).toEqual({ outcome, reasons })
}

describe('floors', () => {
  const floors = [floorOf()]
  it('raise the outcome when their condition holds', () =>
    check({ floors }, { a: true }, 'step_up', 'floor'))
  it('say nothing when it does not', () => check({ floors }, { a: false }, 'allow'))
  it('say nothing on unknown when that is what they say', () =>
    check({ floors }, { a: undefined }, 'allow'))
  it('count unknown as they are told to', () => {
    check({ floors: [floorOf({ on_unknown: 'step_up' })] }, { a: undefined }, 'step_up', 'floor')
    check({ floors: [floorOf({ on_unknown: 'deny' })] }, { a: undefined }, 'deny', 'floor')
  })
  it('combine by severity, the most severe reason first', () =>
    check(
      {
        floors: [floorOf({ id: 'mild' }), floorOf({ id: 'hard', floor: 'deny', when: is('b') })],
      },
      { a: true, b: true },
      'deny',
      'hard',
      'mild',
    ))
  it('are not lowered by any trust', () =>
    check(
      { floors, rules: [ruleOf({ evidence: -10, when: is('b') })] },
      { a: true, b: true },
      'step_up',
      'floor',
      'rule',
    ))
})

describe('evidence', () => {
  it('reaches the threshold inclusively', () => {
    check({ rules: [ruleOf({ evidence: 2.5 })] }, { a: true }, 'step_up', 'rule')
    check({ rules: [ruleOf({ evidence: 2.499999 })] }, { a: true }, 'allow', 'rule')
  })
  it('reaches it as decimals do, not as floating point does', () =>
    // 0.1 + 0.2 is not 0.3 in binary.
    check(
      {
        prior: 0,
        thresholds: { step_up: 0.3, deny: null },
        rules: [ruleOf({ evidence: 0.1 }), ruleOf({ id: 'other', evidence: 0.2 })],
      },
      { a: true },
      'step_up',
      'other',
      'rule',
    ))
  it('never denies without a threshold for it', () =>
    check({ rules: [ruleOf({ evidence: 10 })] }, { a: true }, 'step_up', 'rule'))
  it('denies at a threshold for it', () =>
    check(
      { rules: [ruleOf({ evidence: 10 })], thresholds: { step_up: -2.5, deny: 5 } },
      { a: true },
      'deny',
      'rule',
    ))
  it('adds what unknown is worth', () => {
    check(
      { rules: [ruleOf({ evidence: 9, on_unknown: 2.5 })] },
      { a: undefined },
      'step_up',
      'rule',
    )
    check({ rules: [ruleOf({ evidence: 9 })] }, { a: undefined }, 'allow')
  })
  it('adds rules of different groups, and of one group takes the strongest', () => {
    const rules = [
      ruleOf({ id: 'one', evidence: 1.5, group: 'network' }),
      ruleOf({ id: 'two', evidence: 1.2, group: 'network' }),
    ]
    check({ rules }, { a: true }, 'allow', 'one')
    const [one, two] = rules as [EvidenceRule, EvidenceRule]
    check({ rules: [one, { ...two, group: 'other' }] }, { a: true }, 'step_up', 'one', 'two')
  })
  it('of an unknown rule stands above trust in its group, and is no reason', () =>
    check(
      {
        prior: -2.5,
        rules: [
          ruleOf({ id: 'trust', evidence: -1, group: 'g', when: is('b') }),
          ruleOf({ id: 'unsure', evidence: -0.5, group: 'g' }),
        ],
      },
      { a: undefined, b: true },
      'step_up',
    ))
  it('counts the prior once, however many rules there are', () => {
    const rules = ['x', 'y', 'z'].map((id) => ruleOf({ id, evidence: 0.5 }))
    expect(decisionOf(policyOf({ rules }), { a: true }).score).toBe(-3.5)
    expect(decisionOf(policyOf(), {}).score).toBe(-5)
  })
  it('that is no number is friction, not an allow', () =>
    expect(decisionOf(policyOf({ prior: Number.NaN }), {}).outcome).toBe('step_up'))
  it('is rounded to a millionth, without a negative zero', () => {
    const rules = [ruleOf({ evidence: 5.0000004 })]
    const { score } = decisionOf(policyOf({ rules }), { a: true })
    expect(Object.is(score, 0)).toBe(true)
  })
})

describe('a shadow rule', () => {
  const shadow = [floorOf({ floor: 'deny', shadow: true })]
  const rules = [ruleOf({ evidence: 9, shadow: true })]
  it('changes nothing and is written beside the decision', () => {
    const decision = decisionOf(policyOf({ floors: shadow, rules }), { a: true })
    expect(decision).toEqual({
      ...decisionOf(policyOf(), {}),
      shadow: [
        { rule: 'floor', code: 'floor_code', floor: 'deny', signals: { a: true } },
        { rule: 'rule', code: 'rule_code', evidence: 9, signals: { a: true } },
      ],
    })
  })
  it('does not outdo a rule of its group that counts', () =>
    check(
      {
        rules: [
          ruleOf({ id: 'counts', evidence: 2.5, group: 'g' }),
          ruleOf({ id: 'tried', evidence: 9, group: 'g', shadow: true }),
        ],
      },
      { a: true },
      'step_up',
      'counts',
    ))
})

describe('conditions', () => {
  const cases: readonly [string, Condition, Observations, boolean | undefined][] = [
    [
      'all: true and unknown is unknown',
      { all: [is('a'), is('b')] },
      { a: true, b: undefined },
      undefined,
    ],
    [
      'all: false and unknown is false',
      { all: [is('a'), is('b')] },
      { a: undefined, b: false },
      false,
    ],
    ['any: true and unknown is true', { any: [is('a'), is('b')] }, { a: undefined, b: true }, true],
    [
      'any: false and unknown is unknown',
      { any: [is('a'), is('b')] },
      { a: false, b: undefined },
      undefined,
    ],
    ['not unknown is unknown', { not: is('a') }, { a: undefined }, undefined],
    ['not false is true', { not: is('a') }, { a: false }, true],
    ['ne', { signal: 'a', op: 'ne', value: 'x' }, { a: 'y' }, true],
    ['lt is exclusive', { signal: 'a', op: 'lt', value: 2 }, { a: 2 }, false],
    ['lte is inclusive', { signal: 'a', op: 'lte', value: 2 }, { a: 2 }, true],
    ['gt is exclusive', { signal: 'a', op: 'gt', value: 2 }, { a: 2 }, false],
    ['gte is inclusive', { signal: 'a', op: 'gte', value: 2 }, { a: 2 }, true],
    ['in', { signal: 'a', op: 'in', value: ['NO', 'SE'] }, { a: 'SE' }, true],
    ['in misses', { signal: 'a', op: 'in', value: ['NO', 'SE'] }, { a: 'DE' }, false],
    ['includes', { signal: 'a', op: 'includes', value: 'tor' }, { a: ['vpn', 'tor'] }, true],
    ['includes misses', { signal: 'a', op: 'includes', value: 'tor' }, { a: ['vpn'] }, false],
  ]
  it.each(cases)('%s', (_name, when, observations, truth) => {
    const floors = [floorOf({ when, floor: 'step_up', on_unknown: 'deny' })]
    const expected = truth === true ? 'step_up' : truth === undefined ? 'deny' : 'allow'
    expect(decisionOf(policyOf({ floors }), observations).outcome).toBe(expected)
  })
  it('explain a reason with every signal they read, null for unknown', () => {
    const floors = [floorOf({ when: { any: [is('a'), is('b'), { not: is('c', 'x') }] } })]
    const { reasons } = decisionOf(policyOf({ floors }), { a: true, b: undefined, c: 'x' })
    expect(reasons[0]?.signals).toEqual({ a: true, b: null, c: 'x' })
  })
})

describe('a step-up', () => {
  const policy = (no_factor: PolicyDocument['no_factor']) =>
    policyOf({ no_factor, floors: [floorOf()] })
  const nobody = factsOf({ token: { factors: [] } })
  it.each([
    ['deny', 'deny', 'no_factor', false],
    ['hold', 'deny', 'needs_review', true],
    ['form', 'deny', 'recovery_form', false],
    ['allow', 'allow', 'allowed_with_notice', false],
  ] as const)(
    'without an eligible factor becomes what `%s` says',
    (no_factor, outcome, code, review) => {
      expect(decisionOf(policy(no_factor), { a: true }, nobody)).toMatchObject({
        outcome,
        assessed: 'step_up',
        codes: [code, 'floor_code'],
        needs_review: review,
      })
    },
  )
  it('stays one with an eligible factor', () =>
    expect(decisionOf(policy('allow'), { a: true })).toMatchObject({
      outcome: 'step_up',
      codes: ['floor_code'],
    }))
  it('stays one when the factors are unknown, whatever the policy says of none', () => {
    const { factors: _, ...token } = nobody.request.token
    const facts = { ...nobody, request: { ...nobody.request, token } }
    expect(decisionOf(policy('allow'), { a: true }, facts).outcome).toBe('step_up')
  })
  it('is not proven by a factor on the channel of the first challenge', () => {
    const facts = factsOf({ token: { factors: ['email'], first_challenge: ['email'] } })
    expect(decisionOf(policy('hold'), { a: true }, facts).outcome).toBe('deny')
  })
  it('of a released user without a factor is allowed, by name', () => {
    const facts = factsOf({ token: { factors: [] }, store: { released: true } })
    expect(decisionOf(policy('hold'), { a: true }, facts)).toMatchObject({
      outcome: 'allow',
      assessed: 'step_up',
      codes: ['released', 'floor_code'],
      needs_review: false,
    })
  })
  it('of a released user with a factor is still asked for it', () => {
    const facts = factsOf({ token: { factors: ['otp'] }, store: { released: true } })
    expect(decisionOf(policy('hold'), { a: true }, facts).outcome).toBe('step_up')
  })
  it('is all that a release touches: a denial stays one', () => {
    const facts = factsOf({ token: { factors: [] }, store: { released: true } })
    const denied = policyOf({ floors: [floorOf({ floor: 'deny' })] })
    expect(decisionOf(denied, { a: true }, facts).outcome).toBe('deny')
  })
  it('that never was reached leaves `no_factor` out of it', () =>
    expect(decisionOf(policy('hold'), { a: false }, nobody)).toMatchObject({
      outcome: 'allow',
      codes: [],
      needs_review: false,
    }))
})

describe('monitor mode', () => {
  const monitor = (floors: readonly FloorRule[]) => policyOf({ mode: 'monitor', floors })
  it('answers allow and keeps what was found', () =>
    expect(
      decisionOf(monitor([floorOf()]), { a: true }, factsOf({ token: { factors: [] } })),
    ).toMatchObject({
      outcome: 'allow',
      assessed: 'step_up',
      needs_review: false,
      mode: 'monitor',
      codes: ['floor_code'],
    }))
  it('refuses on a hard fact', () =>
    expect(decisionOf(monitor([floorOf({ floor: 'deny' })]), { a: true }).outcome).toBe('deny'))
  it('does not take an unknown for a hard fact', () =>
    expect(
      decisionOf(monitor([floorOf({ floor: 'deny', on_unknown: 'deny' })]), { a: undefined }),
    ).toMatchObject({ outcome: 'allow', assessed: 'deny' }))
  it('does not take a shadow rule for a hard fact', () =>
    expect(
      decisionOf(monitor([floorOf({ floor: 'deny', shadow: true })]), { a: true }).outcome,
    ).toBe('allow'))
})

describe('codes', () => {
  it('name what raised the outcome, once each, and no trust', () => {
    const document = policyOf({
      floors: [floorOf({ reason: 'same' })],
      rules: [
        ruleOf({ id: 'r1', evidence: 0.5, reason: 'same' }),
        ruleOf({ id: 'r2', evidence: 0.7, reason: 'more' }),
        ruleOf({ id: 'r3', evidence: -1, reason: 'trusted' }),
      ],
    })
    expect(decisionOf(document, { a: true }).codes).toEqual(['same', 'more'])
  })
  it('are at most ten, because the token that carries them travels in a browser', () => {
    const rules = Array.from({ length: 30 }, (_, i) => ruleOf({ id: `r${i}`, reason: `c${i}` }))
    expect(decisionOf(policyOf({ rules }), { a: true }).codes).toHaveLength(10)
  })
})

it('a policy that names an unknown signal does not compile', () => {
  const rules = [ruleOf({ when: is('nobody_knows') })]
  expect(() => compilePolicy(policyOf({ rules }))).toThrow('nobody_knows')
})

describe('for every policy', () => {
  const NAMES = ['a', 'b', 'c']
  const condition: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition; leaf: Condition }>(
    (tie) => ({
      leaf: fc.constantFrom(...NAMES).map((name) => is(name)),
      node: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        tie('leaf'),
        fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
        fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
        tie('node').map((not) => ({ not })),
      ),
    }),
  ).node
  const evidence = fc.integer({ min: -40, max: 40 }).map((tenths) => tenths / 10)
  const raised = fc.constantFrom('step_up' as const, 'deny' as const)
  const floor = fc.record({
    when: condition,
    floor: raised,
    on_unknown: fc.oneof(raised, fc.constant('none' as const)),
  })
  const rule = fc.record({
    when: condition,
    evidence: evidence.filter((value) => value !== 0),
    on_unknown: evidence,
    group: fc.option(fc.constantFrom('g', 'h')),
  })
  const withIds = (floors: readonly object[], rules: readonly { group: string | null }[]) => ({
    floors: floors.map((each, index) => floorOf({ ...each, id: `f${index}` })),
    rules: rules.map(({ group, ...each }, index) =>
      ruleOf({ ...each, id: `r${index}`, ...(group === null ? {} : { group }) }),
    ),
  })
  const document = fc
    .record({
      floors: fc.array(floor, { maxLength: 4 }),
      rules: fc.array(rule, { maxLength: 6 }),
      mode: fc.constantFrom('monitor' as const, 'enforce' as const),
      deny: fc.option(fc.constant(2)),
    })
    .map(({ floors, rules, mode, deny }) =>
      policyOf({ mode, thresholds: { step_up: -2.5, deny }, ...withIds(floors, rules) }),
    )
  const truth = fc.constantFrom(true, false, undefined)
  const observations = fc.record({ a: truth, b: truth, c: truth })
  const severity = (outcome: Outcome) => OUTCOMES.indexOf(outcome)

  it('the order of rules changes nothing, not a bit', () => {
    fc.assert(
      fc.property(document, observations, fc.infiniteStream(fc.nat()), (policy, seen, keys) => {
        const shuffled = <T>(list: readonly T[]) =>
          list
            .map((each) => [keys.next().value as number, each] as const)
            .sort(([a], [b]) => a - b)
            .map(([, each]) => each)
        const other = { ...policy, floors: shuffled(policy.floors), rules: shuffled(policy.rules) }
        expect(JSON.stringify(decisionOf(other, seen))).toBe(
          JSON.stringify(decisionOf(policy, seen)),
        )
      }),
    )
  })

  it('another floor or rule never makes it milder, unless its evidence is trust', () => {
    fc.assert(
      fc.property(document, observations, floor, rule, (policy, seen, newFloor, newRule) => {
        const { group, ...rest } = newRule
        const trust = {
          evidence: Math.abs(rest.evidence),
          on_unknown: Math.abs(rest.on_unknown),
        }
        const before = decisionOf(policy, seen)
        const added = ruleOf({ ...rest, ...trust, id: 'new', ...(group === null ? {} : { group }) })
        for (const after of [
          decisionOf(
            { ...policy, floors: [...policy.floors, floorOf({ ...newFloor, id: 'new' })] },
            seen,
          ),
          decisionOf({ ...policy, rules: [...policy.rules, added] }, seen),
        ]) {
          expect(severity(after.assessed)).toBeGreaterThanOrEqual(severity(before.assessed))
          expect(severity(after.outcome)).toBeGreaterThanOrEqual(severity(before.outcome))
        }
      }),
    )
  })

  it('not knowing is never milder than any way of knowing, where rules weigh it so', () => {
    const careful = document.map((policy) => ({
      ...policy,
      mode: 'enforce' as const,
      floors: policy.floors.map((each) => ({ ...each, on_unknown: each.floor })),
      rules: policy.rules.map((each) => ({ ...each, on_unknown: Math.max(0, each.evidence) })),
    }))
    fc.assert(
      fc.property(
        careful,
        observations,
        fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() }),
        (policy, seen, filled) => {
          const refined = Object.fromEntries(
            NAMES.map((name) => [
              name,
              seen[name as 'a'] === undefined ? filled[name as 'a'] : seen[name as 'a'],
            ]),
          )
          const open = decisionOf(policy, seen)
          const closed = decisionOf(policy, refined)
          expect(severity(open.assessed)).toBeGreaterThanOrEqual(severity(closed.assessed))
          expect(open.score).toBeGreaterThanOrEqual(closed.score)
        },
      ),
    )
  })

  it('monitor never denies without a floor whose condition is known to hold', () => {
    fc.assert(
      fc.property(document, observations, (policy, seen) => {
        const watched = { ...policy, mode: 'monitor' as const }
        const { outcome } = decisionOf(watched, seen)
        const hard = compilePolicy(watched, registryOf(seen))
          .explain(factsOf())
          .findings.some(
            ({ weight }) => 'floor' in weight && weight.floor === 'deny' && weight.held,
          )
        expect(outcome).toBe(hard ? 'deny' : 'allow')
      }),
    )
  })

  it('the decision survives JSON, byte for byte', () => {
    fc.assert(
      fc.property(document, observations, (policy, seen) => {
        const decision = decisionOf(policy, seen)
        expect(JSON.parse(JSON.stringify(decision))).toStrictEqual(decision)
      }),
    )
  })
})
