/** `migrate`: brings a database to this build's schema. */
import { Command } from 'commander'
import { SCHEMA_VERSION } from '../../db/schema-version.ts'
import { databaseUrl } from './database-url.ts'

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('create or update the tables; safe to run again and from several places at once')
    .option('--database-url <url>', 'a role that may create tables; default: DATABASE_URL')
    .option('--json', 'the version as JSON')
    .action(async (flags: { readonly databaseUrl?: string; readonly json?: true }) => {
      const url = databaseUrl(flags.databaseUrl)
      const { migrate } = await import('../../db/migrate.ts')
      await migrate(url)
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ schema_version: SCHEMA_VERSION })}\n`
          : `The schema is at version ${SCHEMA_VERSION}.\n`,
      )
    })
}
