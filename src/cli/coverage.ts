/** `coverage`: which resets passed without a verification, and by what cause. */
import { Command } from 'commander'
import type { CoverageFlags } from './coverage-run.ts'
import { EXIT } from './failure.ts'

export function coverageCommand(): Command {
  return new Command('coverage')
    .description('compare password changes at Auth0 with verifications; list those without one')
    .option('--since <duration>', 'such as 12h or 30d', '7d')
    .option('--logs <file>', 'tenant logs, one JSON object on a line; default: the log stream')
    .option('--tenant <id>', 'default: the only tenant that has a policy')
    .option('--database-url <url>', 'default: DATABASE_URL')
    .option('--json', 'one JSON document instead of text')
    .addHelpText(
      'after',
      `
A file tells which application a reset was for, the log stream does not. With --logs the command needs
RV_IDENTIFIER_SECRET, since people are stored under pseudonyms alone.
Exit codes: 0 each has one, 1 some have none, 2 wrong usage.`,
    )
    .action(async (flags: CoverageFlags) => {
      const { runCoverage } = await import('./coverage-run.ts')
      if (!(await runCoverage(flags))) process.exitCode = EXIT.failed
    })
}
