/** The README's figures: put between its marks, and nothing else of it changed. */
import { describe, expect, it } from 'vitest'
import { listening, type Outcome, summaryOf, withSummary } from '../../bench/report.ts'

const README = 'before\n<!-- bench:start -->\nold figures\n<!-- bench:end -->\nafter\n'

describe('the README', () => {
  it('gets the summary between its marks', () => {
    const expected = README.replace('old figures', 'new figures')
    expect(withSummary(README, 'new figures')).toBe(expected)
    expect(withSummary(expected, 'new figures')).toBe(expected)
  })

  it.each([
    ['no mark', 'before\nafter\n'],
    ['one mark', 'before\n<!-- bench:start -->\nafter\n'],
    ['marks in the wrong order', '<!-- bench:end --> x <!-- bench:start -->'],
    ['a mark twice', `${README}<!-- bench:end -->`],
  ])('with %s is left alone', (_case, readme) => {
    expect(() => withSummary(readme, 'new figures')).toThrow(/bench:start/)
  })
})

describe('the summary', () => {
  const outcomes: readonly Outcome[] = [
    {
      name: 'requests',
      text: 'said first\n| request | requests/s |\n| --- | ---: |\n| GET | 900 |\n\nsaid last',
      result: { targets: [{ what: 'ratio', value: 0.9, wanted: '≥ 0.85', met: true }] },
    },
    {
      name: 'memory',
      text: '',
      result: { targets: [{ what: 'growth', value: 7, wanted: '≤ 5', met: false }] },
    },
    { name: 'workers', text: 'columns of spaces', result: [{ operation: 'page' }] },
  ]

  it('holds every figure with what it must be, and the first table', () => {
    expect(summaryOf(outcomes, 'a machine').split('\n').slice(2)).toEqual([
      '| bench | what | measured | wanted | met |',
      '| --- | ---: | ---: | ---: | ---: |',
      '| requests | ratio | 0.9 | ≥ 0.85 | yes |',
      '| memory | growth | 7 | ≤ 5 | **no** |',
      '',
      '| request | requests/s |',
      '| --- | ---: |',
      '| GET | 900 |',
    ])
  })

  it('names the machine', () => {
    expect(summaryOf(outcomes, 'a machine')).toContain('on a machine;')
  })
})

it('what a bench prints is kept, also when it is several parts', async () => {
  const { text, result } = await listening(() => {
    console.log('a', 1)
    return 'done'
  })
  expect([text, result]).toEqual(['a 1', 'done'])
})
