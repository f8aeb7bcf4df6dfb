/** A durable PostgreSQL for one bench, migrated and seeded, with what is started on it ended in order. */
import { randomBytes } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
import { startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { seed } from '../../db/seed.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { buildBench } from './build.ts'
import { type Server, type Setup, startServer } from './server.ts'
import { TENANT } from './tenant.ts'

export interface Bench {
  readonly built: string
  readonly databaseUrl: string
  readonly sql: Sql
  start(name: string, script: string, setup?: Readonly<Record<string, unknown>>): Promise<Server>
}

export async function withBench<Result>(work: (bench: Bench) => Promise<Result>): Promise<Result> {
  const built = buildBench()
  const server = await startPostgres({
    password: randomBytes(24).toString('hex'),
    durable: true,
    settings: { shared_buffers: '256MB', max_wal_size: '4GB' },
  })
  const databaseUrl = server.url('postgres')
  const sql = postgres(databaseUrl, { max: 2, fetch_types: false, onnotice: () => {} })
  const servers: Server[] = []
  try {
    await migrate(databaseUrl)
    const policies = defaultPolicies('enforce')
    await seed(databaseUrl, [{ id: TENANT, settings: { name: 'Acme Bank' }, policies }])
    return await work({
      built,
      databaseUrl,
      sql,
      async start(name, script, setup = {}) {
        const given: Setup = { databaseUrl, ...setup }
        const started = await startServer(name, built, script, given)
        servers.push(started)
        return started
      },
    })
  } finally {
    await Promise.all(servers.map((started) => started.stop()))
    await sql.end({ timeout: 1 })
    await server.stop()
  }
}
