/** `lint FILE…`: the known mistakes in Actions that redirect, with why and what to do. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Finding } from '../emulator/lint/lint.ts'
import { loadOptional } from './emulate-load.ts'
import { EXIT, Failure } from './failure.ts'
import { type Paint, paintFor } from './terminal.ts'

interface LintFlags {
  readonly json?: true
  readonly strict?: true
  readonly short?: true
  readonly rules?: true
}

interface FileFindings {
  readonly file: string
  readonly findings: readonly Finding[]
}

export function lintCommand(): Command {
  return new Command('lint')
    .description('find the known mistakes in Actions that redirect')
    .argument('[files...]', 'Action sources (.js), or folders with them')
    .option('--json', 'one JSON document instead of text')
    .option('--strict', 'warnings fail as well')
    .option('--short', 'one line per finding')
    .option('--rules', 'list the rules instead')
    .addHelpText(
      'after',
      [
        '',
        'The source is read, never run. To leave a line alone, write on it or above it:',
        '  // lint-ignore RULE: why this is no mistake here',
        '',
        'Exit codes: 0 no error (warnings allowed unless --strict), 1 errors found, 2 wrong usage.',
      ].join('\n'),
    )
    .action(runLint)
}

async function runLint(files: readonly string[], flags: LintFlags): Promise<void> {
  // Loaded when asked for: the parser is nothing the service needs.
  const { lintAction, RULES } = await loadOptional(() => import('../emulator/lint/lint.ts'))
  const paint = paintFor(process.stdout)
  if (flags.rules) {
    for (const { id, severity, why } of RULES)
      process.stdout.write(`${paint('bold', id)} (${severity})\n  ${why}\n`)
    return
  }
  if (files.length === 0) throw new Failure('Name at least one Action: lint FILE…', EXIT.usage)
  const results = files
    .flatMap(sourcesIn)
    .map((file): FileFindings => ({ file, findings: lintAction(readFileSync(file, 'utf8')) }))
  const all = results.flatMap(({ findings }) => findings)
  const errors = all.filter(({ severity }) => severity === 'error').length
  const warnings = all.length - errors
  if (flags.json) process.stdout.write(`${JSON.stringify({ files: results, errors, warnings })}\n`)
  else process.stdout.write(textOf(results, flags.short === true, paint, { errors, warnings }))
  if (errors > 0 || (flags.strict && warnings > 0)) process.exitCode = EXIT.failed
}

/** A folder stands for every `.js` file in it and below. */
function sourcesIn(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new Failure(`There is no file ${path}.`, EXIT.usage)
  if (!found.isDirectory()) return [path]
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.c?js$/.test(name) && !name.split(/[\\/]/).includes('node_modules'))
    .sort()
  if (inside.length === 0) throw new Failure(`There is no .js file in ${path}.`, EXIT.usage)
  return inside.map((name) => join(path, name))
}

function textOf(
  results: readonly FileFindings[],
  short: boolean,
  paint: Paint,
  { errors, warnings }: { readonly errors: number; readonly warnings: number },
): string {
  const lines: string[] = []
  for (const { file, findings } of results) {
    for (const { line, column, rule, severity, message, why, fix, source } of findings) {
      const colour = severity === 'error' ? 'red' : 'yellow'
      lines.push(
        `${paint('bold', `${file}:${line}:${column}`)}  ${paint(colour, severity)}  ${message}  ${paint('dim', rule)}`,
      )
      if (!short) lines.push(`    why  ${why}`, `    fix  ${fix}`, `    see  ${source}`, '')
    }
  }
  const checked = `${results.length} file${results.length === 1 ? '' : 's'}`
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`
  lines.push(
    errors + warnings === 0
      ? `${paint('green', '✓')} ${checked}: nothing found. That is not a proof: run the Action in the emulator as well.`
      : `${checked}: ${count(errors, 'error')}, ${count(warnings, 'warning')}.`,
  )
  return `${lines.join('\n')}\n`
}
