/**
 * `npm run faults`: the whole fault table against a durable PostgreSQL and the real verifier process,
 * then the mutants, which the checker must catch. Exit code 1 when anything did not hold.
 */
import { parseArgs } from 'node:util'
import { MUTANTS, runMutant } from './mutants.ts'
import { createDice } from './people.ts'
import { holds, type RowResult, runRow } from './row.ts'
import { ROWS, rowNamed } from './rows.ts'
import { openStage } from './stage.ts'
import { findingLines, heading, rowLine, skippedLine } from './table.ts'

const USAGE =
  'npm run faults -- [--row NAME]... [--rate 50] [--seconds 2.5] [--soak-minutes 0.5] [--seed N] [--json]'

/** For what was typed wrongly: what it is, and what there is. */
function orExplain<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nUsage: ${USAGE}`)
    process.exit(2)
  }
}

const readArgs = () =>
  parseArgs({
    options: {
      row: { type: 'string', multiple: true },
      rate: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '2.5' },
      'soak-minutes': { type: 'string', default: '0.5' },
      seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
      json: { type: 'boolean', default: false },
    },
  })
const { values } = orExplain(readArgs)
const numberOf = (name: 'seed' | 'rate' | 'seconds' | 'soak-minutes') =>
  orExplain(() => {
    const number = Number(values[name])
    if (number > 0 && Number.isFinite(number)) return number
    throw new Error(`--${name} is a number above 0.`)
  })
const dice = createDice(numberOf('seed'))
const pace = {
  rate: numberOf('rate'),
  duration: numberOf('seconds') * 1000,
  soakMinutes: numberOf('soak-minutes'),
}
const rows = orExplain(() => values.row?.map(rowNamed) ?? ROWS)
const results: RowResult[] = []
const skipped: { name: string; lacking: string }[] = []
const mutants: { name: string; expected: string; caught: readonly string[] }[] = []
let failed = false

const say = (line: string) => values.json || console.log(line)
say(`seed ${values.seed}, ${pace.rate} people per second\n`)
say(heading)
const stage = await openStage({ dice })
try {
  for (const row of rows) {
    const lacking = row.lacks?.()
    if (lacking !== undefined) {
      skipped.push({ name: row.name, lacking })
      say(skippedLine(row, lacking))
      continue
    }
    const result = await runRow(stage, row, pace)
    results.push(result)
    failed ||= !holds(result)
    say(rowLine(result))
    for (const line of findingLines(result)) say(line)
  }
  say('')
  for (const mutant of values.row === undefined ? MUTANTS : []) {
    const caught = await runMutant(mutant, stage)
    mutants.push({ name: mutant.name, expected: mutant.breaks, caught })
    failed ||= !caught.includes(mutant.breaks)
    say(
      `mutant that ${mutant.name}: ${caught.length > 0 ? `caught by ${caught.join(', ')}` : 'NOT CAUGHT'}`,
    )
  }
} finally {
  await stage.close()
}
if (values.json) console.log(JSON.stringify({ seed: values.seed, pace, results, skipped, mutants }))
process.exitCode = failed ? 1 : 0
