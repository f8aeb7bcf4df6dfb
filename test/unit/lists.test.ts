/** Feeds as they come: what is read, what is reported by its line, and that flat ranges say the same. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { isPrivate, parseAddress } from '../../src/verifier/address.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import {
  type MaskedRange,
  type NumberRange,
  numberOf,
  parseFeed,
  replaceList,
  textOf,
} from '../../src/verifier/lists.ts'
import { parseDomains } from '../../src/verifier/lists-domains.ts'
import { openingOf } from '../../src/verifier/request-facts.ts'
import { sessionOf } from '../support/app.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const shown = (ranges: readonly NumberRange[]) =>
  ranges.map(({ family, low, high }) => `${textOf(family, low)}-${textOf(family, high)}`)

describe('a feed', () => {
  it.each([
    ['an address', '192.0.2.7', ['192.0.2.7-192.0.2.7']],
    ['a range', '192.0.2.0/24', ['192.0.2.0-192.0.2.255']],
    ['an IPv6 range', '2001:db8::/32', ['2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff']],
    ['an IPv6 address', '2001:db8::1', ['2001:db8::1-2001:db8::1']],
    ['a mapped address', '::ffff:192.0.2.7', ['192.0.2.7-192.0.2.7']],
    ['a remark', '192.0.2.7 # exit', ['192.0.2.7-192.0.2.7']],
    ['a remark of another kind', '192.0.2.7;SBL1', ['192.0.2.7-192.0.2.7']],
    ['a cell of a table', '192.0.2.7,DE,exit', ['192.0.2.7-192.0.2.7']],
    ['a line with a carriage return', '192.0.2.7\r', ['192.0.2.7-192.0.2.7']],
    ['spaces around', '  192.0.2.7\t', ['192.0.2.7-192.0.2.7']],
    ['nothing but remarks', '# list\n\n; of nothing\n', []],
    ['ranges that touch, as one', '192.0.2.128/25\n192.0.2.0/25', ['192.0.2.0-192.0.2.255']],
    [
      'families apart',
      '2001:db8::/128\n192.0.2.7',
      ['192.0.2.7-192.0.2.7', '2001:db8::-2001:db8::'],
    ],
  ])('reads %s', (_case, text, expected) => {
    const feed = parseFeed(text)
    expect(shown(feed.ranges)).toEqual(expected)
    expect(feed.notes).toEqual([])
  })

  it('reads networks among the ranges', () => {
    const feed = parseFeed('AS64500\n64501,Example\nas4294967295\n192.0.2.0/24')
    expect(feed.networks).toEqual([64500, 64501, 4294967295])
    expect(feed.entries).toBe(4)
  })

  it('names each line that it cannot read, and why', () => {
    const text = [
      '192.0.2.0/24',
      '192.0.2.1/24',
      '192.0.2.0/33',
      '0.0.0.0/0',
      '192.0.2.0-192.0.2.9',
      '192.0.2',
      '0xC0000207',
      'AS0',
      'AS4294967296',
      '<html>',
      `${'x'.repeat(60)}secret`,
    ].join('\n')
    const { notes, ranges } = parseFeed(text)
    expect(shown(ranges)).toEqual(['192.0.2.0-192.0.2.255'])
    expect(notes.map(({ line, kind }) => [line, kind])).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((line) => [line, 'malformed']),
    )
    expect(notes[0]?.detail).toContain('"192.0.2.1/24"')
    expect(notes.at(-1)?.detail).not.toContain('secret')
  })

  it('names each line that says again what another said', () => {
    const { notes, ranges } = parseFeed(
      [
        '192.0.2.0/24',
        '198.51.100.7',
        '192.0.2.9',
        '192.0.0.0/16',
        'AS64500',
        '198.51.100.7',
        'AS64500',
      ].join('\n'),
    )
    expect(shown(ranges)).toEqual(['192.0.0.0-192.0.255.255', '198.51.100.7-198.51.100.7'])
    expect(notes.map(({ line, detail }) => `${line} ${detail}`)).toEqual([
      '4 overlaps line 1',
      '4 overlaps line 3',
      '6 overlaps line 2',
      '7 repeats line 5',
    ])
  })

  it.each([
    '10.0.0.0/8',
    '192.168.1.1',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '100.64.0.0/10',
    'fc00::/7',
    'fe80::1',
    '::1',
    '224.0.0.0/4',
    '0.0.0.0/8',
  ])('leaves out %s, which can be anybody’s', (word) => {
    expect(parseFeed(`198.51.100.7\n${word}`)).toMatchObject({
      ranges: [{ family: 4 }],
      notes: [{ line: 2, kind: 'private' }],
    })
  })

  it('of a hundred thousand lines is read at once', () => {
    const text = Array.from(
      { length: 100_000 },
      (_, i) => `${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/26`,
    )
    expect(parseFeed(text.join('\n')).ranges).toHaveLength(100_000)
  })
})

const rangeArbitrary = fc
  .tuple(
    fc.constantFrom<4 | 6>(4, 6),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 12 }),
  )
  .map(([family, low, length]) => ({ family, low: BigInt(low), high: BigInt(low + length) }))
/** Sorted and disjoint, as `parseFeed` gives them. */
const listArbitrary = fc.array(rangeArbitrary, { maxLength: 12 }).map((ranges) => {
  const holds = (family: 4 | 6, at: bigint) =>
    ranges.some((range) => range.family === family && range.low <= at && at <= range.high)
  const merged: NumberRange[] = []
  for (const family of [4, 6] as const) {
    let low: bigint | undefined
    for (let at = 0n; at <= 74n; at += 1n) {
      if (holds(family, at)) low ??= at
      else if (low !== undefined) {
        merged.push({ family, low, high: at - 1n })
        low = undefined
      }
    }
  }
  return merged
})

