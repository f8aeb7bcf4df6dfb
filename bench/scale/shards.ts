/**
 * A day of tenants on shards, simulated: how uneven the load of the fullest shard is when each tenant
 * lives on one. Tenants differ in size as cities do, and their days begin at different hours.
 */
export interface Fleet {
  readonly tenants: number
  readonly verificationsPerDay: number
  /** Of Zipf's law: the n-th tenant has 1/n^exponent of the first one's load. */
  readonly exponent: number
}

export interface Placement {
  readonly shards: number
  /** The largest tenant's part of all verifications. */
  readonly largest: number
  /** The busiest minute of the fullest shard, in verifications per second. */
  readonly peakPerSecond: number
  /** That over the mean of all shards. */
  readonly overMean: number
}

const MINUTES = 1440
/** A tenant's load at its best hour over its mean; half of the day it is far below. */
const DAY_SWING = 0.8
/** Resets come in waves when a mail goes out or a working day begins: minutes of twice the load. */
const WAVE = 2
const WAVE_SHARE = 0.02

/** `random`: uniform in [0, 1). Each tenant goes to a shard by chance, as a hash sends it. */
export function placeTenants(fleet: Fleet, shards: number, random: () => number): Placement {
  const weights = Array.from({ length: fleet.tenants }, (_, n) => (n + 1) ** -fleet.exponent)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const load = new Float64Array(shards * MINUTES)
  for (const weight of weights) {
    const mean = ((weight / total) * fleet.verificationsPerDay) / 86_400
    const shard = Math.floor(random() * shards)
    const noon = random() * MINUTES
    for (let minute = 0; minute < MINUTES; minute += 1) {
      const swing = 1 + DAY_SWING * Math.cos((2 * Math.PI * (minute - noon)) / MINUTES)
      const expected = mean * 60 * swing * (random() < WAVE_SHARE ? WAVE : 1)
      const at = shard * MINUTES + minute
      load[at] = (load[at] ?? 0) + arrivals(expected, random) / 60
    }
  }
  const peakPerSecond = load.reduce((most, each) => Math.max(most, each), 0)
  const mean = fleet.verificationsPerDay / 86_400 / shards
  return {
    shards,
    largest: (weights[0] as number) / total,
    peakPerSecond,
    overMean: peakPerSecond / mean,
  }
}

/** Poisson's law; its normal neighbour where the mean is large. */
function arrivals(mean: number, random: () => number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.max(0, Math.round(mean + normal * Math.sqrt(mean)))
  }
  const limit = Math.exp(-mean)
  let count = -1
  for (let product = 1; product > limit; count += 1) product *= random()
  return count
}
