/** `migrate`: brings a database to this build's schema. */
import { Command } from 'commander'
import { SCHEMA_VERSION } from '../../db/schema-version.ts'
import { type AnswerFlags, answer } from './answer.ts'
import { databaseUrl } from './database-url.ts'

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('create or update the tables; safe to run again and from several places at once')
    .option('--database-url <url>', 'a role that may create tables; default: DATABASE_URL')
    .option('--json', 'the version as JSON')
    .action(async (flags: AnswerFlags & { readonly databaseUrl?: string }) => {
      const url = databaseUrl(flags.databaseUrl)
      const { migrate } = await import('../../db/migrate.ts')
      await migrate(url)
      answer(
        flags,
        { schema_version: SCHEMA_VERSION },
        `The schema is at version ${SCHEMA_VERSION}.`,
      )
    })
}
