/** What a check found, one line each: good, worth a look, or wrong, and then what to do about it. */
import type { Surroundings } from './surroundings.ts'
import { type Paint, paintFor } from './terminal.ts'

export interface Finding {
  /** Stable, for programs. */
  readonly check: string
  readonly level: 'ok' | 'warning' | 'error'
  readonly text: string
  readonly todo?: string
  /** Of one tenant; the same check looks at the others. */
  readonly tenant?: string
  /** Of what is good: what is still to be said where it is only counted. For people alone. */
  readonly aside?: string
}

const MARKS = { ok: ['green', '✓'], warning: ['yellow', '!'], error: ['red', '✗'] } as const

/** More of one check are counted where they are well, and only the first of them named where not. */
const MOST_LINES = 20

/** Whether nothing is wrong; a warning is not. Programs hear everything, people what they can read. */
export function reportFindings(
  findings: readonly Finding[],
  json: boolean,
  write: Surroundings['write'],
): boolean {
  const errors = findings.filter(({ level }) => level === 'error').length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  if (json) {
    const checks = findings.map(({ aside: _, ...finding }) => finding)
    write(`${JSON.stringify({ ok: errors === 0, errors, warnings, checks })}\n`)
    return errors === 0
  }
  const paint = paintFor(process.stdout)
  const shown = groupsOf(findings).flatMap(shortened)
  const lines = shown.flatMap((finding, index) => linesOf(finding, shown[index + 1], paint))
  write(`${[...lines, summary(errors, warnings)].join('\n')}\n`)
  return errors === 0
}

/** Those of many tenants that differ in nothing but the tenant, together; any other stands for itself. */
function groupsOf(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = new Map<string, Finding[]>()
  for (const [index, finding] of findings.entries()) {
    const { check, level, tenant, todo = '' } = finding
    const key =
      tenant === undefined ? `${index}` : `${check} ${level} ${todo.replaceAll(tenant, '')}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  return [...groups.values()]
}

function shortened(group: readonly Finding[]): readonly Finding[] {
  const [first] = group
  if (first === undefined || group.length <= MOST_LINES) return group
  const { check, level } = first
  if (level === 'ok') return [{ check, level, text: countOf(group) }]
  const text = `and ${number(group.length - MOST_LINES)} more like these`
  const todo = '--json names each of them.'
  return [...group.slice(0, MOST_LINES), { check, level, text, todo }]
}

function countOf(group: readonly Finding[]): string {
  const tenantsOf = (some: readonly Finding[]) => new Set(some.map(({ tenant }) => tenant)).size
  const asides = [...new Set(group.flatMap(({ aside }) => aside ?? []))].map((aside) => {
    const own = tenantsOf(group.filter((finding) => finding.aside === aside))
    return `, ${number(own)} of them ${aside}`
  })
  return `${number(tenantsOf(group))} tenants: all well${asides.join('')}`
}

/** What to do stands once, below the last line that it is for. */
function linesOf(finding: Finding, next: Finding | undefined, paint: Paint): readonly string[] {
  const { level, check, text, todo } = finding
  const [style, mark] = MARKS[level]
  const line = `  ${paint(style, mark)} ${check.padEnd(14)} ${text}`
  const repeated = todo === next?.todo && check === next?.check
  return todo === undefined || repeated
    ? [line]
    : [line, `    ${' '.repeat(14)} ${paint('dim', todo)}`]
}

function summary(errors: number, warnings: number): string {
  const looks = warnings === 0 ? '' : `, ${number(warnings)} worth a look`
  return errors === 0 ? `Nothing is wrong${looks}.` : `${number(errors)} wrong${looks}.`
}

const number = (value: number) => value.toLocaleString('en-US')
