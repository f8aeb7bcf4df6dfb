/**
 * The commands of the documentation that a person starts one by one, blocks marked `sh started`: each line
 * is run as it stands. What runs until Ctrl-C gets it once it says that it is ready.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { blocksFor, documentsFor, ROOT } from '../support/docs-blocks.ts'
import { type DocsShell, openShell } from '../support/docs-shell.ts'
import { sessionToken, signToken } from '../support/tokens.ts'

interface Line {
  readonly line: string
  /** What somebody has who comes to this line. */
  readonly before?: (shell: DocsShell) => unknown
  /** Placeholders, and what shortens a run. */
  readonly instead?: readonly (readonly [words: string, by: string])[]
  readonly env?: () => Readonly<Record<string, string>>
  readonly input?: string
  /** It runs until Ctrl-C once it has said `says`; otherwise it ends with this. */
  readonly ends: 'ctrl-c' | 0 | 1
  readonly says?: string | RegExp
}

const database = await freshDatabase()
const onDatabase = () => ({ DATABASE_URL: database.url })
const SECRET = 'the way back, as long as a secret has to be'
const EXPIRED = { iat: 1000, exp: 1300 }

const copy = (from: string, to: string) => (shell: DocsShell) =>
  cpSync(join(ROOT, from), join(shell.folder, to), { recursive: true })

const DEMO = { ends: 'ctrl-c', says: 'Ctrl-C stops everything' } as const
const EMULATE = { ends: 'ctrl-c', says: 'Ctrl-C stops.' } as const

const LINES: Readonly<Record<string, readonly Line[]>> = {
  'README.md': [
    // No database is named: it brings its own.
    { line: 'npm ci && npm run demo', ...DEMO },
    { line: 'npm ci && npm test', ends: 0 },
    {
      line: 'npm run cli -- emulate --actions my-actions',
      before: copy('examples/my-action.js', 'my-actions/login.js'),
      ...EMULATE,
    },
    {
      line: 'npm run cli -- lint my-actions/login.js',
      before: copy('examples/my-action.js', 'my-actions/login.js'),
      ends: 0,
      says: '1 file: nothing found',
    },
    {
      line: 'npm run cli -- token inspect',
      input: sessionToken(EXPIRED),
      ends: 1,
      says: 'expired',
    },
  ],
  'docs/dashboard.md': [
    { line: 'npm run demo', env: onDatabase, ends: 'ctrl-c', says: /\/admin[\s\S]*Ctrl-C stops/ },
  ],
  'docs/emulator.md': [
    {
      line: 'redirect-verifier emulate --actions ./actions --secrets .env',
      before: (shell) => {
        copy('actions', 'actions')(shell)
        writeFileSync(join(shell.folder, '.env'), `RV_SESSION_SECRET=${SECRET}\n`)
      },
      ...EMULATE,
    },
    {
      line: 'redirect-verifier token inspect TOKEN --secret-file secret.txt --state STATE',
      before: ({ folder }) => writeFileSync(join(folder, 'secret.txt'), `${SECRET}\n`),
      instead: [
        ['TOKEN', signToken({ ...EXPIRED, state: 'another', sub: 'auth0|1' }, SECRET)],
        ['STATE', 'mine'],
      ],
      ends: 1,
      says: 'state does not match',
    },
    {
      line: 'redirect-verifier lint actions/*.js',
      before: copy('actions', 'actions'),
      ends: 0,
      says: 'files: nothing found',
    },
  ],
  'docs/scale.md': [
    // As documented at its head: a number is how many verifications it measures with.
    {
      line: 'npm run bench -- scale',
      instead: [['scale', 'scale 100']],
      ends: 0,
      says: 'what breaks first',
    },
  ],
  'docs/tutorial.md': [
    { line: 'npm run demo', env: onDatabase, ...DEMO },
    {
      line: 'npm run cli -- emulate --actions mine --secret RV_MODE=observe',
      before: (shell) => {
        mkdirSync(join(shell.folder, 'mine'))
        copy('actions/password-reset-verify.js', 'mine/password-reset-verify.js')(shell)
      },
      ...EMULATE,
    },
  ],
}

const linesOf = (file: string) =>
  blocksFor('started', file)
    .flatMap((text) => text.split('\n'))
    .map((line) => line.replace(/\s#.*$/, '').trim())
    .filter((line) => line !== '')

it('each document and each line is known here, and none that is gone', () => {
  const found = documentsFor('started').map((file) => [file, linesOf(file)])
  const known = Object.entries(LINES).map(([file, lines]) => [file, lines.map(({ line }) => line)])
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(known))
})

describe.each(Object.entries(LINES))('%s', (_file, lines) => {
  it.each(lines)('$line', { timeout: 120_000 }, async (own) => {
    const shell = openShell()
    own.before?.(shell)
    const command = (own.instead ?? []).reduce((text, [words, by]) => {
      expect(text).toContain(words)
      return text.replace(words, by)
    }, own.line)
    const env = own.env?.() ?? {}
    if (own.ends !== 'ctrl-c') {
      const { code, said } = await shell.run(command, env, own.input)
      expect(code, said).toBe(own.ends)
      if (own.says !== undefined) expect(said).toMatch(own.says)
      return
    }
    const started = shell.start(command, env)
    await started.saying(own.says ?? '')
    const { code, said } = await started.pressCtrlC()
    expect(code, said).toBe(0)
  })
})
