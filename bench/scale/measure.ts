/** What one verification costs Postgres: bytes on disk, bytes of log, processor time. Linux only. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import postgres from 'postgres'
import { startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { startNode } from '../../src/node.ts'
import { seedTenant, serviceEnvironment } from '../../test/support/environment.ts'
import { ask } from '../workers/load.ts'
import { ORIGIN } from '../workers/services.ts'

export interface Measured {
  /** Bytes per verification, indexes included, by how long they stay. */
  readonly recordBytes: number
  /** Replay guard: until an hour after the session token expired. */
  readonly guardBytes: number
  /** Velocity: a day. */
  readonly rateBytes: number
  /** Rows of the velocity that a verification makes, each for a key of its own. */
  readonly rateRows: number
  readonly walBytes: number
  /** Microseconds of all of Postgres' processes, write-back included. */
  readonly cpuMicroseconds: number
}

const WARM_UP = 200
const MICROSECONDS_PER_TICK = 10_000

/** Each of `count` verifications is another person's, on another device: the most that is written. */
export async function measure(count: number, password: string): Promise<Measured> {
  const server = await startPostgres({ password, durable: true })
  const url = server.url('postgres')
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  try {
    await migrate(url)
    await seedTenant(url)
    const service = await startNode(
      { ...serviceEnvironment(ORIGIN, 'header:cf-connecting-ip'), DATABASE_URL: url },
      { write: () => {} },
    )
    try {
      await ask(service.port, 'verification', WARM_UP)
      await settled()
      // A page's first change after a checkpoint is logged whole: each hour has its share of those.
      await sql`checkpoint`
      const before = { sizes: await sizes(), wal: await wal(), cpu: cpu() }
      await ask(service.port, 'verification', count)
      await settled()
      const after = { sizes: await sizes(), wal: await wal(), cpu: cpu() }
      const grown = (table: keyof typeof after.sizes) =>
        (after.sizes[table] - before.sizes[table]) / count
      return {
        recordBytes: Math.round(grown('assessment')),
        guardBytes: Math.round(grown('guard')),
        rateBytes: Math.round(grown('rate')),
        rateRows: Math.round(grown('rateRows') * 10) / 10,
        walBytes: Math.round((after.wal - before.wal) / count),
        cpuMicroseconds: Math.round((after.cpu - before.cpu) / count),
      }
    } finally {
      await service.stop()
    }
  } finally {
    await sql.end({ timeout: 1 })
    await server.stop()
  }

  async function settled(): Promise<void> {
    for (;;) {
      const [row] = await sql`
        select count(*)::integer as open from assessment where decision is null`
      if (row?.open === 0) return
      await delay(50)
    }
  }

  async function sizes() {
    const [row] = await sql<
      { assessment: number; guard: number; rate: number; rateRows: number }[]
    >`
      select
        (select sum(pg_total_relation_size(relid)) from pg_partition_tree('assessment'))::float8
          as assessment,
        (pg_total_relation_size('redemption') + pg_total_relation_size('state_claim'))::float8
          as guard,
        pg_total_relation_size('rate_gcra')::float8 as rate,
        (select count(*) from rate_gcra)::float8 as "rateRows"`
    if (row === undefined) throw new Error('Postgres told no sizes.')
    return row
  }

  async function wal(): Promise<number> {
    const [row] = await sql<{ bytes: number }[]>`
      select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as bytes`
    return row?.bytes ?? 0
  }

  function cpu(): number {
    const ticks = server.pids().map((pid) => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(fields[11]) + Number(fields[12])
    })
    return ticks.reduce((sum, each) => sum + each, 0) * MICROSECONDS_PER_TICK
  }
}
