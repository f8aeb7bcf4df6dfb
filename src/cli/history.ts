/** `history`: profiles from the logs that a tenant has kept. */
import { Command } from 'commander'
import { withOperatorOptions } from './user-operator.ts'

export function historyCommand(): Command {
  const command = new Command('history').description('users’ histories')
  withOperatorOptions(command.command('import'))
    .description(
      'fill profiles from retained tenant logs: successful logins, one JSON object on a line',
    )
    .argument('<file>', 'an export, or what a log stream delivered; - is standard input')
    .option('--days <number>', 'how far back events count', '400')
    .option('--again', 'although this file was imported before')
    .option('--json', 'the counts as JSON')
    .addHelpText('after', HELP)
    .action(async (file, flags) => (await import('./history-run.ts')).importHistory(file, flags))
  return command
}

const HELP = `
Needs RV_IDENTIFIER_SECRET. What the log stream has delivered since it was connected is left out, and
an event that is in a file twice counts once. An import that broke off may simply be run again within a
week; a file that was imported whole is refused.`
