/** The fault table as Markdown. */
import { INVARIANTS } from './checker.ts'
import { holds, type Row, type RowResult } from './row.ts'

export const heading = `| fault | how | operations | served | errors | unknown | recovery | held |
|---|---|---:|---:|---:|---:|---:|---|`

export function rowLine(result: RowResult): string {
  const { name, fault, operations, served, errors, unknowns, recoveryMilliseconds } = result
  const recovery = recoveryMilliseconds === undefined ? 'never' : `${recoveryMilliseconds} ms`
  const broken = new Set(result.findings.map(({ invariant }) => invariant))
  const held = holds(result)
    ? 'all'
    : `NOT: ${[...broken, ...(result.missed.length ? ['expected'] : [])].join(', ')}`
  return `| ${[name, fault, operations, served, errors, unknowns, recovery, held].join(' | ')} |`
}

/** A row that cannot run here must not look like one that held. */
export const skippedLine = ({ name, fault }: Row, lacking: string): string =>
  `| ${[name, fault, '–', '–', '–', '–', '–', `not run: ${lacking}`].join(' | ')} |`

/** The shortest histories of what did not hold. */
export function findingLines({ findings, missed }: RowResult): string[] {
  const shortest = [...findings].sort((a, b) => a.history.length - b.history.length).slice(0, 3)
  return [
    ...missed.map((what) => `  expected: ${what}`),
    ...shortest.flatMap(({ invariant, what, history }) => [
      `  ${invariant} (${INVARIANTS[invariant]}): ${what}`,
      ...history.map(
        ({ kind, browser, state, start, end, result }) =>
          `    ${Math.round(start)}..${Math.round(end)} ${kind} by ${browser.slice(-6)} for ${state.slice(-6)}: ${ending(result)}`,
      ),
    ]),
    ...(findings.length > 3 ? [`  and ${findings.length - 3} more`] : []),
  ]
}

function ending(result: RowResult['findings'][number]['history'][number]['result']): string {
  if (result.kind !== 'ok') return JSON.stringify(result)
  const { assessmentId, outcome, degraded } = result.answer
  return `${outcome} ${assessmentId}${degraded ? ' degraded' : ''}`
}
