/** `audit`: who did what. Reading it is all that there is to do with it. */
import { Command, InvalidArgumentError } from 'commander'
import { withOperatorOptions } from './user-operator.ts'

const run = () => import('./audit-run.ts')

export function auditCommand(): Command {
  const command = new Command('audit').description('what operators did')
  withOperatorOptions(command.command('list'))
    .description('the latest lines, newest first')
    .option('--since <duration>', 'such as 90m, 24h or 30d', '30d')
    .option('--action <action>', 'such as policy.activate, list.add, user.erase or token.create')
    .option('--actor <actor>', 'such as cli:ann or token:ci')
    .option('--limit <number>', 'how many', parseLimit, 50)
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      "\n--tenant '*' shows what concerns the service as a whole: tokens, and who signed in.",
    )
    .action(async (flags) => (await run()).listAudit(flags))
  return command
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Give a number from 1 to 9999.')
  return Number(text)
}
