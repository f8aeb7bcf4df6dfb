/** `admin`: who may call the operator's API. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { ROLES } from '../verifier/ports-admin.ts'

const run = () => import('./admin-run.ts')

export function adminCommand(): Command {
  const command = new Command('admin').description('who may call the API of operators')
  const token = new Command('token').description('tokens of machines')
  const add = (name: string, description: string) =>
    token
      .command(name)
      .description(description)
      .option('--database-url <url>', 'a role that may write; default: DATABASE_URL')
  add('create', 'make a token; it is printed this once and stored nowhere')
    .requiredOption(
      '--name <name>',
      'which machine it is for, as the audit will call it',
      parseName,
    )
    .addOption(
      new Option(
        '--role <role>',
        'viewer reads, operator also changes, admin also erases people and makes tokens',
      )
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .option('--expires <duration>', 'such as 12h or 90d; default: never')
    .option('--json', 'the token with what is known of it, as JSON')
    .addHelpText('after', CREATE_HELP)
    .action(async (flags) => (await run()).createToken(flags))
  add('list', 'what tokens there are, revoked ones too')
    .option('--json', 'the same as JSON')
    .action(async (flags) => (await run()).listTokens(flags))
  add('revoke', 'end a token, from the next call on')
    .option('--json', 'its name as JSON')
    .argument('<token>', 'its name or its id; never the token itself')
    .action(async (named, flags) => (await run()).revokeToken(named, flags))
  return command.addCommand(token)
}

function parseName(text: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(text)) return text
  throw new InvalidArgumentError('Give 1 to 63 of a-z, 0-9, dot, hyphen and _.')
}

const CREATE_HELP = `
Only the token goes to standard output, so that it can go straight to where it is kept:
  redirect-verifier admin token create --name ci --role viewer --expires 90d | vault …
A name is used once, also after its token was revoked, so that the audit stays clear.`
