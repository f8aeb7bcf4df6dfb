/** `doctor`: whether a verifier with this environment would work, and what to do where it would not. */
import { Command } from 'commander'
import type { DoctorFlags } from './doctor-run.ts'
import { EXIT } from './failure.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check configuration, secrets, clock, database, policies; say what to do')
    .option('--online', 'also ask each Auth0 host whether it is one')
    .option('--log <file>', "the service's log: which secrets were used in the last hour")
    .option('--json', 'one JSON document instead of text')
    .addHelpText(
      'after',
      `
Reads the environment that \`serve\` reads, changes nothing, and prints no secret.
Of many tenants it names those with something wrong and counts the others; --json names all.
Exit codes: 0 nothing is wrong (warnings allowed), 1 something is, 2 wrong usage.`,
    )
    .action(async (flags: DoctorFlags) => {
      const { runDoctor } = await import('./doctor-run.ts')
      if (!(await runDoctor(flags))) process.exitCode = EXIT.failed
    })
}
