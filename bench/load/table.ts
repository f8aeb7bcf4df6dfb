/** Markdown tables, and what a ratio must be. */

export interface Target {
  readonly what: string
  readonly value: number
  readonly wanted: string
  readonly met: boolean
}

export const atLeast = (what: string, value: number, least: number): Target => ({
  what,
  value: round(value),
  wanted: `≥ ${least}`,
  met: value >= least,
})

export const atMost = (what: string, value: number, most: number): Target => ({
  what,
  value: round(value),
  wanted: `≤ ${most}`,
  met: value <= most,
})

export const round = (value: number) => Number(value.toPrecision(3))

export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

export const targetTable = (targets: readonly Target[]): string =>
  table(
    ['target', 'value', 'wanted', 'met'],
    targets.map(({ what, value, wanted, met }) => [what, value, wanted, met ? 'yes' : 'NO']),
  )
