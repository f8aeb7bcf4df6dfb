/**
 * The oracle against the published notebook's own scores, and the committed log against both: the
 * oracle's scores and the shipped model's, made again from the seed.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromCsv, scoreLog, toCsv } from '../../bench/risk/log-file.ts'
import { COMMITTED, evaluate, LOG_FILE } from '../../bench/risk/run.ts'
import { ATTACKERS, syntheticWorld } from '../../bench/risk/synthetic-log.ts'
import { type ReferenceLogin, referenceScore } from './support/reference-scorer.ts'

const NETWORKS: Record<string, Pick<ReferenceLogin, 'ip' | 'asn' | 'country'>> = {
  N1: { ip: '192.0.2.1', country: 'NO', asn: '29695' },
  N2: { ip: '192.0.2.2', country: 'NO', asn: '29695' },
  N3: { ip: '198.51.100.7', country: 'NO', asn: '15659' },
  D1: { ip: '203.0.113.9', country: 'DE', asn: '3320' },
  X: { ip: '203.0.113.200', country: 'US', asn: '14061' },
}
const DEVICES: Record<string, Pick<ReferenceLogin, 'agent' | 'browser' | 'os' | 'device'>> = {
  A: { agent: 'uaA', browser: 'Chrome 120', os: 'Windows 10', device: 'desktop' },
  B: { agent: 'uaB', browser: 'Chrome 121', os: 'Windows 10', device: 'desktop' },
  C: { agent: 'uaC', browser: 'Safari 17', os: 'iOS 17', device: 'mobile' },
  Z: { agent: 'uaZ', browser: 'Firefox 1', os: 'Linux', device: 'desktop' },
}

/** User, network, device, minute by minute. */
const VECTOR_LOG =
  `1 N1 A, 2 N2 C, 1 N1 A, 3 N3 B, 1 N1 B, 2 N2 C, 3 D1 B, 1 N3 A, 2 N2 C, 4 D1 A, 1 N1 B,
  3 N3 B, 1 N1 B, 1 N2 B, 1 D1 C, 2 X C, 3 N3 A, 4 X Z`
    .split(',')
    .map((entry): ReferenceLogin => {
      const [user = '', network = '', device = ''] = entry.trim().split(' ')
      const [seen, browser] = [NETWORKS[network], DEVICES[device]]
      if (seen === undefined || browser === undefined) throw new Error(`no such vector: ${entry}`)
      return { user, ...seen, ...browser }
    })

/** Row, score of the notebook, score from the past alone. */
const VECTORS = [
  [12, 0.16587539142931623, 0.15724522390880927],
  [13, 0.31062705936615304, 0.2995307641005929],
  [14, 8.0, 8.0],
  [15, 0.8753376444748604, 0.849315162153356],
  [16, 0.4499725376485578, 0.4274183769431977],
  [17, 26.3460835944995, 83.73041797249749],
] as const

const relative = (actual: number | undefined, expected: number): number =>
  Math.abs((actual ?? Number.NaN) - expected) / Math.abs(expected)

describe('the reference oracle', () => {
  it.each(VECTORS)('reproduces the published score of row %i to 1e-12', (row, compatible, past) => {
    expect(relative(referenceScore(VECTOR_LOG, row, 'compatible'), compatible)).toBeLessThan(1e-12)
    expect(relative(referenceScore(VECTOR_LOG, row, 'past'), past)).toBeLessThan(1e-12)
  })
  it('has no score for a first login', () =>
    expect(referenceScore(VECTOR_LOG, 9, 'past')).toBeUndefined())
  it('from the past alone never reads the future', () => {
    for (const [row, , past] of VECTORS)
      expect(
        relative(referenceScore(VECTOR_LOG.slice(0, row + 1), row, 'past'), past),
      ).toBeLessThan(1e-12)
  })
})

describe('the committed log', () => {
  const text = readFileSync(LOG_FILE, 'utf8')
  const rows = fromCsv(text)
  const again = scoreLog(rows)

  it('has 1,500 logins and is what the seed makes', () => {
    expect(rows).toHaveLength(1500)
    const { log } = syntheticWorld(COMMITTED.seed, COMMITTED.logins, COMMITTED.users)
    const plain = (each: (typeof log)[number]) =>
      [
        each.at,
        each.user,
        each.ip,
        each.asn,
        each.country,
        each.agent,
        each.browser,
        each.os,
        each.device,
      ].join()
    expect(rows.map(plain)).toEqual(log.map(plain))
  })

  it('survives being read and written', () => expect(toCsv(rows)).toBe(text))

  it.each(['reference_compatible', 'reference_past', 'model'] as const)(
    'bears the %s scores that this code computes',
    (column) => {
      let scored = 0
      for (const [index, row] of rows.entries()) {
        const expected = row[column]
        const actual = again[index]?.[column]
        if (expected === undefined) {
          expect(actual).toBeUndefined()
          continue
        }
        scored += 1
        if (Math.abs(expected) < 1e-9) expect(Math.abs(actual ?? Number.NaN)).toBeLessThan(1e-9)
        else expect(relative(actual, expected)).toBeLessThan(1e-9)
      }
      expect(scored).toBeGreaterThan(1000)
    },
  )
})

describe('the shipped model', () => {
  // On the committed log. On much shorter ones the reference may be a little ahead for naive attackers.
  const [reference, shipped] = evaluate(COMMITTED)
  it.each(ATTACKERS)(
    'tells %s attackers from users at least as well as the reference',
    (attacker) => {
      expect(shipped?.scorer).toBe('shipped model')
      expect(shipped?.auc[attacker]).toBeGreaterThanOrEqual(reference?.auc[attacker] ?? 1)
    },
  )
})
