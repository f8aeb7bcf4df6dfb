/** `completion SHELL`: a script that lets a shell complete commands, flags and their choices. */
import { Argument, Command } from 'commander'
import { bashScript, type Completed, fishScript, zshScript } from './completion-script.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript }
type Shell = keyof typeof SCRIPTS

export function completionCommand(): Command {
  return new Command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      `
bash:  redirect-verifier completion bash > ~/.local/share/bash-completion/completions/redirect-verifier
zsh:   redirect-verifier completion zsh > ~/.redirect-verifier.zsh, and in .zshrc after compinit:
       source ~/.redirect-verifier.zsh
fish:  redirect-verifier completion fish > ~/.config/fish/completions/redirect-verifier.fish

Exit codes: 0 printed, 2 wrong usage.`,
    )
    .action((shell: Shell, _flags: object, own: Command) => {
      process.stdout.write(SCRIPTS[shell](completedIn(own.parent ?? own)))
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
