/** `assessment`: the records of verifications, and the release of a person who was stopped. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { JSON_ANYWAY } from './answer.ts'
import { withOperatorOptions } from './user-operator.ts'
import { parseReference } from './why.ts'

const run = () => import('./assessment-run.ts')
const REFERENCE = 'as it was read out, such as 7SPR-SDQX'

export function assessmentCommand(): Command {
  const command = new Command('assessment').description('records of verifications')
  withOperatorOptions(command.command('list'))
    .description('the latest records, newest first')
    .option('--since <duration>', 'such as 90m, 24h or 30d', '24h')
    .addOption(new Option('--outcome <outcome>').choices(['allow', 'step_up', 'deny']))
    .option('--review', 'only those that wait for a person')
    .option('--user <subject>', 'of one user, by Auth0’s user_id')
    .option('--limit <number>', 'how many', parseLimit, 20)
    .option('--json', 'the same as JSON')
    .action(async (flags) => (await run()).listAssessments(flags))
  withOperatorOptions(command.command('show'))
    .description('one record with its facts and its decision, as JSON')
    .argument('<reference>', REFERENCE, parseReference)
    .option(...JSON_ANYWAY)
    .action(async (reference, flags) => (await run()).showAssessment(reference, flags))
  withOperatorOptions(command.command('explain'))
    .description('each reason of a decision, and the policy line behind it; the same as why')
    .argument('<reference>', REFERENCE, parseReference)
    .option('--json', 'the same as JSON')
    .action(async (reference, flags) => (await run()).explainAssessment(reference, flags))
  withOperatorOptions(command.command('release'))
    .description(
      'let the next attempt of a person pass who was stopped for want of a second factor',
    )
    .argument('<reference>', REFERENCE, parseReference)
    .requiredOption('--for <duration>', 'how long the person has, such as 1h; at most 7d')
    .option('--json', 'the release as JSON')
    .addHelpText('after', RELEASE_HELP)
    .action(async (reference, flags) => (await run()).releaseAssessment(reference, flags))
  return command
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 to 9999.')
  return Number(text)
}

const RELEASE_HELP = `
Be sure who is on the phone. The next attempt of that user passes, once, wherever it comes from; deny
lists and other refusals stay as they are. The audit notes who released whom.`
