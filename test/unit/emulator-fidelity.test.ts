/** The fidelity table is whole and fresh: every method has rows, every row has a test, and the file says so. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseAst } from 'vitest/node'
import type { Node } from '../../src/emulator/lint/syntax.ts'
import {
  apiMethods,
  FIDELITY_FILE,
  fidelityDocument,
  fidelityFaults,
  missingSeedRows,
  testNames,
} from '../support/fidelity.ts'
import { namesIn } from '../support/test-names.ts'

const names = testNames()

it('every method of the typed api has a row, and every row a test that exists', () => {
  expect(apiMethods().length).toBeGreaterThan(60)
  expect(fidelityFaults(names)).toEqual([])
})

it('finds a test that was renamed', () => {
  const without = new Map(names)
  without.delete('api.access.deny: records the reason')
  expect(fidelityFaults(without)).toEqual([
    'no test is called: api.access.deny: records the reason',
  ])
})

it('nothing in the vendor’s documents of the two objects is left out', () => {
  expect(missingSeedRows()).toEqual([])
})

it('FIDELITY.md is what the tests say: else run npx tsx test/support/fidelity.ts', () => {
  expect(readFileSync(FIDELITY_FILE, 'utf8')).toBe(fidelityDocument(names))
})

it.each([
  ['it', "it('shows it', () => {})", ['shows it']],
  ['a condition', "describe.skipIf(slow)('shows it', () => {})", ['shows it']],
  ['a template', 'it(`is `, () => {})', ['is ']],
  ['a pattern', "it.each([['a', 'b']])('shows %s', () => {})", ['shows %s']],
  ['rows', "it.each([['one', 'other'], ['two']])('%s', () => {})", ['one', 'two']],
  ['a named table', "const rows = [['one']] as const\nit.each(rows)('%s', () => {})", ['one']],
  ['tables', "const a = ['one']\nit.each([...a, 'two'])('%s', () => {})", ['one', 'two']],
  ['rows made', "it.each(['a'].map((a) => [`one`, a]))('%s', () => {})", ['one']],
  ['rows passed on', "it.each([['one']].map((a) => [a[0], a]))('%s', () => {})", ['one']],
  ['an assertion', "expect(text, 'shows it').toBe('shows it')", []],
  ['a row of a table that names no test', "it.each([['one']])('is %s', () => {})", ['is %s']],
  ['a further cell', "it.each([[1, 'one']])('%s', () => {})", []],
  ['a test that is left out', "it.skip('shows it', () => {})", []],
  ['one that is still to be written', "it.todo('shows it')", []],
  ['another function', "note('shows it', () => {})", []],
])('takes for a name what %s says, if it is one', (_, code, names) => {
  const program = parseAst(code, { lang: 'ts' }) as unknown as Node
  expect([...namesIn(program, code)]).toEqual(names)
})
