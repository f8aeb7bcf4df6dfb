/** `admin token` and `audit`: a token that is shown once, and what the audit says of it. */
import { describe, expect, it } from 'vitest'
import { hashApiToken, isApiToken } from '../../src/verifier/admin/api-token.ts'
import { freshDatabase } from '../support/database.ts'
import { run } from './command.ts'

const { url, sql } = await freshDatabase()
const cli = (...args: readonly string[]) => run(args, { DATABASE_URL: url })
const token = (...args: readonly string[]) => cli('admin', 'token', ...args)
const stored = async () => [...(await sql`select * from admin_token order by name`)]

describe('admin token', () => {
  it('is created, listed and revoked, and standard output has it once and alone', async () => {
    const made = await token('create', '--name', 'ci', '--role', 'viewer', '--expires', '90d')
    expect([made.code, isApiToken(made.stdout.trimEnd())]).toEqual([0, true])
    expect(made.stderr).toMatch(/^Role viewer, until \d{4}-/)
    const [row] = await stored()
    expect(row).toMatchObject({
      ...{ name: 'ci', role: 'viewer', hash: hashApiToken(made.stdout.trimEnd()) },
    })
    expect(JSON.stringify(await sql`select * from admin_token, audit`)).not.toContain(
      made.stdout.trimEnd(),
    )

    const listed = await token('list', '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'ci', last_used_at: null }])
    expect(listed.stdout).not.toContain(row?.hash)
    expect((await token('list')).stdout).toMatch(/^NAME +ROLE .*\nci +viewer /)

    expect((await token('revoke', 'ci')).stdout).toBe('ci is revoked.\n')
    expect((await token('revoke', String(row?.id))).code).toBe(1)
    const again = await token('create', '--name', 'ci', '--role', 'admin')
    expect([again.code, again.stdout]).toEqual([1, ''])
    expect(await stored()).toHaveLength(1)

    const lines = await cli('audit', 'list', '--tenant', '*', '--json')
    expect(JSON.parse(lines.stdout)).toMatchObject([
      { actor: expect.stringMatching(/^cli:/), action: 'token.revoke', subject: 'ci' },
      { action: 'token.create', subject: 'ci', detail: { role: 'viewer' } },
    ])
    const one = await cli('audit', 'list', '--tenant', '*', '--action', 'token.create')
    expect(one.stdout).toMatch(/^AT .*\n\S+ +cli:\S+ +token\.create +ci +\{.*\}\n$/)
  })

  it('comes as JSON with what is known of it', async () => {
    const { stdout } = await token('create', '--name', 'json', '--role', 'admin', '--json')
    const made = JSON.parse(stdout)
    expect(made).toMatchObject({ name: 'json', role: 'admin', expires_at: null })
    expect(isApiToken(made.token)).toBe(true)
  })

  it.each([
    [['create', '--role', 'viewer'], '--name'],
    [['create', '--name', 'x'], '--role'],
    [['create', '--name', 'x', '--role', 'owner'], 'Allowed choices'],
    [['create', '--name', 'X y', '--role', 'viewer'], '1 to 63'],
    [['create', '--name', 'x', '--role', 'viewer', '--expires', 'soon'], 'no duration'],
    [['revoke', `rva_${'a'.repeat(43)}`], 'token itself'],
    [['revoke'], 'missing'],
  ])('is refused before anything is stored: %j', async (words, message) => {
    const before = await stored()
    const { code, stderr } = await token(...words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    expect(await stored()).toEqual(before)
  })

  it('that there is not cannot be revoked', async () => {
    const { code, stderr } = await token('revoke', 'nobody')
    expect([code, stderr]).toEqual([1, 'There is no token nobody.\n'])
  })
})

describe('audit list', () => {
  it('is of one tenant, by action and by time', async () => {
    for (const [tenant, action, days] of [
      ['acme', 'list.add', 40],
      ['acme', 'list.add', 2],
      ['acme', 'user.erase', 1],
      ['other', 'list.add', 1],
    ] as const) {
      await sql`
        insert into audit (tenant, at, actor, action, subject)
        values (${tenant}, now() - make_interval(days => ${days}), 'cli:ann', ${action}, 'it')`
    }
    const actions = async (...args: readonly string[]) =>
      (
        JSON.parse((await cli('audit', 'list', '--tenant', 'acme', '--json', ...args)).stdout) as {
          action: string
        }[]
      ).map(({ action }) => action)
    expect(await actions()).toEqual(['user.erase', 'list.add'])
    expect(await actions('--since', '90d', '--action', 'list.add')).toHaveLength(2)
    expect(await actions('--limit', '1')).toEqual(['user.erase'])
    expect(await actions('--actor', 'cli:bob')).toEqual([])
    expect((await cli('audit', 'list', '--tenant', 'nobody')).stdout).toContain('Nothing of that')
    expect((await cli('audit', 'list')).code).toBe(2)
  })
})
