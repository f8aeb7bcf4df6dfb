/**
 * `npm run bench` runs what the README's figures come from, prints a summary and leaves everything in
 * `.bench/`; `npm run bench -- <name> [options]` runs `bench/<name>/run.ts` alone. With `--json` each
 * prints one JSON object instead of tables. Exit code 1 when a figure is not what is wanted.
 *
 *   npm run bench -- [--readme] [--out FOLDER] [--full] [--minutes 10] [--json]
 *
 * `--readme` puts the summary between the marks of the README.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  listening,
  type Outcome,
  summaryOf,
  targetsOf,
  updateReadme,
  withSummary,
  writeResults,
} from './report.ts'

/** Each beside its baseline in the same run; about eight minutes altogether. The first is the README's table. */
const MAIN = ['requests', 'flood', 'memory', 'growth', 'workers', 'emulator']
const FOLDER = '.bench'

const here = fileURLToPath(new URL('.', import.meta.url))
const readme = fileURLToPath(new URL('../README.md', import.meta.url))
const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`${here}${entry.name}/run.ts`))
  .map(({ name }) => name)
  .sort()

const given = process.argv.slice(2)
const name = given[0]?.startsWith('--') ? undefined : given[0]
const args = name === undefined ? given : given.slice(1)

if (name !== undefined && !names.includes(name)) {
  console.error(
    `npm run bench -- <name>, one of: ${names.join(', ')}; without a name the main ones`,
  )
  process.exitCode = 2
} else if (name !== undefined) {
  judge([await runBench(name, args)])
} else {
  // Before ten minutes are spent.
  if (args.includes('--readme')) withSummary(readFileSync(readme, 'utf8'), '')
  const outcomes: Outcome[] = []
  for (const each of MAIN) {
    const run = runBench(each, shareOf(each))
    outcomes.push(await run.catch((error: unknown) => brokenOff(each, error)))
  }
  judge(outcomes)
  const folder = optionOf('--out') ?? FOLDER
  writeResults(folder, outcomes)
  if (args.includes('--readme')) updateReadme(readme, outcomes)
  if (!args.includes('--json')) {
    console.log(`\n## summary, all of it in ${folder}\n\n${summaryOf(outcomes)}`)
  }
}

function optionOf(flag: string): string | undefined {
  const at = args.indexOf(flag)
  return at === -1 ? undefined : args[at + 1]
}

/** Of the options for all, those that are meant for this one: elsewhere a number is a count. */
function shareOf(each: string): readonly string[] {
  const minutes = optionOf('--minutes')
  return [
    ...args.filter((arg) => arg === '--json'),
    ...(each === 'growth' ? args.filter((arg) => arg === '--full') : []),
    ...(each === 'memory' && minutes !== undefined ? ['--minutes', minutes] : []),
  ]
}

/** What the others measured must not be lost with one that broke off. */
function brokenOff(each: string, error: unknown): Outcome {
  console.error(error)
  const targets = [{ what: 'runs to its end', value: 0, wanted: '1', met: false }]
  return { name: each, text: 'It broke off.', result: { targets } }
}

async function runBench(each: string, own: readonly string[]): Promise<Outcome> {
  const { run } = (await import(`./${each}/run.ts`)) as {
    readonly run: (args: readonly string[]) => unknown
  }
  if (!args.includes('--json')) console.log(`\n## ${each}\n`)
  return { name: each, ...(await listening(() => run(own))) }
}

function judge(outcomes: readonly Outcome[]): void {
  const all = outcomes.flatMap(({ result }) => targetsOf(result))
  if (all.some(({ met }) => !met)) process.exitCode = 1
}
