/** `secret generate`: secrets that the verifier accepts and that fit an Action's secret field. */
import { randomBytes } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import { type AnswerFlags, answer } from './answer.ts'

/** RFC 7518 section 3.2: an HS256 key is at least as long as the hash, 256 bits. */
const SECRET_BYTES = 32

export function secretCommand(): Command {
  const command = new Command('secret').description('make secrets')
  command
    .command('generate')
    .description(
      `print random secrets, one per line: ${SECRET_BYTES} bytes each, as 43 characters of base64url`,
    )
    .option('-n, --count <number>', 'how many', parseCount, 1)
    .option('--json', 'as a list in JSON')
    .action(({ count, ...flags }: AnswerFlags & { count: number }) => {
      const secrets = Array.from({ length: count }, () =>
        randomBytes(SECRET_BYTES).toString('base64url'),
      )
      answer(flags, secrets, secrets.join('\n'))
    })
  return command
}

function parseCount(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('Give a number from 1 to 99.')
  return Number(text)
}
