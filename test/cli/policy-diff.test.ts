/** What a comparison of policies says, and that it says nothing of what means the same. */
import { describe, expect, it } from 'vitest'
import { diffPolicies, diffText } from '../../src/cli/policy-diff.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'

const [POLICY] = defaultPolicies('enforce') as [PolicyDocument]
const { model: MODEL, ...WITHOUT_MODEL } = POLICY

const cases: readonly (readonly [string, PolicyDocument, readonly unknown[]])[] = [
  ['another version alone', { ...POLICY, version: 2 }, []],
  [
    'rules in another order',
    { ...POLICY, rules: POLICY.rules.toReversed(), floors: POLICY.floors.toReversed() },
    [],
  ],
  [
    'a number',
    { ...POLICY, limits: { ...POLICY.limits, user: { per_hour: 9, burst: 5 } } },
    [{ kind: 'setting', name: 'limits.user.per_hour', change: 'changed' }],
  ],
  [
    'a rule that is gone',
    { ...POLICY, rules: POLICY.rules.filter(({ id }) => id !== 'tor_ip') },
    [{ kind: 'rule', name: 'tor_ip', change: 'removed' }],
  ],
  [
    'a rule that is watched',
    {
      ...POLICY,
      rules: POLICY.rules.map((rule) => (rule.id === 'tor_ip' ? { ...rule, shadow: true } : rule)),
    },
    [
      {
        ...{ kind: 'rule', name: 'tor_ip', change: 'changed' },
        members: [{ member: 'shadow', before: undefined, after: true }],
      },
    ],
  ],
  [
    'a floor that says less',
    {
      ...POLICY,
      floors: POLICY.floors.map((floor) =>
        floor.id === 'mfa_enrolled' ? { ...floor, on_unknown: 'none' } : floor,
      ),
    },
    [{ kind: 'floor', name: 'mfa_enrolled', change: 'changed' }],
  ],
]

describe('a difference between policies', () => {
  it.each(cases)('of %s', (_, after, changes) =>
    expect(diffPolicies(POLICY, after)).toMatchObject(changes),
  )
  it.each(cases)('of %s has as many entries', (_, after, changes) =>
    expect(diffPolicies(POLICY, after)).toHaveLength(changes.length),
  )
  it('of the model shows each of its members', () => {
    const names = diffPolicies(POLICY, WITHOUT_MODEL).map(({ name, change }) => `${name} ${change}`)
    expect(names.sort()).toEqual(
      Object.keys(MODEL ?? {})
        .map((member) => `model.${member} removed`)
        .sort(),
    )
  })
  it('is told in words, the condition too', () => {
    const after = {
      ...POLICY,
      rules: POLICY.rules.map((rule) =>
        rule.id === 'dormant'
          ? { ...rule, when: { signal: 'dormant_days', op: 'gte' as const, value: 30 } }
          : rule,
      ),
    }
    expect(diffText(diffPolicies(POLICY, after), (_, text) => text)).toBe(
      '~ rule dormant\n    when  `dormant_days` is at least 90 → `dormant_days` is at least 30',
    )
  })
})
