/**
 * Text that Postgres keeps: without U+0000, which its `text` and `jsonb` refuse, and without half of a
 * surrogate pair, which has no UTF-8. Refused at the door, it is a mistake of the request; at the
 * database it would look like an outage.
 */

export const NOT_STORABLE = 'must not hold U+0000 or half of a surrogate pair'

/** `\p{Surrogate}` finds halves alone: a pair is one character under the flag. */
export const isStorableText = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text)

/** Every text in a JSON value, names of members included; without recursion, however deep it is nested. */
export function isStorableJson(value: unknown): boolean {
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string' && !isStorableText(next)) return false
    if (typeof next !== 'object' || next === null) continue
    for (const [name, member] of Object.entries(next)) left.push(name, member)
  }
  return true
}
