/**
 * `policy …`: the life of a policy, from a file to the version that decides. What is stored is never
 * changed, what is activated replaces the version before it in one step, and both are audited.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { FLOWS } from '../verifier/domain/session.ts'
import { type AnswerFlags, JSON_ANYWAY } from './answer.ts'
import type { PolicyFlags } from './policy-source.ts'

const SOURCES =
  'a file, the number of a stored version, active, or default (the one that the seed installs)'

/** Each command's work is loaded when it runs: `schema` needs no database driver. */
const work = () => import('./policy-work.ts')

export function policyCommand(): Command {
  const command = new Command('policy').description('validate, compare, try and activate policies')
  const stored = (own: Command) =>
    withFlow(own)
      .option('--tenant <id>', 'default: the only tenant that has a policy')
      .option('--database-url <url>', 'default: DATABASE_URL')
  const add = (name: string, description: string) => command.command(name).description(description)

  stored(add('list', 'the versions of a tenant: draft, shadow, active, retired'))
    .option('--json', 'one JSON document instead of text')
    .action(async (flags: PolicyFlags & { json?: true }) => (await work()).list(flags))
  stored(add('show', 'print a policy as JSON'))
    .argument('[policy]', SOURCES, 'active')
    .option(...JSON_ANYWAY)
    .action(async (policy: string, flags: PolicyFlags) => (await work()).show(policy, flags))
  add('validate', 'check files; every fault is named with its place')
    .argument('<files...>')
    .option('--json', 'one JSON document instead of text')
    .action(async (files: readonly string[], flags: AnswerFlags) =>
      (await work()).validate(files, flags),
    )
  stored(add('diff', 'what differs between two policies, rule by rule'))
    .argument('<before>', SOURCES)
    .argument('[after]', SOURCES, 'active')
    .option('--json', 'one JSON document instead of text')
    .action(async (before: string, after: string, flags: PolicyFlags & { json?: true }) =>
      (await work()).diff(before, after, flags),
    )
  stored(
    add('activate', 'let a policy decide, from the next request on, in place of the active one'),
  )
    .argument('<policy>', 'a file with a new version, or the number of a stored one')
    .option('--actor <name>', 'who does it, for the audit; default: the account of this terminal')
    .option('--json', 'what changed as JSON')
    .action(async (policy: string, flags: PolicyFlags & { actor?: string }) =>
      (await work()).activate(policy, flags),
    )
  stored(add('shadow', 'watch a policy beside the active one; it answers nobody'))
    .argument('<policy>', 'a file with a new version, or the number of a stored one')
    .option('--stop', 'end the watch')
    .option('--report', 'what it found so far, against what the active version found')
    .option('--since <time>', 'of the report: a date, or a span such as 7d or 12h', parseTime)
    .option('--json', 'what it says as JSON')
    .option('--actor <name>', 'who does it, for the audit; default: the account of this terminal')
    .action(async (policy: string, flags: PolicyFlags) => (await work()).shadow(policy, flags))
  stored(add('backtest', 'judge the stored verifications by a policy: what it would have meant'))
    .argument('<policy>', SOURCES)
    .option('--since <time>', 'a date, or a span such as 30d or 12h; default: all', parseTime)
    .option('--until <time>', 'a date, or a span; default: now', parseTime)
    .option('--rate <share>', 'find the numbers for this share of step-ups, 0.02 or 2%', parseRate)
    .option('--json', 'one JSON document instead of text')
    .action(async (policy: string, flags: PolicyFlags) => (await work()).backtest(policy, flags))
  add('schema', 'the JSON Schema of policies, for editors')
    .option(...JSON_ANYWAY)
    .action(async () => (await work()).schema())
  stored(add('document', 'a policy in words, as Markdown: attributes, thresholds, actions'))
    .argument('[policy]', SOURCES, 'active')
    .option('--json', 'the Markdown as a string in JSON')
    .action(async (policy: string, flags: PolicyFlags) => (await work()).document(policy, flags))
  return command
}

const withFlow = (command: Command): Command =>
  command.addOption(
    new Option('--flow <flow>', 'of a stored or the default policy')
      .choices(FLOWS)
      .default('password_reset'),
  )

/** Epoch seconds, or seconds before now as a negative number: the command line knows the time, not this. */
function parseTime(text: string): number {
  const [, amount, unit] = /^(\d{1,5})(d|h)$/.exec(text) ?? []
  if (amount !== undefined) return -Number(amount) * (unit === 'd' ? 86_400 : 3600)
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) / 1000 : Number.NaN
  if (Number.isFinite(at) && at >= 0) return at
  throw new InvalidArgumentError('Give a date such as 2026-01-31, or a span such as 30d or 12h.')
}

function parseRate(text: string): number {
  const rate = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
  if (text !== '' && rate >= 0 && rate <= 1) return rate
  throw new InvalidArgumentError('Give a share from 0 to 1, or a percentage such as 2%.')
}
