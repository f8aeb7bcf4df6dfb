/** The arithmetic and the simulation behind docs/scale.md: what they must say whatever was measured. */
import { describe, expect, it } from 'vitest'
import { seeded } from '../../bench/risk/synthetic-log.ts'
import type { Measured } from '../../bench/scale/measure.ts'
import { type Load, limitsOf, needsOf, PERIODS, type Server } from '../../bench/scale/needs.ts'
import { placeTenants } from '../../bench/scale/shards.ts'

const COST: Measured = {
  recordBytes: 2000,
  guardBytes: 500,
  rateBytes: 200,
  rateRows: 2,
  walBytes: 5000,
  cpuMicroseconds: 500,
}
const LOAD: Load = { tenants: 10, users: 1e6, verificationsPerDay: 864_000, peak: 5 }
const SERVER: Server = {
  cores: 8,
  utilisation: 0.5,
  walMegabytesPerSecond: 100,
  gigabytes: 1000,
  commitSeconds: 0.003,
  statementSeconds: 0.001,
  connections: 100,
  purgeRows: 100_000,
  purgeSeconds: 600,
}

describe('what a load needs', () => {
  it('is counted per second, per day and per kept day', () => {
    const needs = needsOf(LOAD, COST)
    expect(needs).toMatchObject({ meanPerSecond: 10, peakPerSecond: 50 })
    expect(needs.walMegabytesPerSecond).toBeCloseTo(0.25)
    expect(needs.cores).toBeCloseTo(0.025)
    expect(needs.partitionGigabytes).toBeCloseTo(864_000 * 7 * 2000e-9)
    // 90 days of records, 65 minutes of guards, a day of rates, a profile for each user.
    expect(needs.gigabytes).toBeCloseTo(155.52 + 0.0195 + 0.1728 + 0.652)
  })

  it('has as many partitions however much is verified', () => {
    const more = { ...LOAD, verificationsPerDay: LOAD.verificationsPerDay * 1000 }
    expect(needsOf(more, COST).partitions).toBe(needsOf(LOAD, COST).partitions)
    expect(needsOf(LOAD, COST, { ...PERIODS, recordDays: 365 }).partitions).toBe(53 + 1 + 8)
  })
})

describe('what breaks first', () => {
  const first = (server: Partial<Server>, cost: Partial<Measured> = {}) =>
    limitsOf({ ...SERVER, ...server }, { ...COST, ...cost })[0]

  it.each([
    ['processors', { cores: 0.01 }],
    ['write-ahead log', { walMegabytesPerSecond: 0.01 }],
    ['size', { gigabytes: 1 }],
    ['connections', { connections: 0.01 }],
    ['housekeeping of one process', { purgeRows: 10 }],
    ['one address behind which everybody sits', { commitSeconds: 10, connections: 1e6 }],
  ] as const)('is %s where there is least of it', (what, server) => {
    expect(first(server)?.what).toBe(what)
  })

  it('is told in ascending order', () => {
    const rates = limitsOf(SERVER, COST).map(({ perSecond }) => perSecond)
    expect(rates).toEqual([...rates].sort((a, b) => a - b))
    expect(rates.every((rate) => Number.isFinite(rate) && rate > 0)).toBe(true)
  })
})

describe('tenants on shards', () => {
  const fleet = { tenants: 200, verificationsPerDay: 8_640_000, exponent: 1 }
  const place = (shards: number, changes: Partial<typeof fleet> = {}) =>
    placeTenants({ ...fleet, ...changes }, shards, seeded(1))

  it('give the same answer for the same seed', () => {
    expect(place(8)).toEqual(place(8))
  })

  it('are less even on more shards: the largest tenant stays whole', () => {
    const [one, eight, many] = [place(1), place(8), place(64)]
    expect(one.overMean).toBeLessThan(eight.overMean)
    expect(eight.overMean).toBeLessThan(many.overMean)
    // No shard does with less than the largest tenant's mean.
    expect(many.peakPerSecond).toBeGreaterThan(100 * many.largest)
  })

  it('are nearly even where all tenants are alike', () => {
    expect(place(8, { exponent: 0 }).overMean).toBeLessThan(place(8).overMean)
  })
})
