/** What differs between two policies, as text for a terminal. */
import { diffPolicies, type PolicyChange } from '../verifier/admin/policy-changes.ts'
import type { Condition } from '../verifier/domain/policy.ts'
import { conditionText } from '../verifier/domain/policy-text.ts'
import type { Paint } from './terminal.ts'

export { diffPolicies, type PolicyChange }

const SIGNS = { added: ['green', '+'], removed: ['red', '-'], changed: ['yellow', '~'] } as const

export function diffText(changes: readonly PolicyChange[], paint: Paint): string {
  return changes
    .flatMap(({ kind, name, change, members }) => {
      const [style, sign] = SIGNS[change]
      const mark = paint(style, sign)
      const [only] = members
      if (kind === 'setting' && only !== undefined)
        return [`${mark} ${name}  ${paint('dim', shown(only.before))} → ${shown(only.after)}`]
      if (change === 'changed')
        return [
          `${mark} ${kind} ${paint('bold', name)}`,
          ...members.map(
            ({ member, before, after }) =>
              `    ${member}  ${paint('dim', shown(before, member))} → ${shown(after, member)}`,
          ),
        ]
      const side = change === 'added' ? 'after' : 'before'
      return [
        `${mark} ${kind} ${paint('bold', name)}`,
        ...members.map((entry) => `    ${entry.member}  ${shown(entry[side], entry.member)}`),
      ]
    })
    .join('\n')
}

function shown(value: unknown, member = ''): string {
  if (value === undefined) return 'not set'
  if (member === 'when') return conditionText(value as Condition)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
