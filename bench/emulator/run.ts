/**
 * Whole password resets through emulator and verifier in one process, beside the same hops with an Action
 * and a site that do nothing. Rates differ between machines; the ratio does not much. Rounds of the lines
 * take turns, and the median counts. Postgres' own processor time is not in it.
 */
import { randomBytes } from 'node:crypto'
import { startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { seed } from '../../db/seed.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { createMemoryStore } from '../../test/support/memory-store.ts'
import { emptyLine, type Line, newTenant, type Round, realLine, runRound } from './trips.ts'
import { startVerifier, TENANT } from './verifier.ts'

const ROUNDS = 3
const WARM_UP = 20
const TRIPS = 150

interface Row {
  readonly name: string
  readonly trips_per_second: number
  /** Of this process's processor time, all threads. */
  readonly trips_per_core_second: number
  /** To the no-op line, by processor time. */
  readonly ratio: number
}

/** A number: resets per round. `--json` prints numbers for machines. */
export async function run(args: readonly string[] = []): Promise<readonly Row[]> {
  const trips = Number(args.find((arg) => /^\d+$/.test(arg)) ?? TRIPS)
  const stops: (() => Promise<void>)[] = []
  try {
    const lines = await startLines((stop) => stops.unshift(stop))
    const rounds = new Map<Line, Round[]>(lines.map((line) => [line, []]))
    for (const line of lines) await runRound(line, WARM_UP)
    for (let round = 0; round < ROUNDS; round += 1)
      for (const line of lines) rounds.get(line)?.push(await runRound(line, trips))
    const rows = rowsOf(rounds)
    if (args.includes('--json')) console.log(JSON.stringify(rows, null, 2))
    else print(rows)
    return rows
  } finally {
    for (const stop of stops) await stop()
  }
}

async function startLines(onStop: (stop: () => Promise<void>) => void): Promise<readonly Line[]> {
  const tenant = () => {
    const made = newTenant()
    onStop(made.close)
    return made
  }
  const policies = defaultPolicies('enforce')

  const memoryTenant = tenant()
  const memory = createMemoryStore(() => Math.floor(Date.now() / 1000))
  for (const policy of policies) await memory.activatePolicy(TENANT, policy)
  const onMemory = await startVerifier(memory, memoryTenant.origin)
  onStop(onMemory.close)

  const postgres = await startPostgres({ password: randomBytes(24).toString('hex') })
  onStop(() => postgres.stop())
  const url = postgres.url('postgres')
  await migrate(url)
  await seed(url, [{ id: TENANT, policies }])
  const pool = createPoolStore(url)
  onStop(() => pool.close())
  await pool.warm()
  const postgresTenant = tenant()
  const onPostgres = await startVerifier(pool, postgresTenant.origin)
  onStop(onPostgres.close)

  return [
    emptyLine(tenant()),
    realLine('verifier, store in memory', memoryTenant, onMemory),
    realLine('verifier, PostgreSQL', postgresTenant, onPostgres),
  ]
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function rowsOf(rounds: ReadonlyMap<Line, readonly Round[]>): readonly Row[] {
  const measured = [...rounds].map(([{ name }, all]) => ({
    name,
    trips_per_second: median(all.map(({ trips, seconds }) => trips / seconds)),
    trips_per_core_second: median(all.map(({ trips, cpuSeconds }) => trips / cpuSeconds)),
  }))
  const empty = measured[0]?.trips_per_core_second ?? Number.NaN
  return measured.map((row) => ({ ...row, ratio: row.trips_per_core_second / empty }))
}

function print(rows: readonly Row[]): void {
  console.log('whole password resets through emulator and verifier, in one process\n')
  console.log(
    `${'line'.padEnd(28)}${'a second'.padStart(10)}${'a core-second'.padStart(16)}${'ratio'.padStart(8)}`,
  )
  for (const { name, trips_per_second, trips_per_core_second, ratio } of rows)
    console.log(
      `${name.padEnd(28)}${trips_per_second.toFixed(0).padStart(10)}${trips_per_core_second.toFixed(0).padStart(16)}${ratio.toFixed(2).padStart(8)}`,
    )
  console.log('\nratio: to the same hops with a no-op Action and a no-op site, by processor time')
}
