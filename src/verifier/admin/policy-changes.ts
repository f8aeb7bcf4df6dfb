/** What differs between two policies, by meaning: the order of rules says nothing, so it is not compared. */
import type { EvidenceRule, FloorRule, PolicyDocument } from '../domain/policy.ts'

export interface PolicyChange {
  readonly kind: 'setting' | 'floor' | 'rule'
  /** `thresholds.step_up`, or the id of a rule. */
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Members that differ, in the order they are written in; absent sides are undefined. */
  readonly members: readonly {
    readonly member: string
    readonly before: unknown
    readonly after: unknown
  }[]
}

/** Versions differ by their nature and are not among the changes. */
export function diffPolicies(before: PolicyDocument, after: PolicyDocument): PolicyChange[] {
  const settings = (document: PolicyDocument) => {
    const { version: _version, floors: _floors, rules: _rules, ...rest } = document
    return flattened(rest)
  }
  return [
    ...membersOf(settings(before), settings(after)).map(({ member, ...sides }): PolicyChange => {
      const change =
        sides.before === undefined ? 'added' : sides.after === undefined ? 'removed' : 'changed'
      return { kind: 'setting', name: member, change, members: [{ member, ...sides }] }
    }),
    ...diffRules('floor', before.floors, after.floors),
    ...diffRules('rule', before.rules, after.rules),
  ]
}

function diffRules(
  kind: 'floor' | 'rule',
  before: readonly (FloorRule | EvidenceRule)[],
  after: readonly (FloorRule | EvidenceRule)[],
): PolicyChange[] {
  const [old, now] = [before, after].map((rules) => new Map(rules.map((rule) => [rule.id, rule])))
  const ids = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])]
  return ids.flatMap((name): PolicyChange[] => {
    const [was, is] = [old?.get(name), now?.get(name)]
    const members = membersOf({ ...was }, { ...is }).filter(({ member }) => member !== 'id')
    if (members.length === 0) return []
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
    return [{ kind, name, change, members }]
  })
}

type Members = Readonly<Record<string, unknown>>

const membersOf = (before: Members, after: Members) =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((member) => !sameJson(before[member], after[member]))
    .map((member) => ({ member, before: before[member], after: after[member] }))

/** `{ a: { b: 1 } }` → `{ 'a.b': 1 }`; lists are values. */
function flattened(value: object, path = ''): Members {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.entries(flattened(inner, `${path}${key}.`))
        : [[`${path}${key}`, inner]],
    ),
  )
}

/** By value; the order of an object's members says nothing, that of a list does. */
function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [one, other] = [a as Members, b as Members]
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  )
}
