/** `emulate` as a person starts it: Actions of each layout, run in a browser, reloaded when saved. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createBrowser } from '../../src/emulator/index.ts'
import { type Command, run, start } from './command.ts'

const SECRET = 'a value nobody may print'
const DENYING = (text: string) =>
  `exports.onExecutePostChallenge = async (event, api) => api.access.deny(${text})`

type Files = Readonly<Record<string, string | object>>

function folderWith(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-emulate-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  write(folder, files)
  return folder
}

function write(folder: string, files: Files) {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(
      join(folder, name),
      typeof content === 'string' ? content : JSON.stringify(content),
    )
  }
}

const emulate = (files: Files, ...args: readonly string[]) =>
  start(['emulate', '--json', ...args], {}, folderWith(files))

interface Line {
  readonly started?: {
    readonly tenant: string
    readonly control: string
    readonly actions: Readonly<Record<string, readonly { readonly name: string }[]>> & {
      readonly notes: readonly string[]
    }
  }
  readonly deployed?: object
  readonly not_deployed?: string
  readonly hop?: { readonly kind: string }
}

const output = async (command: Command) => {
  command.process.kill('SIGTERM')
  const { stdout, code } = await command.ended
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  return { code, stdout, lines }
}

/** Text from the stopped page after asking for a reset and opening the link. */
async function stoppedText(origin: string): Promise<string> {
  const browser = createBrowser()
  await browser.visit(origin)
  await browser.click('Reset a password')
  await browser.submit(undefined, { email: 'ada@example.com' })
  const mails = await browser.request(`${origin}/__emulator/mailbox`)
  const all = (await mails.json()) as { link?: string }[]
  return (await browser.visit(all.at(-1)?.link ?? '')).text
}

const started = async (command: Command): Promise<NonNullable<Line['started']>> => {
  let seen = ''
  command.process.stdout?.on('data', (text: string) => {
    seen += text
  })
  await command.saying('"started"')
  return (JSON.parse(seen.split('\n')[0] ?? '') as Line).started as NonNullable<Line['started']>
}

describe('plain files', () => {
  it('run, are reloaded when saved, and stay as they were when that fails', async () => {
    const command = emulate(
      { 'mine/deny.js': DENYING("'first ' + event.secrets.WHO") },
      ...['--actions', 'mine', '--secret', 'WHO=Ada', '--secret', `KEY=${SECRET}`],
    )
    const { tenant, actions } = await started(command)
    expect(actions['password-reset-post-challenge']).toMatchObject([
      { name: 'deny', secrets: ['WHO', 'KEY'], lint: { errors: 0 } },
    ])
    expect(await stoppedText(tenant)).toContain('first Ada')

    write(command.folder, { 'mine/deny.js': DENYING("'second ' + event.secrets.WHO") })
    await command.saying('"deployed"')
    expect(await stoppedText(tenant)).toContain('second Ada')

    rmSync(join(command.folder, 'mine/deny.js'))
    await command.saying('"not_deployed"')
    expect(await stoppedText(tenant)).toContain('second Ada')

    // A reset of the tenant comes back to what was deployed last.
    const browser = createBrowser()
    await browser.request(`${tenant}/__emulator/reset`, { method: 'POST' })
    expect(await stoppedText(tenant)).toContain('second Ada')

    const { code, lines, stdout } = await output(command)
    expect(code).toBe(0)
    expect(lines.filter(({ hop }) => hop?.kind === 'flow.denied')).toHaveLength(4)
    expect(stdout).not.toContain(SECRET)
  })

  it('of both triggers are bound by the handlers they export', async () => {
    const command = emulate(
      {
        'a-reset.js': DENYING("'no'"),
        'b-login.js': 'exports.onExecutePostLogin = async () => {}',
        'c-helper.js': 'exports.help = () => 1',
      },
      ...['--actions', '.', '--no-watch'],
    )
    const { actions } = await started(command)
    expect(actions['password-reset-post-challenge']).toMatchObject([{ name: 'a-reset' }])
    expect(actions['post-login']).toMatchObject([{ name: 'b-login' }])
    expect(actions.notes).toEqual([
      'c-helper exports no handler of an emulated trigger: it is left out.',
    ])
    await output(command)
  })

  it('all run where nothing says which are bound, and that is said', async () => {
    const command = emulate(
      { 'a.js': DENYING("'no'"), 'b.js': DENYING("'never'") },
      ...['--actions', '.', '--no-watch'],
    )
    const { actions } = await started(command)
    expect(actions['password-reset-post-challenge']).toMatchObject([{ name: 'a' }, { name: 'b' }])
    expect(actions.notes).toHaveLength(1)
    expect(actions.notes[0]).toMatch(
      /^Nothing says which .* password-reset-post-challenge: all 2 run/,
    )
    await output(command)
  })

  it('a file whose secrets have no value is told of', async () => {
    const command = emulate(
      { 'a.js': DENYING('event.secrets.HERE + event.secrets.LOST + event.secrets.LOST') },
      ...['--actions', 'a.js', '--secret', 'HERE=x', '--no-watch'],
    )
    expect((await started(command)).actions.notes).toEqual([
      'a reads LOST: undefined in event.secrets. Give values with --secret or --secrets.',
    ])
    await output(command)
  })

  it('are shown to people with addresses, users, lint and each hop', async () => {
    const folder = folderWith({
      'a.js': "exports.onExecutePostChallenge = (e, api) => api.access.deny('a', 'b')",
    })
    const command = start(['emulate', '--actions', 'a.js'], {}, folder)
    await command.saying('Ctrl-C stops.')
    command.process.kill('SIGINT')
    const { stdout, code } = await command.ended
    expect(code).toBe(0)
    for (const words of ['inspector', 'mailbox', 'ada@example.com', 'lint: 2 errors', 'Watching'])
      expect(stdout).toContain(words)
  })
})

