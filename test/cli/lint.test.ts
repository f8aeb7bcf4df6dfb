import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { run, start } from './command.ts'

const SAMPLE = fileURLToPath(
  new URL('../corpora/seed-actions/redirect-then-challenge.js', import.meta.url),
)
const ACTIONS = fileURLToPath(new URL('../../actions', import.meta.url))

it('names file, line and column, why, and what to do, and fails', async () => {
  const { code, stdout } = await run(['lint', SAMPLE])
  expect(code).toBe(1)
  expect(stdout).toContain(`${SAMPLE}:10:1  error  `)
  expect(stdout).toContain('token-not-required')
  expect(stdout).toMatch(/why .*\n {4}fix .*\n {4}see /)
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 file: 2 errors, 0 warnings.')
})

it('prints one line each, or one document, when asked', async () => {
  const short = await run(['lint', '--short', SAMPLE])
  expect(short.stdout.trimEnd().split('\n')).toHaveLength(3)
  const { code, stdout } = await run(['lint', '--json', SAMPLE])
  expect(code).toBe(1)
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({ errors: 2, warnings: 0 })
  expect(report.files[0].findings[0]).toMatchObject({ rule: 'token-not-required', line: 10 })
})

it('takes a folder, and finds nothing in the reference Actions', async () => {
  const { code, stdout } = await run(['lint', ACTIONS])
  expect(code).toBe(0)
  expect(stdout).toContain('nothing found')
})

it('lets warnings pass unless told to be strict', async () => {
  const command = start(['lint', '--rules'])
  const warning = `exports.onExecutePostChallenge = async (event, api) => {
  api.redirect.sendUserTo('https://verify.example')
}
exports.onContinuePostChallenge = async (event, api) => {
  const { ok } = api.redirect.validateToken({ secret: event.secrets.BACK })
  if (ok !== true) return api.access.deny('no')
}`
  mkdirSync(join(command.folder, 'a'))
  writeFileSync(join(command.folder, 'a/action.js'), warning)
  const { stdout } = await command.ended
  expect(stdout).toContain('sub-not-compared (warning)')
  expect((await run(['lint', 'a'], {}, command.folder)).code).toBe(0)
  expect((await run(['lint', 'a', '--strict'], {}, command.folder)).code).toBe(1)
})

it.each([
  ['nothing', [], 'Name at least one Action'],
  ['a file that is not there', ['gone.js'], 'There is no file gone.js.'],
  ['an empty folder', ['.'], 'There is no .js file in .'],
])('refuses %s as wrong usage', async (_, args, says) => {
  const { code, stdout, stderr } = await run(['lint', ...args])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(says)
})
