/** `token inspect`: its flags and its help. `token-inspect-run.ts` does the work. */
import { Command, InvalidArgumentError } from 'commander'
import type { InspectFlags } from './token-inspect-run.ts'

export function tokenCommand(): Command {
  const command = new Command('token').description('look into tokens')
  command
    .command('inspect')
    .description('say what is in a token and why it would be refused')
    .argument('[token]', 'the token, or a whole address that carries it; - or nothing: from stdin')
    .option('--secret-file <file>', 'the secret, as the first line of a file')
    .option('--secret <secret>', 'the secret itself; other users of this machine may see it')
    .option('--state <state>', 'the state parameter of the redirect it belongs to')
    .option('--sub <user_id>', 'the user it must be about')
    .option('--now <time>', 'seconds since 1970 or an ISO date; default: now', parseTime)
    .option('--json', 'one JSON document instead of text')
    .addHelpText(
      'after',
      [
        '',
        'A session token (T) is what encodeToken makes and the redirect carries; a continue token (R)',
        'is what comes back to /continue. Which one it is shows in its claims. Without a secret the',
        'signature is not checked. RV_TOKEN_SECRET in the environment stands for --secret.',
        '',
        'Exit codes: 0 nothing speaks against it, 1 it would be refused, 2 wrong usage.',
      ].join('\n'),
    )
    .action(async (token: string | undefined, flags: InspectFlags) => {
      const { runInspect } = await import('./token-inspect-run.ts')
      await runInspect(token, flags)
    })
  return command
}

function parseTime(text: string): number {
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : Date.parse(text) / 1000
  if (Number.isFinite(seconds)) return seconds
  throw new InvalidArgumentError('Give seconds since 1970 or a date such as 2026-01-31T12:00:00Z.')
}
