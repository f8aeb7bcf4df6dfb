/** Which commands there are. Each is a file of its own, and loads its work when it runs. */
import { Command } from 'commander'
import { actionsCommand } from './actions.ts'
import { adminCommand } from './admin.ts'
import { assessmentCommand } from './assessment.ts'
import { auditCommand } from './audit.ts'
import { completionCommand } from './completion.ts'
import { coverageCommand } from './coverage.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { emulateCommand } from './emulate.ts'
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

/** Every command with its flags; nothing is run and no command's work is loaded. */
export function createProgram(): Command {
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
    .addCommand(auditCommand())
    .addCommand(adminCommand())
    .addCommand(historyCommand())
    .addCommand(emulateCommand())
    .addCommand(lintCommand())
    .addCommand(policyCommand())
    .addCommand(doctorCommand())
    .addCommand(coverageCommand())
    .addCommand(actionsCommand())
    .addCommand(tokenCommand())
    .addCommand(completionCommand())
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 it failed or a check did not hold, 2 wrong usage.',
    )

  // `exitOverride` is not inherited by commands that are added whole.
  for (const command of withInner(program)) {
    command.exitOverride().showHelpAfterError('(--help says more)')
  }
  return program
}

const withInner = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withInner),
]
