#!/usr/bin/env node
/** The command line: which commands there are, and how they end. Each command is a file of its own. */
import { Command, CommanderError } from 'commander'
import { actionsCommand } from './actions.ts'
import { assessmentCommand } from './assessment.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { emulateCommand } from './emulate.ts'
import { EXIT, Failure } from './failure.ts'
import { historyCommand } from './history.ts'
import { lintCommand } from './lint.ts'
import { listCommand } from './list.ts'
import { migrateCommand } from './migrate.ts'
import { policyCommand } from './policy.ts'
import { secretCommand } from './secret.ts'
import { serveCommand } from './serve.ts'
import { tokenCommand } from './token-inspect.ts'
import { userCommand } from './user.ts'
import { whyCommand } from './why.ts'

const program = new Command('redirect-verifier')
  .description('Risk checks for Auth0 Actions redirects: verifier, emulator and tools')
  .addCommand(serveCommand())
  .addCommand(migrateCommand())
  .addCommand(secretCommand())
  .addCommand(demoCommand())
  .addCommand(whyCommand())
  .addCommand(listCommand())
  .addCommand(assessmentCommand())
  .addCommand(userCommand())
  .addCommand(historyCommand())
  .addCommand(emulateCommand())
  .addCommand(lintCommand())
  .addCommand(policyCommand())
  .addCommand(doctorCommand())
  .addCommand(actionsCommand())
  .addCommand(tokenCommand())
  .addHelpText('after', '\nExit codes: 0 done, 1 it failed or a check did not hold, 2 wrong usage.')

// `exitOverride` is not inherited by commands that are added whole.
for (const command of [program, ...program.commands.flatMap((own) => [own, ...own.commands])]) {
  command.exitOverride().showHelpAfterError('(--help says more)')
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  // Commander has said what is wrong, or printed what was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof Failure) {
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
  // A driver's or a system's error: its message is for the operator at this terminal.
  process.stderr.write(`${error instanceof Error ? error.message || error.name : 'Failed.'}\n`)
  return EXIT.failed
}
