/** The scripts themselves: a table of words per command, and the few lines that look it up. */

export interface Completed {
  /** Empty for the program itself. */
  readonly path: string
  readonly words: readonly string[]
  /** Long flag → values that it takes. */
  readonly choices: ReadonlyMap<string, readonly string[]>
}

const NAME = 'redirect-verifier'

export const bashScript = (commands: readonly Completed[]) => `\
# bash completion for ${NAME}
_redirect_verifier() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case " ${commands.map(({ path }) => path.replaceAll(' ', '/')).join(' ')} " in
      *" \${path:+$path/}$word "*) path=\${path:+$path/}$word ;;
    esac
  done
  case "$path $prev" in
${choiceCases(commands, 'COMPREPLY=($(compgen -W "WORDS" -- "$cur")); return')}
  esac
  case "$path" in
${wordCases(commands, 'COMPREPLY=($(compgen -W "WORDS" -- "$cur"))')}
  esac
  [[ $cur == -* || \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _redirect_verifier ${NAME}
`

/** zsh runs bash's, once it was told how. */
export const zshScript = (commands: readonly Completed[]) =>
  `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`

export const fishScript = (commands: readonly Completed[]) => `\
# fish completion for ${NAME}
function __redirect_verifier_path
  set -l known ${commands.map(({ path }) => `'${path}'`).join(' ')}
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim "$path $word")
    contains -- $longer $known; and set path $longer
  end
  echo $path
end
${commands.flatMap(fishLines).join('\n')}
`

function fishLines({ path, words, choices }: Completed): readonly string[] {
  const here = `complete -c ${NAME} -n 'test "$(__redirect_verifier_path)" = "${path}"'`
  const names = words.filter((word) => !word.startsWith('--'))
  return [
    ...(names.length === 0 ? [] : [`${here} -f -a '${names.join(' ')}'`]),
    ...words
      .filter((word) => word.startsWith('--'))
      .map((flag) => {
        const values = choices.get(flag)
        const takes = values === undefined ? '' : ` -x -a '${values.join(' ')}'`
        return `${here} -l ${flag.slice(2)}${takes}`
      }),
  ]
}

const wordCases = (commands: readonly Completed[], line: string) =>
  commands
    .map(
      ({ path, words }) =>
        `    ${path === '' ? "''" : path.replaceAll(' ', '/')}) ${line.replace('WORDS', words.join(' '))} ;;`,
    )
    .join('\n')

const choiceCases = (commands: readonly Completed[], line: string) =>
  commands
    .flatMap(({ path, choices }) =>
      [...choices].map(
        ([flag, values]) =>
          `    "${path.replaceAll(' ', '/')} ${flag}") ${line.replace('WORDS', values.join(' '))} ;;`,
      ),
    )
    .join('\n')
