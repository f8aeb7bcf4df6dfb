/**
 * What a run of all benches leaves: everything that was said and measured in a folder, and a summary for
 * the README, put between two marks there, so that its figures are what was measured and nothing else.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { type Target, table } from './load/table.ts'

export interface Outcome {
  /** Of the bench. */
  readonly name: string
  /** What it printed: Markdown tables and sentences. */
  readonly text: string
  readonly result: unknown
}

export const README_START = '<!-- bench:start -->'
export const README_END = '<!-- bench:end -->'

/** Targets of a bench that has some. */
export function targetsOf(result: unknown): readonly Target[] {
  if (typeof result !== 'object' || result === null || !('targets' in result)) return []
  return (result as { readonly targets: readonly Target[] }).targets
}

/** Every ratio with what it must be, then the table of the first bench, which the ratios are of. */
export function summaryOf(outcomes: readonly Outcome[], machine = machineOf()): string {
  const rows = outcomes.flatMap(({ name, result }) =>
    targetsOf(result).map(({ what, value, wanted, met }) => [
      name,
      what,
      value,
      wanted,
      met ? 'yes' : '**no**',
    ]),
  )
  const [first] = outcomes
  const tables = first === undefined ? [] : [firstTable(first.text)]
  return [
    `Medians of one run of \`npm run bench\` on ${machine}; each figure beside its baseline in the same run.`,
    table(['bench', 'what', 'measured', 'wanted', 'met'], rows),
    ...tables.filter((text) => text !== ''),
  ].join('\n\n')
}

/** The first Markdown table of a text, or nothing. */
function firstTable(text: string): string {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith('| '))
  if (start === -1) return ''
  const length = lines.slice(start).findIndex((line) => !line.startsWith('| '))
  return lines.slice(start, length === -1 ? undefined : start + length).join('\n')
}

function machineOf(): string {
  const cores = cpus()
  const model = cores[0]?.model.replace(/\s+/g, ' ').trim() || 'unknown'
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const node = process.version.slice(1)
  return `${cores.length} cores (${model}), ${gigabytes} GB, Node ${node}, PostgreSQL with fsync on`
}

/** `results.json` for machines, `results.md` for people. */
export function writeResults(folder: string, outcomes: readonly Outcome[]): void {
  mkdirSync(folder, { recursive: true })
  const machine = machineOf()
  const results = Object.fromEntries(outcomes.map(({ name, result }) => [name, result]))
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify({ machine, results }, null, 2)}\n`)
  const chapters = outcomes.map(({ name, text }) => `## ${name}\n\n${chapterOf(text)}`)
  const whole = [`# Benches`, summaryOf(outcomes, machine), ...chapters].join('\n\n')
  writeFileSync(join(folder, 'results.md'), `${whole}\n`)
}

/** Columns made of spaces stay columns only in a block. */
const chapterOf = (text: string) =>
  text.includes('\n| ') || text.startsWith('| ')
    ? text.trim()
    : `\`\`\`text\n${text.trim()}\n\`\`\``

/** Throws when the marks are not there, once each and in order: nothing else of the file may change. */
export function withSummary(readme: string, summary: string): string {
  const [before, inside, after, ...more] = readme.split(/<!-- bench:(?:start|end) -->/)
  const inOrder = readme.indexOf(README_START) < readme.indexOf(README_END)
  if (before === undefined || inside === undefined || after === undefined || more.length > 0) {
    throw new Error(`the README must hold ${README_START} and ${README_END}, once each`)
  }
  if (!inOrder) throw new Error(`${README_START} must come before ${README_END}`)
  return `${before}${README_START}\n${summary}\n${README_END}${after}`
}

export function updateReadme(path: string, outcomes: readonly Outcome[]): void {
  writeFileSync(path, withSummary(readFileSync(path, 'utf8'), summaryOf(outcomes)))
}

/** Runs the work and answers what it printed, which is printed all the same. */
export async function listening<Result>(
  work: () => Result | Promise<Result>,
): Promise<{ readonly text: string; readonly result: Result }> {
  const lines: string[] = []
  const { log } = console
  console.log = (...parts: unknown[]) => {
    lines.push(parts.map(String).join(' '))
    log(...parts)
  }
  try {
    const result = await work()
    return { text: lines.join('\n'), result }
  } finally {
    console.log = log
  }
}
