/** What changed between two texts, line by line: the longest common subsequence, for texts of a few hundred lines. */

export interface LineChange {
  readonly kind: 'added' | 'removed'
  /** Of the text that has the line, from 1. */
  readonly line: number
  readonly text: string
}

export function lineDiff(before: string, after: string): readonly LineChange[] {
  const one = before.split('\n')
  const other = after.split('\n')
  const common = commonLengths(one, other)
  const at = (row: number, column: number) => common[row]?.[column] ?? 0
  const changes: LineChange[] = []
  let i = 0
  let j = 0
  while (i < one.length || j < other.length) {
    const left = one[i]
    const right = other[j]
    if (left !== undefined && left === right) {
      i += 1
      j += 1
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      changes.push({ kind: 'removed', line: i + 1, text: left })
      i += 1
    } else if (right !== undefined) {
      changes.push({ kind: 'added', line: j + 1, text: right })
      j += 1
    }
  }
  return changes
}

/** Row and column: how many lines the rests from there have in common. */
function commonLengths(one: readonly string[], other: readonly string[]): number[][] {
  const lengths = one.map(() => [] as number[])
  for (let i = one.length - 1; i >= 0; i -= 1) {
    const row = lengths[i] as number[]
    const below = lengths[i + 1]
    for (let j = other.length - 1; j >= 0; j -= 1) {
      row[j] =
        one[i] === other[j] ? (below?.[j + 1] ?? 0) + 1 : Math.max(below?.[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return lengths
}
