/** Builds and schemas that do not fit: a schema that is ahead of the build, and a build ahead of its schema. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { migrate, migrationsFolder } from '../../../db/migrate.ts'
import { seed } from '../../../db/seed.ts'
import { defaultPolicies } from '../../../src/verifier/schema/default-policies.ts'
import type { Result } from '../history.ts'
import { createClient } from '../http-client.ts'
import { newBrowser } from '../people.ts'
import type { Row } from '../row.ts'
import { TENANT } from '../tenant.ts'
import { hurt } from './operations.ts'

const READY_MILLISECONDS = 10_000
const PAUSE_MILLISECONDS = 100

export const MIGRATION_ROWS: readonly Row[] = [
  {
    name: 'newer schema',
    fault: 'columns and a table are added under the running build, as a migration does',
    async inject(scene) {
      const { stage } = scene
      const start = performance.now()
      await stage.asOwner(async (sql) => {
        await sql`set lock_timeout = '2s'`
        await sql`alter table redemption add column added_later text`
        await sql`alter table assessment add column added_later jsonb default '{"of": "a newer build"}'`
        await sql`alter table tenant_settings add column added_later integer not null default 1`
        await sql`create table added_later (tenant text primary key)`
        await delay(scene.duration)
        await sql`insert into schema_migration (hash, created_at) values ('newer', 9999999999999)`
      })
      const beside = await stage.startVerifier()
      stage.front.add(beside.port)
      await delay(scene.duration)
      const refused = hurt(scene.between(start, performance.now()))
      scene.expect(`${refused} were refused`, refused === 0)
      stage.front.remove(beside.port)
      await beside.stop()
      await stage.asOwner(async (sql) => {
        await sql`delete from schema_migration where hash = 'newer'`
        await sql`drop table added_later`
        for (const table of ['redemption', 'assessment', 'tenant_settings']) {
          await sql`alter table ${sql(table)} drop column added_later`
        }
      })
      scene.healed()
    },
  },
  {
    name: 'late migration',
    fault: 'a build meets a schema that lacks its last migration, which then runs under load',
    async inject({ stage, expect, healed }) {
      const name = `late_${Math.floor(stage.dice() * 1e9)}`
      await stage.asOwner((sql) => sql.unsafe(`create database ${name}`))
      const url = new URL(stage.ownerUrl())
      url.pathname = `/${name}`
      const earlier = withoutTheLast(migrationsFolder())
      await migrate(url.href, earlier.folder)
      earlier.remove()
      await seed(url.href, [{ id: TENANT, policies: defaultPolicies('enforce') }])
      const verifier = await stage.startVerifier({ DATABASE_URL: url.href })
      const client = createClient({ port: verifier.port, publicOrigin: stage.publicOrigin })
      const results: Result[] = []
      const visit = async () => {
        const transaction = stage.tenant.begin()
        const result = await client.post(transaction, transaction.state, newBrowser())
        results.push(result)
        return result
      }
      try {
        expect('it is not ready', (await client.get('/readyz')) === 503)
        await visit()
        const migrated = migrate(url.href)
        for (let tries = 0; tries < 10; tries += 1) await visit()
        await migrated
        let ready = false
        for (let waited = 0; waited < READY_MILLISECONDS && !ready; waited += PAUSE_MILLISECONDS) {
          ready = (await client.get('/readyz')) === 200
          await delay(PAUSE_MILLISECONDS)
        }
        expect('it is ready once the schema is there', ready)
        expect('and serves', (await visit()).kind === 'ok')
        const lost = results.filter(({ kind }) => kind !== 'ok' && kind !== 'unavailable')
        expect(`${lost.length} of ${results.length} were refused`, lost.length === 0)
      } finally {
        client.close()
        await verifier.stop()
      }
      healed()
    },
  },
]

/** The folder as the build before this one had it. */
function withoutTheLast(migrations: string): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'rv-migrations-'))
  cpSync(migrations, folder, { recursive: true })
  const path = join(folder, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8')) as { readonly entries: readonly unknown[] }
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, -1) }))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
