/** The explanation of a record: what counted, what was outdone, what nobody could tell. */
import { describe, expect, it } from 'vitest'
import { explainRecord } from '../../src/verifier/admin/explanation.ts'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { ABROAD, type Changes, factsOf } from './support/facts.ts'

const [RESET] = defaultPolicies('enforce') as [PolicyDocument, ...PolicyDocument[]]

function recordOf(changes: Changes, policy: PolicyDocument = RESET) {
  const facts = factsOf(changes)
  return { facts, decision: compilePolicy(policy).decide(facts), policy, shadow: null }
}

const THIEF: Changes = { at: ABROAD, request: { device: '1' }, token: { factors: ['otp'] } }

describe('explainRecord', () => {
  it('says nothing of a record that is still open', () => {
    expect(explainRecord({ ...recordOf({}), decision: null })).toBeUndefined()
  })

  it('gives each reason its line of the policy, its condition and its signals', () => {
    const { reasons, ...told } = explainRecord(recordOf(THIEF)) ?? { reasons: [] }
    expect(told).toMatchObject({ outcome: 'step_up', thresholds: { step_up: -2.5, deny: null } })
    expect(reasons.find(({ rule }) => rule === 'mfa_enrolled')).toEqual({
      rule: 'mfa_enrolled',
      code: 'second_factor',
      kind: 'floor',
      floor: 'step_up',
      signals: [
        {
          name: 'mfa_enrolled',
          value: true,
          meaning: expect.any(String),
        },
      ],
      condition: '`mfa_enrolled`',
      line: RESET.floors[0],
    })
  })

  it('gives the model its section of the policy', () => {
    const explanation = explainRecord(recordOf({ at: ABROAD }))
    const model = explanation?.reasons.find(({ kind }) => kind === 'model')
    expect(model).toMatchObject({ rule: 'model', line: RESET.model })
  })

  it('names rules that a stronger one of their group outdid', () => {
    const judged = explainRecord(recordOf(THIEF))?.judged
    expect(judged?.outdone.map(({ rule }) => rule)).toContain('new_device')
  })

  it('names what nobody could tell, and why', () => {
    const judged = explainRecord(recordOf({ store: { profile: null } }))?.judged
    expect(judged?.unknown.map(({ rule }) => rule)).toContain('new_device')
    expect(judged?.signals.find(({ name }) => name === 'new_device')).toMatchObject({
      value: null,
      why: 'no_history',
      rules: expect.arrayContaining(['new_device', 'unfamiliar_device_and_place']),
    })
  })

  it('shows what is stored and judges nothing where this build would decide otherwise', () => {
    const record = recordOf(THIEF)
    const explanation = explainRecord({ ...record, decision: { ...record.decision, score: 1 } })
    expect(explanation?.score).toBe(1)
    expect(explanation?.judged).toBeUndefined()
  })

  it.each([
    ['no body', null],
    ['text', 'policy'],
    ['lists of another form', { floors: [null, 3], rules: 'none', thresholds: { step_up: 'x' } }],
    ['conditions of another form', { floors: [{ id: 'mfa_enrolled', when: { if: 1 } }] }],
  ])('explains as far as it can with a policy of another build: %s', (_name, policy) => {
    const explanation = explainRecord({ ...recordOf(THIEF), policy })
    expect(explanation?.reasons.length).toBeGreaterThan(0)
    expect(explanation?.thresholds).toBeUndefined()
    expect(explanation?.judged).toBeUndefined()
  })

  it('keeps of the shadow only what has the form of a verdict', () => {
    const verdict = { policy_version: 2, outcome: 'allow', assessed: 'allow', score: -5, rules: [] }
    const explanation = explainRecord({ ...recordOf({}), shadow: [verdict, null, { rules: 1 }] })
    expect(explanation?.shadowVersions).toEqual([verdict])
  })
})
