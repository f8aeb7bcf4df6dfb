/** A migrated, empty database of its own for a test file, gone when the file is done. */
import { randomBytes } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
import { afterAll, inject } from 'vitest'

export interface FreshDatabase {
  readonly url: string
  /** A plain client for arranging and inspecting; the code under test makes its own from `url`. */
  readonly sql: Sql
}

/** Call it at the top of a test file, or in `beforeAll`. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = inject('postgresUrl')
  const name = `rv_test_${randomBytes(8).toString('hex')}`
  const admin = postgres(server, { max: 1, fetch_types: false, onnotice: () => {} })
  await admin.unsafe(`create database ${name} template ${inject('postgresTemplate')}`)
  const target = new URL(server)
  target.pathname = `/${name}`
  const sql = postgres(target.href, { max: 4, fetch_types: false, onnotice: () => {} })
  afterAll(async () => {
    await sql.end({ timeout: 1 })
    await admin.unsafe(`drop database ${name} with (force)`)
    await admin.end()
  })
  return { url: target.href, sql }
}
