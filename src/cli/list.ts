/** `list`: feeds of addresses and networks, and entries that permit or refuse single ones. */
import { Argument, Command, Option } from 'commander'
import { LIST_KINDS, RANGE_KINDS } from '../verifier/domain/facts.ts'
import { withOperatorOptions } from './user-operator.ts'

const run = () => import('./list-entries.ts')
const runImport = () => import('./list-import.ts')

export function listCommand(): Command {
  const command = new Command('list').description('address feeds, and deny and allow entries')

  withOperatorOptions(command.command('import'))
    .description(
      'replace a feed: ranges and AS numbers, one on a line, from files or standard input',
    )
    .addArgument(
      new Argument('<kind>', 'what the feed lists').choices([...RANGE_KINDS, 'disposable']),
    )
    .argument('<files...>', 'one or more files; - is standard input')
    .option('--skip-malformed', 'import what can be read instead of refusing the whole feed')
    .option('--json', 'the result as JSON')
    .addHelpText('after', IMPORT_HELP)
    .action(async (...args: Parameters<Awaited<ReturnType<typeof runImport>>['importFeed']>) =>
      (await runImport()).importFeed(...args),
    )

  withOperatorOptions(command.command('show'))
    .description('what is loaded and what is entered')
    .option('--json', 'the same as JSON')
    .action(async (flags) => (await run()).showLists(flags))

  withOperatorOptions(command.command('add'))
    .description('enter a user, an address, a country, an AS number or an application')
    .addArgument(new Argument('<action>').choices(['deny', 'allow']))
    .addArgument(new Argument('<kind>').choices(LIST_KINDS))
    .argument(
      '<value>',
      'user_id, address, country code, AS number, client id; a device by its pseudonym',
    )
    .requiredOption('--reason <text>', 'why, for whoever reads the list next year')
    .addOption(new Option('--for <duration>', 'such as 12h or 30d').conflicts('forever'))
    .option('--forever', 'without an end; look at it from time to time')
    .option('--json', 'the entry as JSON')
    .action(async (action, kind, value, flags) =>
      (await run()).addEntry(action, kind, value, flags),
    )

  withOperatorOptions(command.command('remove'))
    .description('take away an entry, or a whole feed when only its kind is given')
    .addArgument(new Argument('<kind>').choices([...LIST_KINDS, ...RANGE_KINDS, 'disposable']))
    .argument('[value]', 'of the entry')
    .option('--json', 'what was removed as JSON')
    .action(async (kind, value, flags) => (await run()).removeListed(kind, value, flags))
  return command
}

const IMPORT_HELP = `
The files together replace what was loaded under that kind, in one step: a verification sees the old
feed or the new one. Lines that overlap are reported and merged; private ranges are reported and left
out; a malformed line refuses the import, with its number, unless --skip-malformed is given.

disposable: domains of throw-away mailboxes, one on a line; a domain stands for those below it. The
session token carries no e-mail address, so logins that the log stream or history import tells of are
looked up: the answer is kept with the user's profile, the domain is not. Import before you rely on it.`
