/** The completion scripts as the shells run them. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { completedIn } from '../../src/cli/completion.ts'
import { bashScript, fishScript, zshScript } from '../../src/cli/completion-script.ts'
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

/** Not on every machine, and no package of npm brings them. */
const has = (shell: string) => spawnSync(shell, ['--version']).status === 0
const unless = (shell: string) => (has(shell) ? '' : ` (skipped: no ${shell} on this machine)`)

describe('completion in fish', () => {
  const commands = completedIn(createProgram())
  const fish = fishScript(commands)
  const folder = mkdtempSync(join(tmpdir(), 'completion-'))
  const file = join(folder, 'redirect-verifier.fish')
  writeFileSync(file, fish)
  afterAll(() => rmSync(folder, { recursive: true }))

  it('has a line for each word of each command', () => {
    for (const { path, words } of commands) {
      const own = fish.split('\n').filter((line) => line.includes(`= "${path}"'`))
      const said = own.flatMap((line) => line.match(/[\w-]+/g) ?? [])
      expect(said).toEqual(expect.arrayContaining(words.map((word) => word.replace(/^--/, ''))))
    }
  })

  it.skipIf(!has('fish')).each([
    ['redirect-verifier pol', ['policy']],
    ['redirect-verifier policy sh', ['shadow', 'show']],
    ['redirect-verifier policy show --flow ', ['login', 'password_reset']],
    ['redirect-verifier demo --json --on', ['--once']],
  ])(`offers after %j %j${unless('fish')}`, (line, expected) => {
    const ask = `source ${file}; complete -C '${line}'`
    const said = execFileSync('fish', ['--no-config', '-c', ask], { cwd: '/', encoding: 'utf8' })
    expect(said.trim().split('\n').sort()).toEqual(expected)
  })
})

describe('completion in zsh', () => {
  const zsh = zshScript(completedIn(createProgram()))

  it('is that of bash, after zsh was told to run such', () => {
    expect(zsh).toBe(`autoload -U +X bashcompinit && bashcompinit\n${script}`)
  })

  it.skipIf(!has('zsh'))(`is taken without a word${unless('zsh')}`, () => {
    const load = `autoload -U compinit && compinit -u -D\n${zsh}\ntype _redirect_verifier`
    const said = execFileSync('zsh', ['-f', '-c', load], { encoding: 'utf8', stdio: 'pipe' })
    expect(said).toMatch(/^_redirect_verifier is a shell function/)
  })
})
