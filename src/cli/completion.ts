/** `completion SHELL`: a script that lets a shell complete commands, flags and their choices. */
import { Argument, Command } from 'commander'
import { bashScript, type Completed } from './completion-script.ts'

export function completionCommand(): Command {
  return new Command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash']))
    .addHelpText(
      'after',
      `
bash:  redirect-verifier completion bash > ~/.local/share/bash-completion/completions/redirect-verifier
zsh:   autoload -U bashcompinit && bashcompinit && source <(redirect-verifier completion bash)

Exit codes: 0 printed, 2 wrong usage.`,
    )
    .action((_shell: 'bash', _flags: object, own: Command) => {
      process.stdout.write(bashScript(completedIn(own.parent ?? own)))
    })
}

/** Every command by its path, `policy show`, and what may follow it. */
export function completedIn(program: Command): readonly Completed[] {
  const visit = (command: Command, path: readonly string[]): readonly Completed[] => [
    {
      path: path.join(' '),
      words: [
        ...command.commands.map((own) => own.name()),
        ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
        ...command.options.flatMap(({ long }) => long ?? []),
        '--help',
      ],
      choices: new Map(
        command.options.flatMap(({ long, argChoices }) =>
          long && argChoices ? [[long, argChoices] as const] : [],
        ),
      ),
    },
    ...command.commands.flatMap((own) => visit(own, [...path, own.name()])),
  ]
  return visit(program, [])
}
