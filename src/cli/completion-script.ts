/** The script itself: a table of words per command, and the few lines that look it up. */

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
