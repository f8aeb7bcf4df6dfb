/** The fidelity table is whole and fresh: every method has rows, every row has a test, and the file says so. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import {
  apiMethods,
  FIDELITY_FILE,
  fidelityDocument,
  fidelityFaults,
  missingSeedRows,
  testNames,
} from '../support/fidelity.ts'

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
