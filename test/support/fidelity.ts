/**
 * Makes src/emulator/FIDELITY.md out of the rows and of the tests' names: `npx tsx test/support/fidelity.ts`.
 * A row that names a test nobody has, and a method without a row, is a fault.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseAst } from 'vitest/node'
import type { Node } from '../../src/emulator/lint/syntax.ts'
import { postChallengeApi } from '../../src/emulator/runtime/api/post-challenge-api.ts'
import { postLoginApi } from '../../src/emulator/runtime/api/post-login-api.ts'
import type { LegContext } from '../../src/emulator/runtime/thread/leg-context.ts'
import { DEFAULT_SWITCHES } from '../../src/emulator/tenant/switches.ts'
import { CONTRACT } from './fidelity-contract.ts'
import { METHODS } from './fidelity-methods.ts'
import type { FidelityRow } from './fidelity-row.ts'
import { namesIn } from './test-names.ts'

export const FIDELITY_FILE = fileURLToPath(
  new URL('../../src/emulator/FIDELITY.md', import.meta.url),
)

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDERS = ['test/unit', 'test/round-trip', 'test/browser']

/** Test name → the file it stands in. */
export function testNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const folder of FOLDERS)
    for (const file of readdirSync(join(ROOT, folder)).filter((name) =>
      name.endsWith('.test.ts'),
    )) {
      const code = readFileSync(join(ROOT, folder, file), 'utf8')
      const program = parseAst(code, { lang: 'ts' }) as unknown as Node
      for (const name of namesIn(program, code))
        if (!names.has(name)) names.set(name, `${folder}/${basename(file)}`)
    }
  return names
}

/** `api.redirect.sendUserTo` and all the others that the two typed objects have. */
export function apiMethods(): readonly string[] {
  // Building the objects asks nothing of the context.
  const context = { event: {}, lookups: {}, switches: DEFAULT_SWITCHES } as unknown as LegContext
  const objects: readonly object[] = [postChallengeApi(context), postLoginApi(context)]
  const names = objects.flatMap((api) =>
    Object.entries(api).flatMap(([namespace, members]) =>
      Object.keys(members as object).map((method) => `api.${namespace}.${method}`),
    ),
  )
  return [...new Set(names)].sort()
}

const ALL: readonly FidelityRow[] = [...Object.values(METHODS), ...Object.values(CONTRACT)].flat()

/** What is wrong with the rows; empty when the table may be made. */
export function fidelityFaults(names: ReadonlyMap<string, string>): readonly string[] {
  const methods = apiMethods()
  return [
    ...methods.filter((name) => !METHODS[name]).map((name) => `${name} has no row`),
    ...Object.keys(METHODS)
      .filter((name) => !methods.includes(name))
      .map((name) => `there is no method ${name}`),
    ...ALL.filter(({ tests, notEmulated }) => tests.length === 0 && !notEmulated).map(
      ({ claim }) => `no test shows: ${claim}`,
    ),
    ...ALL.flatMap(({ tests }) => tests)
      .filter((test) => !names.has(test))
      .map((test) => `no test is called: ${test}`),
    ...Object.keys(DEFAULT_SWITCHES)
      .filter((name) => !ALL.some((row) => row.switch === name))
      .map((name) => `the switch ${name} is in no row`),
  ]
}

const statusOf = (row: FidelityRow) =>
  row.notEmulated ? 'not emulated' : row.switch ? 'switch' : 'emulated'

/** Rows whose claim comes from one of the vendor's documents. */
const isOfSeed = ({ from }: FidelityRow) => /\b00[0-4]\b/.test(from)

export function fidelityDocument(names: ReadonlyMap<string, string>): string {
  const files = [...new Set(ALL.flatMap(({ tests }) => tests).map((test) => names.get(test)))]
  const number = (file: string | undefined) => files.indexOf(file) + 1
  const count = (status: string) => ALL.filter((row) => statusOf(row) === status).length
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const tableRow = (row: FidelityRow) => {
    const shown = row.tests.map((test) => `${cell(test)} [${number(names.get(test))}]`)
    const status = row.switch ? `switch \`${row.switch}\`` : statusOf(row)
    const what = row.notEmulated ? `_${cell(row.notEmulated)}_` : shown.join('<br>')
    return `| ${cell(row.claim)} | ${row.from} | ${status} | ${what} |`
  }
  const section = ([title, rows]: readonly [string, readonly FidelityRow[]], mark: string) => [
    '',
    `### ${mark}${title}${mark}`,
    '',
    '| what is documented | where | status | shown by |',
    '| --- | --- | --- | --- |',
    ...rows.map(tableRow),
  ]
  const methods = Object.entries(METHODS).sort(([a], [b]) => a.localeCompare(b))
  return [
    '# Fidelity of the emulator',
    '',
    'Made by `npx tsx test/support/fidelity.ts` out of the names of the tests; do not edit.',
    '',
    'Numbers 000 to 004 are the vendor’s documents of the API objects and the password-reset trigger: 000,',
    '001 and 002 describe the post-challenge object in three versions, 003 the trigger, 004 the post-login',
    'object. Everything else is a section of the contract drawn from Auth0’s documentation and published code.',
    'A `%s` in a test’s name stands for each line of its table. Numbers in brackets are files, listed at the end.',
    '',
    `${ALL.length} rows: ${count('emulated')} emulated, ${count('switch')} behind a switch, ${count('not emulated')} not emulated.`,
    '',
    '## Methods',
    ...methods.flatMap((entry) => section(entry, '`')),
    '',
    '## Flow, runtime, event and tenant',
    ...Object.entries(CONTRACT).flatMap((entry) => section(entry, '')),
    '',
    '## Switches',
    '',
    'What Auth0 does not say is a switch: `createTenant({ switches })`, `tenant.switches`, or `PATCH /switches`.',
    '',
    '| switch | default | chooses |',
    '| --- | --- | --- |',
    ...Object.entries(DEFAULT_SWITCHES).map(([name, value]) => {
      const claims = ALL.filter((row) => row.switch === name).map(({ claim }) => cell(claim))
      return `| \`${name}\` | \`${String(value)}\` | ${claims.join('; ')} |`
    }),
    '',
    '## Files',
    '',
    ...files.map((file, index) => `${index + 1}. ${file}`),
    '',
  ].join('\n')
}

/** Rows of the vendor's documents that the emulator does not keep. */
export const missingSeedRows = () => ALL.filter((row) => row.notEmulated && isOfSeed(row))

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const names = testNames()
  const faults = fidelityFaults(names)
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  if (faults.length > 0) process.exitCode = 1
  else {
    writeFileSync(FIDELITY_FILE, fidelityDocument(names))
    process.stdout.write(`${FIDELITY_FILE}\n`)
  }
}
