/**
 * `emulate`: anybody's Actions in an emulated tenant on this machine, deployed again whenever a file is
 * saved. It starts no verifier and no database: where an Action sends the browser is the Action's business.
 */
import { Command, InvalidArgumentError } from 'commander'
import { loadOptional } from './emulate-load.ts'
import type { EmulateFlags } from './emulate-run.ts'

const collect = (value: string, before: readonly string[] = []) => [...before, value]

export function emulateCommand(): Command {
  return new Command('emulate')
    .description('run your Actions in an emulated tenant, deployed again when a file is saved')
    .requiredOption(
      '--actions <path>',
      'a folder or tenant.yaml of auth0-deploy-cli, a folder of .js files, or one .js file',
    )
    .option('--secret <name=value>', 'a secret of the Actions; may be repeated', collect)
    .option('--secrets <file>', 'secrets from a .env or .json file; may be repeated', collect)
    .option('--users <file>', 'a JSON list of users in place of the three built-in ones')
    .option('--port <port>', 'default 3101, or a free one', parsePort)
    .option('--https', 'HTTPS with a certificate made now, for clients that insist on it')
    .option('--no-watch', 'do not look for saved files')
    .option('--json', 'one JSON object per line instead of text')
    .addHelpText(
      'after',
      [
        '',
        'Configuration of the deploy CLI: ##NAME## and @@NAME@@ are replaced by --secret and --secrets.',
        'Plain .js files: their handlers say which trigger they are for, and each gets every secret.',
        'Values on the command line can be seen by other users of this machine; --secrets keeps them out.',
        '',
        'Exit codes: 0 stopped by Ctrl-C, 1 it could not start, 2 wrong usage or configuration.',
        'Environment: NO_COLOR.',
      ].join('\n'),
    )
    .action(async (flags: EmulateFlags) => {
      const { runEmulate } = await loadOptional(() => import('./emulate-run.ts'))
      await runEmulate(flags)
    })
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new InvalidArgumentError('Give a port from 1 to 65535.')
}
