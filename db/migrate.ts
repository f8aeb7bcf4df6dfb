/** Brings a database to this build's schema. Safe to call from any number of processes at once. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { MIGRATIONS_TABLE } from './schema-version.ts'

/** Any fixed number: everybody who migrates takes this lock. */
const MIGRATION_LOCK = 7_246_101

/**
 * Applies every migration that the database lacks, all in one transaction. `url` needs the right to
 * create tables. The migrator itself is not safe to run twice at once, hence the lock; it belongs to
 * the session, so the one connection holds it until it ends. `folder`: another build's migrations.
 */
export async function migrate(url: string, folder = migrationsFolder()): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`
    await applyMigrations(drizzle(sql), {
      migrationsFolder: folder,
      migrationsTable: MIGRATIONS_TABLE,
      migrationsSchema: 'public',
    })
  } finally {
    await sql.end()
  }
}

/** Beside this file in the sources; two folders up from the compiled one, since tsc copies no SQL. */
export function migrationsFolder(): string {
  const places = ['./migrations', '../../db/migrations']
  const folders = places.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const found = folders.find((folder) => existsSync(folder))
  if (found === undefined) throw new Error(`No migrations in ${folders.join(' or ')}.`)
  return found
}
