/** What a check found, one line each: good, worth a look, or wrong, and then what to do about it. */
import type { Surroundings } from './surroundings.ts'
import { type Paint, paintFor } from './terminal.ts'

export interface Finding {
  /** Stable, for programs. */
  readonly check: string
  readonly level: 'ok' | 'warning' | 'error'
  readonly text: string
  readonly todo?: string
}

const MARKS = { ok: ['green', '✓'], warning: ['yellow', '!'], error: ['red', '✗'] } as const

/** Whether nothing is wrong; a warning is not. */
export function reportFindings(
  findings: readonly Finding[],
  json: boolean,
  write: Surroundings['write'],
): boolean {
  const errors = findings.filter(({ level }) => level === 'error').length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  if (json) {
    write(`${JSON.stringify({ ok: errors === 0, errors, warnings, checks: findings })}\n`)
    return errors === 0
  }
  const paint = paintFor(process.stdout)
  write(
    `${[...findings.flatMap((finding) => linesOf(finding, paint)), summary(errors, warnings)].join('\n')}\n`,
  )
  return errors === 0
}

function linesOf({ level, check, text, todo }: Finding, paint: Paint): readonly string[] {
  const [style, mark] = MARKS[level]
  const line = `  ${paint(style, mark)} ${check.padEnd(14)} ${text}`
  return todo === undefined ? [line] : [line, `    ${' '.repeat(14)} ${paint('dim', todo)}`]
}

function summary(errors: number, warnings: number): string {
  const looks = warnings === 0 ? '' : `, ${warnings} worth a look`
  return errors === 0 ? `Nothing is wrong${looks}.` : `${errors} wrong${looks}.`
}