describe('lists laid flat', () => {
  const maskAt = (ranges: readonly MaskedRange[], family: 4 | 6, at: bigint) =>
    ranges.find((range) => range.family === family && range.low <= at && at <= range.high)?.mask ??
    0

  it('say of every address what the lists said, never overlap, and are as few as can be', () => {
    fc.assert(
      fc.property(
        fc.array(listArbitrary, { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        listArbitrary,
        (lists, replaced, by) => {
          let flat: readonly MaskedRange[] = []
          for (const [bit, list] of lists.entries()) flat = replaceList(flat, bit, list)
          flat = replaceList(flat, replaced, by)
          const now = lists.map((list, bit) => (bit === replaced ? by : list))
          if (replaced >= lists.length) now[replaced] = by
          for (const family of [4, 6] as const) {
            for (let at = 0n; at <= 74n; at += 1n) {
              const expected = now.reduce(
                (mask, list, bit) =>
                  mask |
                  (list?.some(
                    (range) => range.family === family && range.low <= at && at <= range.high,
                  )
                    ? 1 << bit
                    : 0),
                0,
              )
              expect(maskAt(flat, family, at)).toBe(expected)
            }
          }
          for (const [index, range] of flat.entries()) {
            expect(range.mask).toBeGreaterThan(0)
            const next = flat[index + 1]
            if (next?.family !== range.family) continue
            expect(next.low > range.high).toBe(true)
            expect(next.low === range.high + 1n && next.mask === range.mask).toBe(false)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('reach the last address of either family', () => {
    const all = (['255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'] as const).map(
      (text, i) => ({
        family: i === 0 ? (4 as const) : (6 as const),
        low: numberOf(text),
        high: numberOf(text),
      }),
    )
    expect(shown(replaceList([], 30, all))).toEqual([
      '255.255.255.255-255.255.255.255',
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ])
    expect(replaceList(replaceList([], 30, all), 30, [])).toEqual([])
  })

  it('turn numbers into the addresses they came from', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text)
        if (address === undefined) return
        expect(textOf(address.family, numberOf(address.text))).toBe(address.text)
      }),
    )
  })
})

it.each([
  ['10.1.2.3', true],
  ['172.16.0.1', true],
  ['100.64.0.1', true],
  ['fd00::1', true],
  ['::1', true],
  ['::ffff:10.0.0.1', true],
  ['8.8.8.8', false],
  ['203.0.113.9', false],
  ['2001:db8::1', false],
  ['2a00:1450::1', false],
])('%s is private: %s', (text, expected) => {
  const address = parseAddress(text)
  expect(address && isPrivate(address)).toBe(expected)
})

describe('a list of domains', () => {
  it('is read in small letters, once each, without what stands around', () => {
    expect(
      parseDomains(
        '# list\nExample.COM\n@mailinator.example # known\n\nexample.com\r\nxn--bcher-kva.example\n',
      ),
    ).toEqual({
      domains: ['example.com', 'mailinator.example', 'xn--bcher-kva.example'],
      notes: [{ line: 5, kind: 'overlap', detail: 'repeats line 2' }],
    })
  })

  it.each([
    'localhost',
    'a b.example',
    'bücher.example',
    '*.example.com',
    'http://example.com',
    '192.0.2.1',
    '-a.example',
    'com',
  ])('refuses %s by its line', (text) => {
    expect(parseDomains(`good.example\n${text}`)).toMatchObject({
      domains: ['good.example'],
      notes: [{ line: 2, kind: 'malformed' }],
    })
  })
})

it.each([
  ['10.1.2.3', undefined],
  ['::1', undefined],
  ['203.0.113.9', '203.0.113.9'],
])('a verification from %s asks the lists for %s', (address, asked) => {
  const { rawVisitAddress, visitAddress } = openingOf(
    {
      session: sessionOf(),
      state: 'S1',
      binding: 'browser-1',
      visit: { address, network: {}, client: { script: true } },
      assessmentId: '00000000-0000-4000-8000-000000000001',
      engineVersion: '1',
      knownPolicies: [],
    },
    createIdentifiers(IDENTIFIER_SECRET),
  )
  expect(rawVisitAddress).toBe(asked)
  expect(visitAddress).toMatch(/^-?\d+$/)
})
