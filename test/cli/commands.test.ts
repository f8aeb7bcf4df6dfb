import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/verifier/config.ts'
import { freshDatabase } from '../support/database.ts'
import { run } from './command.ts'

const { url } = await freshDatabase()

describe('secret generate', () => {
  it('prints secrets that the verifier accepts and that differ', async () => {
    const { code, stdout } = await run(['secret', 'generate', '--count', '3'])
    expect(code).toBe(0)
    const [session, back, identifier, ...rest] = stdout.trim().split('\n')
    expect(rest).toEqual([])
    const config = () =>
      parseConfig({
        RV_TENANTS: JSON.stringify([{ id: 'acme', hosts: ['acme.eu.auth0.com'] }]),
        RV_SECRETS: JSON.stringify({ acme: { session: [session], continue: [back] } }),
        RV_IDENTIFIER_SECRET: identifier,
        RV_PUBLIC_ORIGIN: 'https://verify.example.com',
        RV_CLIENT_ADDRESS: 'socket',
      })
    expect(config).not.toThrow()
    expect(config().warnings).toEqual([])
  })

  it.each(['0', '-1', '1.5', 'x', '100'])('refuses to make %s of them', async (count) => {
    const { code, stdout } = await run(['secret', 'generate', `--count=${count}`])
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })
})

describe('migrate', () => {
  it('may run again', async () => {
    for (const _ of [1, 2]) {
      const { code, stdout } = await run(['migrate', '--database-url', url])
      expect(code).toBe(0)
      expect(stdout).toMatch(/^The schema is at version \d+\.\n$/)
    }
  })

  it.each([
    ['nothing', []],
    ['another kind of database', ['--database-url', 'mysql://localhost/x']],
    ['no URL', ['--database-url', 'localhost']],
  ])('refuses %s with exit code 2', async (_, args) => {
    const { code, stderr } = await run(['migrate', ...args])
    expect(code).toBe(2)
    expect(stderr).not.toBe('')
  })

  it('says that the database does not answer, without its password', async () => {
    const password = randomBytes(12).toString('hex')
    const nowhere = `postgres://somebody:${password}@127.0.0.1:9/x`
    const { code, stderr } = await run(['migrate', '--database-url', nowhere])
    expect(code).toBe(1)
    expect(stderr).not.toBe('')
    expect(stderr).not.toContain(password)
  })
})

describe('why', () => {
  it('says that there is no such code', async () => {
    const { code, stderr } = await run(['why', '0000-0000', '--database-url', url])
    expect(code).toBe(1)
    expect(stderr).toContain('0000-0000')
  })

  it.each(['', 'ABC', 'UUUU-UUUU', "0000-000'"])('refuses %j as a code', async (reference) => {
    const { code } = await run(['why', reference, '--database-url', url])
    expect(code).toBe(2)
  })
})

describe('serve', () => {
  it('names every fault of the configuration and starts nothing', async () => {
    const { code, stdout, stderr } = await run(['serve'], { RV_PORT: 'x' })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    for (const name of ['DATABASE_URL', 'RV_TENANTS', 'RV_SECRETS', 'RV_PORT'])
      expect(stderr).toContain(name)
  })
})

it.each([
  ['--help', 0],
  ['demo --help', 0],
  ['', 2],
  ['nothing', 2],
  ['demo --scenario nothing', 2],
  ['demo --tenant-port 0', 2],
])('%j ends with %i', async (line, expected) => {
  const { code, stdout, stderr } = await run(line.split(' ').filter(Boolean))
  expect(code).toBe(expected)
  expect(`${stdout}${stderr}`).not.toBe('')
})
