import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { run, start } from './command.ts'

const { url } = await freshDatabase()
const env = { DATABASE_URL: url }

it('--once performs a reset, prints its hops and ends with 0', async () => {
  const { code, stdout } = await run(['demo', '--once'], env)
  expect(code).toBe(0)
  expect(stdout).toContain('verifier  decides allow')
  expect(stdout).toContain('✓ the new password of ada@example.com works')
  expect(stdout).not.toContain('\u001b[')
})

it('--json prints one object per line: hops, then the result', async () => {
  const { code, stdout } = await run(['demo', '--scenario', 'deny', '--json'], env)
  expect(code).toBe(0)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.slice(0, -1).every(({ hop }) => typeof hop.text === 'string')).toBe(true)
  expect(lines.at(-1).result).toMatchObject({ scenario: 'deny', ok: true })
})

it('explains the code that a stopped person was given, with the line of the policy', async () => {
  const demo = await run(['demo', '--scenario', 'deny'], env)
  const [, reference = ''] = /Contact support: (\w{4}-\w{4})\./.exec(demo.stdout) ?? []
  // As it may be typed: no hyphen, lower case.
  const why = await run(['why', reference.replace('-', '').toLowerCase()], env)
  expect(why.code).toBe(0)
  expect(why.stdout).toContain('deny_list (listed_deny=true)')
  expect(why.stdout).toContain('"id":"deny_list"')
  const json = await run(['why', reference, '--json'], env)
  expect(JSON.parse(json.stdout)).toMatchObject([{ reference, decision: { outcome: 'deny' } }])
})

it('runs until it is interrupted, and leaves nothing behind', async () => {
  const demo = start(['demo'], env)
  await demo.saying('Ctrl-C stops everything')
  demo.process.kill('SIGINT')
  const { code, stdout } = await demo.ended
  expect(code).toBe(0)
  const origins = [...stdout.matchAll(/http:\/\/(?:app|tenant|verify)\.localhost:(\d+)/g)]
  expect(new Set(origins.map(([origin]) => origin)).size).toBe(3)
  for (const [, port] of origins) await expect(isFree(Number(port))).resolves.toBe(true)
})

it('does not replace a port that was asked for and is taken', async () => {
  const taken = createServer()
  const port = await new Promise<number>((listening) => {
    taken.listen(0, '127.0.0.1', () => listening((taken.address() as { port: number }).port))
  })
  onTestFinished(() => {
    taken.close()
  })
  for (const flag of ['--tenant-port', '--verifier-port', '--app-port']) {
    const { code, stderr } = await run(['demo', flag, `${port}`], env)
    expect(code).toBe(1)
    expect(stderr).toContain(`port ${port} is taken`)
  }
})

it('brings its own PostgreSQL where no database is named, and keeps it beside the project', async () => {
  const demo = start(['demo', '--once'])
  const { code, stdout } = await demo.ended
  expect(code).toBe(0)
  expect(stdout).toContain('decides allow')
  expect(readdirSync(join(demo.folder, '.demo'))).toEqual(['postgres'])

  const [, reference = ''] = /code (\w{4}-\w{4})/.exec(stdout) ?? []
  const why = await start(['why', reference], {}, demo.folder).ended
  expect(why.stdout).toContain(`${reference}  tenant demo-`)
})

function isFree(port: number): Promise<boolean> {
  return new Promise((answered) => {
    const probe = createServer().once('error', () => answered(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => answered(true)))
  })
}