const ACTION = (name: string, more: object = {}) => ({
  name,
  code: `./actions/${name}/code.js`,
  supported_triggers: [{ id: 'password-reset-post-challenge', version: 'v1' }],
  secrets: [{ name: 'WHO', value: '##WHO##' }],
  ...more,
})
const SAY = (text: string) =>
  `exports.onExecutePostChallenge = async (event, api) => { console.log('${text}', event.secrets.WHO, event.secrets.KEY) }`

describe('the layouts of the deploy CLI', () => {
  it('a folder: order of triggers.json, keywords replaced, secrets from a file', async () => {
    const command = emulate(
      {
        'config/actions/one.json': ACTION('one'),
        'config/actions/one/code.js': SAY('one ##PLACE##'),
        'config/actions/two.json': ACTION('two', {
          secrets: [{ name: 'WHO', value: '_VALUE_NOT_SHOWN_' }, { name: 'LOST' }],
        }),
        'config/actions/two/code.js': SAY('two'),
        'config/actions/idle.json': ACTION('idle'),
        'config/actions/idle/code.js': SAY('idle'),
        'config/actions/machine.json': ACTION('machine', {
          code: './actions/two/code.js',
          supported_triggers: [{ id: 'credentials-exchange' }],
        }),
        'config/triggers/triggers.json': {
          'password-reset-post-challenge': [
            { action_name: 'two', display_name: 'two' },
            { action_name: 'one', display_name: 'one' },
            { action_name: 'gone', display_name: 'gone' },
          ],
        },
        'secrets.env': `export WHO="Ada"\nKEY=${SECRET}\n# a comment\nPLACE=here\n`,
      },
      ...['--actions', 'config', '--secrets', 'secrets.env'],
    )
    const { tenant, actions } = await started(command)
    const names = actions['password-reset-post-challenge']?.map(({ name }) => name)
    expect(names).toEqual(['two', 'one'])
    expect(actions.notes.join('\n')).toMatch(
      /machine is for credentials-exchange[\s\S]*idle is not bound[\s\S]*two has no value for LOST[\s\S]*binds gone[\s\S]*declares KEY/,
    )
    await stoppedText(tenant)
    const { lines, stdout } = await output(command)
    const legs = lines.filter(({ hop }) => hop?.kind === 'action.ran')
    expect(JSON.stringify(legs)).toMatch(/two Ada undefined.*one here Ada undefined/)
    expect(stdout).not.toContain(SECRET)
  })

  it('a tenant.yaml', async () => {
    const command = emulate(
      {
        'tenant.yaml': `
actions:
  - name: first
    code: ./first.js
    supported_triggers:
      - id: password-reset-post-challenge
        version: v1
    secrets:
      - name: WHO
        value: '##WHO##'
      - name: FIXED
        value: fixed
`,
        'first.js': DENYING("event.secrets.FIXED + ' ' + event.secrets.WHO"),
        'secrets.json': { WHO: 'Ada' },
      },
      ...['--actions', 'tenant.yaml', '--secrets', 'secrets.json'],
    )
    const { tenant } = await started(command)
    expect(await stoppedText(tenant)).toContain('fixed Ada')
    await output(command)
  })

  it('its users come from a file', async () => {
    const command = emulate(
      {
        'a.js': DENYING("event.user.app_metadata.plan + ' plan'"),
        'users.json': [{ email: 'ada@example.com', app_metadata: { plan: 'gold' } }],
      },
      ...['--actions', 'a.js', '--users', 'users.json'],
    )
    const { tenant } = await started(command)
    expect(await stoppedText(tenant)).toContain('gold plan')
    await output(command)
  })
})

describe('what is refused before anything starts', () => {
  it.each<[what: string, files: Files, args: string[], says: string]>([
    ['no Actions', {}, [], '--actions'],
    ['nothing there', {}, ['--actions', 'gone'], 'There is nothing at gone.'],
    ['an empty folder', {}, ['--actions', '.'], 'There is no Action'],
    ['a file of another kind', { 'a.txt': '' }, ['--actions', 'a.txt'], 'neither'],
    ['a secret without a name', { 'a.js': '' }, ['--actions', 'a.js', '--secret', SECRET], 'NAME='],
    [
      'a file of secrets that is none',
      { 'a.js': '', 's.json': '[1]' },
      ['--actions', 'a.js', '--secrets', 's.json'],
      'must be a JSON object',
    ],
    [
      'a user without an address',
      { 'a.js': '', 'u.json': '[{"name":"x"}]' },
      ['--actions', 'a.js', '--users', 'u.json'],
      '0.email',
    ],
    [
      'YAML that is none',
      { 'tenant.yaml': 'actions: [' },
      ['--actions', 'tenant.yaml'],
      'is not YAML',
    ],
    [
      'code that is not there',
      { 'actions/a.json': ACTION('a') },
      ['--actions', '.'],
      'the code of a is not at ./actions/a/code.js',
    ],
    [
      'a configuration without a trigger',
      { 'actions/a.json': { name: 'a', code: 'a.js' } },
      ['--actions', '.'],
      'supported_triggers',
    ],
  ])('%s', async (_, files, args, says) => {
    const { code, stdout, stderr } = await run(['emulate', ...args], {}, folderWith(files))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
    expect(stderr).not.toContain(SECRET)
  })
})
