import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { CONTINUE_SECRET, NOW, SESSION_SECRET, sessionToken, signToken } from '../support/tokens.ts'
import { run, start } from './command.ts'

const STATE = 'hKFo2SBzdGF0ZQ'
const answer = (changes: object = {}) =>
  signToken(
    { iss: 'a', sub: 'auth0|1', iat: NOW, exp: NOW + 60, state: STATE, ...changes },
    CONTINUE_SECRET,
  )
const inspect = (...args: readonly string[]) =>
  run(['token', 'inspect', '--now', String(NOW + 10), ...args])

it('accepts a good answer, and says so', async () => {
  const { code, stdout } = await inspect(
    ...[answer(), '--secret', CONTINUE_SECRET, '--state', STATE, '--sub', 'auth0|1'],
  )
  expect(code).toBe(0)
  expect(stdout).toContain('It would be accepted.')
  expect(stdout).not.toContain(CONTINUE_SECRET)
})

it.each([
  ['another state', { state: 'other' }, 'state does not match: the token has "other"'],
  ['no exp', { exp: undefined }, 'missing standard claim: exp'],
  ['another user', { sub: 'auth0|2' }, 'sub does not match'],
  ['its time is over', { exp: NOW }, 'expired 10 s ago'],
])('explains a refusal: %s', async (_, changes, says) => {
  const { code, stdout } = await inspect(
    ...[answer(changes), '--secret', CONTINUE_SECRET, '--state', STATE, '--sub', 'auth0|1'],
  )
  expect(code).toBe(1)
  expect(stdout).toContain(says)
  expect(stdout).toContain('It would throw: The session token is invalid: ')
})

it('reads the token from stdin and the secret from a file, whose line break does not count', () => {
  const command = start(['token', '--help'])
  const file = join(command.folder, 'secret')
  writeFileSync(file, `${CONTINUE_SECRET}\n`)
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', main, 'token', 'inspect', '-', '--secret-file', file, '--now', `${NOW}`],
    { input: `  ${answer()}\n`, encoding: 'utf8' },
  )
  expect(stdout).toContain('HS256, good')
  expect(stdout).not.toContain(CONTINUE_SECRET)
  expect(status).toBe(0)
})

it('says of a session token what the verifier would, taken out of the address', async () => {
  const address = (token: string) => `https://verify.example/verify?session_token=${token}&state=x`
  const good = await inspect(address(sessionToken()), '--secret', SESSION_SECRET)
  expect(good.code).toBe(0)
  expect(good.stdout).toContain('Session token (T)')
  expect(good.stdout).toContain('it would be taken')

  const long = await inspect(address(sessionToken({ exp: NOW + 901 })), '--secret', SESSION_SECRET)
  expect(long.code).toBe(1)
  expect(long.stdout).toContain('token_lifetime_too_long')

  const unsigned = await inspect(sessionToken({ state: undefined }, 'x'.repeat(40)))
  expect(unsigned.code).toBe(0)
  expect(unsigned.stdout).toContain('its signature: give --secret-file')

  const both = await inspect(sessionToken({ exp: NOW + 901 }))
  expect(both.stdout).toContain('token_lifetime_too_long')
})

it('prints one JSON document when asked, without the secret', async () => {
  const { code, stdout } = await inspect(
    ...[answer({ note: CONTINUE_SECRET }), '--secret', CONTINUE_SECRET, '--json'],
  )
  expect(code).toBe(0)
  expect(stdout).not.toContain(CONTINUE_SECRET)
  const report = JSON.parse(stdout)
  expect(report.kind).toBe('continue_token')
  expect(report.answer).toEqual({ kind: 'undecided', missing: ['state', 'sub'] })
})

it.each([
  ['two secrets', ['x', '--secret', 'a', '--secret-file', 'b'], 'not both'],
  ['a missing secret file', ['x', '--secret-file', 'gone'], 'cannot be read'],
  ['an address without a token', ['https://verify.example/?a=b'], '0 tokens'],
  ['a time that is none', ['x', '--now', 'soon'], 'seconds since 1970'],
])('refuses %s as wrong usage', async (_, args, says) => {
  const { code, stderr } = await run(['token', 'inspect', ...args])
  expect(code).toBe(2)
  expect(stderr).toContain(says)
})
