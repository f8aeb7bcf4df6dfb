/**
 * One PostgreSQL for the whole run, and in it one migrated template: each test file that needs a
 * database gets a copy. TEST_DATABASE_URL (a role that may create databases) replaces the embedded server.
 */
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection URL of the run's server, naming its maintenance database. */
    postgresUrl: string
    /** The migrated database that `freshDatabase` copies. */
    postgresTemplate: string
  }
}

let embedded: EmbeddedPostgres | undefined
let dropTemplate = async () => {}

export async function setup(project: TestProject): Promise<void> {
  const given = process.env.TEST_DATABASE_URL
  if (!given) embedded = await startPostgres({ password: randomBytes(24).toString('hex') })
  const url = given || (embedded as EmbeddedPostgres).url('postgres')
  const template = `rv_template_${randomBytes(8).toString('hex')}`
  await execute(url, `create database ${template}`)
  dropTemplate = () => execute(url, `drop database ${template} with (force)`)
  await migrate(databaseUrl(url, template))
  project.provide('postgresUrl', url)
  project.provide('postgresTemplate', template)
}

export async function teardown(): Promise<void> {
  // The embedded server's scratch folder goes as a whole.
  if (embedded) await embedded.stop()
  else await dropTemplate()
}

function databaseUrl(url: string, database: string): string {
  const target = new URL(url)
  target.pathname = `/${database}`
  return target.href
}

async function execute(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end()
  }
}
