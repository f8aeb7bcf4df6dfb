/** What may be written as a policy: each case is one change away from an accepted document. */
import { describe, expect, it } from 'vitest'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { parsePolicy } from '../../src/verifier/schema/policy-document.ts'
import { floorOf, policyOf, ruleOf } from './support/policies.ts'

const DEVICE = { signal: 'new_device', op: 'eq', value: true } as const
const accepted = (): PolicyDocument =>
  policyOf({ floors: [floorOf({ when: DEVICE })], rules: [ruleOf({ when: DEVICE })] })

function faultsOf(body: unknown): readonly string[] {
  const parsed = parsePolicy(body)
  return parsed.ok ? [] : parsed.error
}

describe('an accepted document', () => {
  it('comes back as it was', () => {
    const document = accepted()
    expect(parsePolicy(JSON.parse(JSON.stringify(document)))).toEqual({ ok: true, value: document })
  })
  it.each(['monitor', 'enforce'] as const)('is each default policy in %s mode', (mode) => {
    const documents = defaultPolicies(mode)
    expect(documents.map(({ flow }) => flow)).toEqual(['password_reset', 'login'])
    for (const document of documents)
      expect(parsePolicy(JSON.parse(JSON.stringify(document)))).toEqual({
        ok: true,
        value: document,
      })
  })
  it('gains no member by being parsed', () =>
    expect(parsePolicy(accepted())).toStrictEqual({ ok: true, value: accepted() }))
})

describe('a refused document', () => {
  const withFloor = (change: object) => ({
    ...accepted(),
    floors: [{ ...floorOf({ when: DEVICE }), ...change }],
  })
  const withRule = (change: object) => ({
    ...accepted(),
    rules: [{ ...ruleOf({ when: DEVICE }), ...change }],
  })
  const withWhen = (when: unknown) => withRule({ when })

  it.each<[string, unknown, RegExp]>([
    ['no object', 'policy', /^document: /],
    ['null', null, /^document: /],
    ['an unknown member', { ...accepted(), treshold: 1 }, /^document: .*treshold/],
    ['an unknown member of a rule', withRule({ on_unkown: 0 }), /^rules\[0\]: .*on_unkown/],
    ['an unknown flow', { ...accepted(), flow: 'signup' }, /^flow: /],
    ['an unknown mode', { ...accepted(), mode: 'off' }, /^mode: /],
    ['no version', { ...accepted(), version: 0 }, /^version: /],
    ['half a version', { ...accepted(), version: 1.5 }, /^version: /],
    ['an endless prior', { ...accepted(), prior: Number.POSITIVE_INFINITY }, /^prior: /],
    ['a prior of no use', { ...accepted(), prior: -21 }, /^prior: /],
    [
      'a deny threshold below step_up',
      { ...accepted(), thresholds: { step_up: 0, deny: 0 } },
      /^thresholds\.deny: must be above/,
    ],
    ['an unknown no_factor', { ...accepted(), no_factor: 'ask' }, /^no_factor: /],
    [
      'a limit of nothing',
      { ...accepted(), limits: { ...accepted().limits, user: { per_hour: 0, burst: 1 } } },
      /^limits\.user\.per_hour: /,
    ],
    ['a floor of allow', withFloor({ floor: 'allow' }), /^floors\[0\]\.floor: /],
    [
      'a floor silent on unknown',
      withFloor({ on_unknown: undefined }),
      /^floors\[0\]\.on_unknown: /,
    ],
    ['evidence of 0', withRule({ evidence: 0 }), /^rules\[0\]\.evidence: must not be 0/],
    ['evidence without a bound', withRule({ evidence: 11 }), /^rules\[0\]\.evidence: /],
    [
      'evidence silent on unknown',
      withRule({ on_unknown: undefined }),
      /^rules\[0\]\.on_unknown: /,
    ],
    [
      'trust in not knowing',
      withRule({ on_unknown: -0.1 }),
      /^rules\[0\]\.on_unknown: not knowing must not be trusted/,
    ],
    [
      'a code in capitals',
      withRule({ reason: 'Suspicious' }),
      /^rules\[0\]\.reason: must be snake/,
    ],
    ['an id with a space', withRule({ id: 'a b' }), /^rules\[0\]\.id: must be snake_case/],
    [
      'one id twice, a floor and a rule',
      withRule({ id: 'floor' }),
      /^rules\[0\]\.id: floor names another rule/,
    ],
    [
      'an unknown signal',
      withWhen({ signal: 'new_devise', op: 'eq', value: true }),
      /^rules\[0\]\.when\.signal: no such signal; there are .*new_device/,
    ],
    [
      'a signal that every object has',
      withWhen({ signal: 'constructor', op: 'eq', value: true }),
      /^rules\[0\]\.when\.signal: no such signal/,
    ],
    [
      'an unknown operator',
      withWhen({ signal: 'new_device', op: '==', value: true }),
      /^rules\[0\]\.when\.op: /,
    ],
    [
      'an operator of another kind',
      withWhen({ signal: 'new_device', op: 'gt', value: true }),
      /^rules\[0\]\.when\.op: new_device is a boolean: use one of eq, ne/,
    ],
    [
      'a value of another type',
      withWhen({ signal: 'new_device', op: 'eq', value: 'true' }),
      /^rules\[0\]\.when\.value: new_device eq needs a boolean/,
    ],
    [
      'a number as text',
      withWhen({ signal: 'velocity_user', op: 'gt', value: '3' }),
      /^rules\[0\]\.when\.value: velocity_user gt needs a number/,
    ],
    ['an empty all, which would hold always', withWhen({ all: [] }), /^rules\[0\]\.when\.all: /],
    ['an empty any', withWhen({ any: [] }), /^rules\[0\]\.when\.any: /],
    [
      'two conditions in one',
      withWhen({ not: DEVICE, all: [DEVICE] }),
      /^rules\[0\]\.when: Unrecognized key/,
    ],
    [
      'a fault deep inside',
      withWhen({ any: [DEVICE, { not: { signal: 'new_device', op: 'eq', value: 1 } }] }),
      /^rules\[0\]\.when\.any\[1\]\.not\.value: new_device eq needs a boolean/,
    ],
  ])('has %s', (_name, body, message) => {
    const faults = faultsOf(body)
    expect(faults.join('\n')).toMatch(message)
    expect(faults).toHaveLength(1)
  })

  it('names every fault at once', () =>
    expect(faultsOf({ ...withRule({ evidence: 11 }), mode: 'off', prior: 99 })).toHaveLength(3))

  it('is told so when it is nested without end, rather than overflowing the stack', () => {
    let when: unknown = DEVICE
    for (let depth = 0; depth < 100_000; depth += 1) when = { not: when }
    expect(faultsOf(withWhen(when))).toEqual(['the document is nested deeper than 24 levels'])
  })
})
