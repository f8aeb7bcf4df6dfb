/**
 * What a load needs of Postgres, and at which rate each limit of one server is reached. Arithmetic on
 * what was measured; no clock, no database.
 */
import type { Measured } from './measure.ts'

export interface Load {
  readonly tenants: number
  /** Over all tenants. */
  readonly users: number
  readonly verificationsPerDay: number
  /** The busiest second of a day over its mean. */
  readonly peak: number
}

export interface Periods {
  readonly recordDays: number
  readonly partitionDays: number
  readonly guardSeconds: number
  readonly rateSeconds: number
  readonly profileBytes: number
}

/** The defaults of the service; a profile's size is that of one with full histograms. */
export const PERIODS: Periods = {
  recordDays: 90,
  partitionDays: 7,
  guardSeconds: 3900,
  rateSeconds: 86_400,
  profileBytes: 652,
}

export interface Needs {
  readonly meanPerSecond: number
  readonly peakPerSecond: number
  readonly gigabytes: number
  /** The largest partition of the records. */
  readonly partitionGigabytes: number
  readonly partitions: number
  readonly walMegabytesPerSecond: number
  /** Processors of the database at the peak, none of them idle. */
  readonly cores: number
}

const DAY = 86_400
const GIGABYTE = 1e9

export function needsOf(load: Load, cost: Measured, periods: Periods = PERIODS): Needs {
  const mean = load.verificationsPerDay / DAY
  const peak = mean * load.peak
  const records = load.verificationsPerDay * periods.recordDays * cost.recordBytes
  const guard = mean * periods.guardSeconds * cost.guardBytes
  const rates = mean * periods.rateSeconds * cost.rateBytes
  return {
    meanPerSecond: mean,
    peakPerSecond: peak,
    gigabytes: (records + guard + rates + load.users * periods.profileBytes) / GIGABYTE,
    partitionGigabytes:
      (load.verificationsPerDay * periods.partitionDays * cost.recordBytes) / GIGABYTE,
    // Those kept, the running one, and two months ahead.
    partitions: Math.ceil(periods.recordDays / periods.partitionDays) + 1 + 8,
    walMegabytesPerSecond: (peak * cost.walBytes) / 1e6,
    cores: (peak * cost.cpuMicroseconds) / 1e6,
  }
}

export interface Server {
  readonly cores: number
  /** Above it queues grow at every disturbance. */
  readonly utilisation: number
  readonly walMegabytesPerSecond: number
  /** What a backup can restore within the time that an outage may last. */
  readonly gigabytes: number
  /** Seconds that a commit waits for the disk, and for a replica if there is one. */
  readonly commitSeconds: number
  readonly statementSeconds: number
  readonly connections: number
  /** Rows of one kind that the housekeeping removes in a turn, and seconds between turns. */
  readonly purgeRows: number
  readonly purgeSeconds: number
}

export interface Limit {
  readonly what: string
  /** Verifications per second at which it is reached. */
  readonly perSecond: number
  /** Of which second: one that bears peaks for a while is measured by the mean. */
  readonly of: 'peak' | 'mean' | 'peak of one address'
}

/** Lowest first: what breaks first on this server. */
export function limitsOf(server: Server, cost: Measured, periods: Periods = PERIODS): Limit[] {
  const held = server.statementSeconds + server.commitSeconds
  const perSecondToGigabytes =
    (DAY * periods.recordDays * cost.recordBytes + periods.rateSeconds * cost.rateBytes) / GIGABYTE
  const limits: Limit[] = [
    // The row of an address is locked until its statement has committed.
    {
      what: 'one address behind which everybody sits',
      perSecond: 1 / held,
      of: 'peak of one address',
    },
    {
      what: 'processors',
      perSecond: (server.cores * server.utilisation * 1e6) / cost.cpuMicroseconds,
      of: 'peak',
    },
    {
      what: 'write-ahead log',
      perSecond: (server.walMegabytesPerSecond * 1e6) / cost.walBytes,
      of: 'peak',
    },
    // Two statements: before the answer and after it.
    { what: 'connections', perSecond: server.connections / (2 * held), of: 'peak' },
    { what: 'size', perSecond: server.gigabytes / perSecondToGigabytes, of: 'mean' },
    {
      what: 'housekeeping of one process',
      perSecond: server.purgeRows / server.purgeSeconds / Math.max(1, cost.rateRows),
      of: 'mean',
    },
  ]
  return limits.sort((a, b) => a.perSecond - b.perSecond)
}
