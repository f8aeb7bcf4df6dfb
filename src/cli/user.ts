/** `user`: what is stored of one person, and its end. */
import { Command } from 'commander'
import { JSON_ANYWAY } from './answer.ts'
import { withOperatorOptions } from './user-operator.ts'

const run = () => import('./user-run.ts')

export function userCommand(): Command {
  const command = new Command('user').description('what is stored of one person: show it, erase it')
  withOperatorOptions(command.command('export'))
    .description('everything under a user’s keys as JSON, for an access request')
    .argument('<subject>', 'Auth0’s user_id, such as auth0|6510a1b2')
    .option(...JSON_ANYWAY)
    .addHelpText('after', NEEDS_SECRET)
    .action(async (subject, flags) => (await run()).exportUser(subject, flags))
  withOperatorOptions(command.command('erase'))
    .description('delete a user’s profile, verifications, events, list entries and releases')
    .argument('<subject>', 'Auth0’s user_id, such as auth0|6510a1b2')
    .requiredOption('--yes', 'there is no way back')
    .option('--json', 'the counts as JSON')
    .addHelpText('after', ERASE_HELP)
    .action(async (subject, flags) => (await run()).eraseUser(subject, flags))
  return command
}

const NEEDS_SECRET = `
Needs RV_IDENTIFIER_SECRET (and RV_IDENTIFIER_SECRET_PREVIOUS while the service has it): people are
stored under pseudonyms alone.`

const ERASE_HELP = `${NEEDS_SECRET}
Counts over everybody keep their sums; they name nobody. The audit keeps that an erasure took place, by
the pseudonym. Tokens that were spent stay spent, without saying by whom.`
