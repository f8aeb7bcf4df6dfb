/** The policy in words, and its schema for editors: complete, and made from what decides. */
import { describe, expect, it } from 'vitest'
import { describePolicy } from '../../src/verifier/domain/policy-text.ts'
import { SIGNALS } from '../../src/verifier/domain/signals/registry.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { policyJsonSchema } from '../../src/verifier/schema/policy-json-schema.ts'
import { floorOf, policyOf, ruleOf } from './support/policies.ts'

const rowsOf = (text: string, name: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(`| \`${name}\``))

describe('the policy in words', () => {
  it.each(defaultPolicies('enforce'))('has one line for each rule of $flow', (policy) => {
    const text = describePolicy(policy)
    for (const { id } of [...policy.floors, ...policy.rules]) {
      const rows = rowsOf(text, id)
      // A rule may bear its signal's name; then the signal's line stands beside it.
      expect([id, rows.length]).toEqual([id, SIGNALS.has(id) ? 2 : 1])
    }
  })

  it('explains every signal that a rule reads, and no other', () => {
    const text = describePolicy(
      policyOf({ rules: [ruleOf({ when: { signal: 'tor_ip', op: 'eq', value: true } })] }),
    )
    expect(rowsOf(text, 'tor_ip')).toHaveLength(1)
    expect(text).not.toContain('vpn_ip')
  })

  it('states thresholds, prior, what becomes of a user without a factor, and the mode', () => {
    const text = describePolicy(policyOf({ prior: -4.5, thresholds: { step_up: -1.5, deny: 6 } }))
    expect(text).toContain('prior of -4.5')
    expect(text).toContain('the score is -1.5 or more')
    expect(text).toContain('the score is 6 or more')
    expect(text).toContain('held until a person releases it')
    expect(text).toContain('In force')
    expect(describePolicy(policyOf({ mode: 'monitor' }))).toContain('Watching')
    expect(describePolicy(policyOf())).toContain('| a floor of `deny` applies | `deny` |')
  })

  it('reads conditions aloud, with the meaning of their nesting kept', () => {
    const a = { signal: 'tor_ip', op: 'eq', value: true } as const
    const b = { signal: 'travel_km', op: 'gt', value: 500 } as const
    const text = describePolicy(
      policyOf({
        floors: [floorOf({ when: { all: [a, { any: [b, { not: a }] }] }, on_unknown: 'deny' })],
      }),
    )
    expect(rowsOf(text, 'floor')).toEqual([
      '| `floor` | `tor_ip` and (`travel_km` is above 500 or not (`tor_ip`)) | `step_up` | `deny` | `floor_code` |',
    ])
  })

  it('marks shadow rules', () =>
    expect(
      describePolicy(
        policyOf({
          rules: [ruleOf({ shadow: true, when: { signal: 'tor_ip', op: 'eq', value: true } })],
        }),
      ),
    ).toContain('`rule` (shadow)'))

  it('lets no value out of its cell', () => {
    const value = ['a|b', '<img src=x>', '`\n# c']
    const text = describePolicy(
      policyOf({ rules: [ruleOf({ when: { signal: 'human_challenge', op: 'in', value } })] }),
    )
    expect(text).toContain('is one of a&#124;b, &#60;img src=x&#62;, &#96; # c |')
  })
})

describe('the schema for editors', () => {
  const schema = JSON.stringify(policyJsonSchema())
  it('completes every signal, operator and member', () => {
    for (const word of [...SIGNALS.keys(), 'gte', 'on_unknown', 'feature_cap', 'hold'])
      expect(schema).toContain(`"${word}"`)
  })
  it('refuses unknown members, as the document does', () => {
    expect(policyJsonSchema()).toMatchObject({ type: 'object', additionalProperties: false })
    expect(schema).not.toContain('"additionalProperties":true')
  })
})
