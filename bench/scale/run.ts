/**
 * The plan of docs/scale.md in numbers: what a verification costs Postgres, measured; what loads from a
 * shop to the whole internet then need; what breaks first on one server; how uneven shards become.
 */
import { randomBytes } from 'node:crypto'
import { seeded } from '../risk/synthetic-log.ts'
import { type Measured, measure } from './measure.ts'
import { type Limit, type Load, limitsOf, type Needs, needsOf, type Server } from './needs.ts'
import { type Placement, placeTenants } from './shards.ts'

const MONTH = 30
/** One verification per user and `month` ones a month, by the size of who is served. */
const LOADS: Readonly<Record<string, Load>> = {
  'a shop': { tenants: 1, users: 1e5, verificationsPerDay: 5e4 / MONTH, peak: 20 },
  'a bank': { tenants: 3, users: 1e7, verificationsPerDay: 5e6 / MONTH, peak: 10 },
  'a thousand tenants': { tenants: 1e3, users: 1e8, verificationsPerDay: 5e7 / MONTH, peak: 6 },
  'every login of those': { tenants: 1e3, users: 1e8, verificationsPerDay: 1e9 / MONTH, peak: 5 },
  'the internet': { tenants: 1e5, users: 5e9, verificationsPerDay: 5e10 / MONTH, peak: 3 },
}

/** A managed server with a replica in another zone of its region. */
const SERVER: Server = {
  cores: 16,
  utilisation: 0.6,
  walMegabytesPerSecond: 100,
  gigabytes: 4000,
  commitSeconds: 0.002,
  statementSeconds: 0.001,
  connections: 200,
  purgeRows: 100_000,
  purgeSeconds: 600,
}

const FLEET = { tenants: 1000, verificationsPerDay: 1e9 / MONTH, exponent: 1 }

export interface ScaleResult {
  readonly measured: Measured
  readonly loads: Readonly<Record<string, Needs>>
  readonly limits: readonly Limit[]
  readonly placements: readonly Placement[]
}

/** A number: verifications to measure with. `--json` prints numbers for machines. */
export async function run(args: readonly string[] = []): Promise<void> {
  const count = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 2000)
  const measured = await measure(count, randomBytes(24).toString('hex'))
  const result = planFor(measured)
  if (args.includes('--json')) console.log(JSON.stringify(result, null, 2))
  else print(result)
}

export function planFor(measured: Measured): ScaleResult {
  return {
    measured,
    loads: Object.fromEntries(
      Object.entries(LOADS).map(([name, load]) => [name, needsOf(load, measured)]),
    ),
    limits: limitsOf(SERVER, measured),
    placements: [1, 4, 16, 64].map((shards) => placeTenants(FLEET, shards, seeded(20_261_120))),
  }
}

function print({ measured, loads, limits, placements }: ScaleResult): void {
  console.log('One verification, write-back included, costs Postgres')
  for (const [name, value] of Object.entries(measured)) console.log(`  ${name.padEnd(18)}${value}`)

  console.log(
    `\n${'Load'.padEnd(22)}${head(['mean/s', 'peak/s', 'GB', 'GB/part', 'WAL MB/s', 'cores'])}`,
  )
  for (const [name, needs] of Object.entries(loads)) {
    const { meanPerSecond, peakPerSecond, gigabytes, partitionGigabytes } = needs
    const values = [meanPerSecond, peakPerSecond, gigabytes, partitionGigabytes]
    const rest = [needs.walMegabytesPerSecond, needs.cores]
    console.log(`${name.padEnd(22)}${[...values, ...rest].map(cell).join('')}`)
  }

  console.log(`\nOne server of ${SERVER.cores} cores: what breaks first`)
  for (const { what, perSecond, of } of limits) {
    console.log(`  ${what.padEnd(42)}${cell(perSecond)}/s, ${of}`)
  }

  console.log(`\n${FLEET.tenants} tenants on shards`)
  console.log(`${'shards'.padEnd(10)}${head(['peak/s', 'over mean', 'largest'])}`)
  for (const { shards, peakPerSecond, overMean, largest } of placements) {
    console.log(`${`${shards}`.padEnd(10)}${cell(peakPerSecond)}${cell(overMean)}${cell(largest)}`)
  }
}

const head = (names: readonly string[]) => names.map((name) => name.padStart(11)).join('')

/** Three digits that mean something. */
const cell = (value: number) =>
  (value >= 100 ? Math.round(value).toString() : value.toPrecision(3)).padStart(11)
