/** `why CODE`: what a reference code stands for, reason by reason, each with its line of the policy. */
import { Command, InvalidArgumentError } from 'commander'
import { Failure } from './failure.ts'
import { paintFor } from './terminal.ts'

interface WhyFlags {
  readonly databaseUrl?: string
  readonly json?: true
}

export function whyCommand(): Command {
  return new Command('why')
    .description(
      'explain a reference code: each reason of the decision, and the policy line behind it',
    )
    .argument('<code>', 'as it was read out, such as 7SPR-SDQX', parseReference)
    .option('--database-url <url>', "default: DATABASE_URL, else the demo's database in .demo/")
    .option('--json', 'the whole records as JSON, the facts included')
    .addHelpText('after', '\nExit codes: 0 found, 1 no such code, 2 wrong usage.')
    .action(async (code: string, flags: WhyFlags) => {
      const { explain, lookUp } = await import('./why-record.ts')
      const records = await lookUp(code, flags.databaseUrl)
      if (records.length === 0) throw new Failure(`No record has the code ${code}.`)
      if (flags.json) {
        process.stdout.write(`${JSON.stringify(records, undefined, 2)}\n`)
        return
      }
      const paint = paintFor(process.stdout)
      process.stdout.write(`${records.map((record) => explain(record, paint)).join('\n\n')}\n`)
    })
}

/** Crockford's base 32 is read as it is spoken: any case, O for zero, I and L for one, no hyphen needed. */
export function parseReference(text: string): string {
  const code = text
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  if (!/^[0-9A-HJKMNP-TV-Z]{8}$/.test(code)) {
    throw new InvalidArgumentError('A code has eight letters and digits, such as 7SPR-SDQX.')
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`
}
