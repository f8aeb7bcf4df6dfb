/** `--json`: every command has it, and what it prints is one JSON document. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { activatePolicy } from '../../db/policies.ts'
import { createProgram } from '../../src/cli/program.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { freshDatabase } from '../support/database.ts'
import { run, start } from './command.ts'

const { url } = await freshDatabase()
const [reset] = defaultPolicies('monitor')
if (reset === undefined) throw new Error('there is no default policy')
await activatePolicy(url, 'acme', reset)
const env = { DATABASE_URL: url, RV_IDENTIFIER_SECRET: 'i'.repeat(32) }

/** They serve, or print a script. */
const WITHOUT = ['serve', 'completion']

const leaves = (command: Command, path = ''): readonly { path: string; command: Command }[] =>
  command.commands.length === 0
    ? [{ path, command }]
    : command.commands.flatMap((own) => leaves(own, `${path} ${own.name()}`.trim()))

describe('--json', () => {
  const all = leaves(createProgram())

  it.each(all.filter(({ path }) => !WITHOUT.includes(path)))('is known to $path', ({ command }) => {
    expect(command.options.map(({ long }) => long)).toContain('--json')
  })

  it.each([
    [['migrate'], { schema_version: expect.any(Number) }],
    [
      ['secret', 'generate', '-n', '2'],
      [expect.any(String), expect.any(String)],
    ],
    [
      ['list', 'add', 'deny', 'country', 'NO', '--reason', 'a test', '--for', '1h'],
      {
        tenant: 'acme',
        kind: 'country',
        action: 'deny',
        value: 'NO',
        note: 'a test',
        expires_in_seconds: 3600,
      },
    ],
    [['list', 'remove', 'country', 'NO'], { tenant: 'acme', kind: 'country', removed: true }],
    [
      ['policy', 'activate', '1'],
      { tenant: 'acme', flow: 'password_reset', version: 1, activated: false },
    ],
    [['policy', 'document', 'default'], expect.stringContaining('# ')],
    [
      ['actions', 'init'],
      {
        action: 'password-reset-verify',
        format: 'yaml',
        written: ['auth0/password-reset-verify.js', 'auth0/tenant.yaml'],
      },
    ],
  ])('of %j is one document', async (args, expected) => {
    const { code, stdout, stderr } = await run([...args, '--json'], env)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual(expected)
    expect(code).toBe(0)
  })

  it('says which files are policies and which are not, and ends with 1', async () => {
    const { folder, ended } = start(['--version'])
    await ended
    writeFileSync(`${folder}/good.json`, JSON.stringify(reset))
    writeFileSync(`${folder}/bad.json`, '{"version": 0}')
    const command = start(['policy', 'validate', 'good.json', 'bad.json', '--json'], {}, folder)
    const { code, stdout } = await command.ended
    expect(JSON.parse(stdout)).toEqual({
      valid: [expect.objectContaining({ file: 'good.json', flow: 'password_reset' })],
      faults: [{ file: 'bad.json', fault: expect.stringContaining('version') }],
    })
    expect(code).toBe(1)
  })

  it('prints nothing on standard output when the command is refused', async () => {
    const { code, stdout } = await run(['list', 'remove', 'country', 'NO', '--json'], env)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })
})
