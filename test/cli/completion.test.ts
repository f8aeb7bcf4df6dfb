/** The completion script as bash runs it. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { completedIn } from '../../src/cli/completion.ts'
import { bashScript } from '../../src/cli/completion-script.ts'
import { createProgram } from '../../src/cli/program.ts'

const script = bashScript(completedIn(createProgram()))

/** What bash would offer after these words; the last is the one being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const list = words.map((word) => `'${word}'`).join(' ')
  const ask = `${script}
COMP_WORDS=(redirect-verifier ${list}); COMP_CWORD=${words.length}; COMPREPLY=()
_redirect_verifier; printf '%s\\n' "\${COMPREPLY[@]}"`
  const said = execFileSync('bash', ['--norc', '-c', ask], { cwd: '/', encoding: 'utf8' })
  return said.split('\n').filter((word) => word !== '')
}

describe('completion in bash', () => {
  it('offers every command', () => {
    const names = createProgram().commands.map((command) => command.name())
    expect(offered('')).toEqual([...names, '--help'])
  })

  it.each([
    [['pol'], ['policy']],
    [
      ['policy', 'sh'],
      ['show', 'shadow'],
    ],
    [['policy', 'show', '--fl'], ['--flow']],
    [
      ['policy', 'show', '--flow', ''],
      ['password_reset', 'login'],
    ],
    [
      ['demo', '--scenario', 'st'],
      ['step_up', 'stolen_mailbox'],
    ],
    [['actions', 'init', '--format', 'te'], ['terraform']],
    [['demo', '--json', '--on'], ['--once']],
  ])('offers after %j %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected)
  })

  it('offers files where no command is left', () => {
    expect(offered('lint', 'etc')).toEqual(['etc'])
  })
})
