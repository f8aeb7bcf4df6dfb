/** Who may operate the service: tokens, sessions and the audit, through the operator's store under its own role. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isBadCursor, SERVICE_TENANT } from '../../src/verifier/ports-admin.ts'
import { sha256 } from '../support/openings.ts'
import { ANN, adminDatabase, BOB } from './admin-database.ts'

const { sql, admin, audit } = await adminDatabase()
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

let names = 0
const newName = () => {
  names += 1
  return `machine-${names}`
}
async function newToken(expiresInSeconds?: number) {
  const name = newName()
  const hash = sha256(name)
  const token = { name, role: 'operator', hash } as const
  const row = await admin.addToken(
    { ...token, ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }) },
    ANN,
  )
  if (row === 'taken') throw new Error(row)
  return { ...row, hash }
}

describe('a token', () => {
  it('is kept by its hash alone, and its making is noted once', async () => {
    const { hash, ...row } = await newToken(3600)
    expect(row).toEqual({
      ...{ id: expect.any(String), name: row.name, role: 'operator', created_at: time },
      ...{ expires_at: time, last_used_at: null, revoked_at: null },
    })
    expect(Date.parse(row.expires_at as string) - Date.parse(row.created_at)).toBe(3_600_000)
    expect((await audit(SERVICE_TENANT)).at(-1)).toEqual({
      ...{ actor: 'oidc:ann', action: 'token.create', subject: row.name },
      detail: { id: row.id, role: 'operator', expires_at: expect.any(String) },
    })
    expect(await admin.listTokens()).toContainEqual(row)
    expect(JSON.stringify([await admin.listTokens(), await audit(SERVICE_TENANT)])).not.toContain(
      hash,
    )
  })

  it('whose name is taken, also by a revoked one, is not made and not noted', async () => {
    const { id, name, hash } = await newToken()
    await admin.revokeToken(id, ANN)
    const before = await audit(SERVICE_TENANT)
    const again = { name, role: 'admin', hash: sha256('another') } as const
    expect(await admin.addToken(again, BOB)).toBe('taken')
    expect(await admin.findToken(again.hash)).toBeUndefined()
    expect(await admin.findToken(hash)).toBeUndefined()
    expect(await audit(SERVICE_TENANT)).toEqual(before)
  })

  it('of one name made by many at once is made once', async () => {
    const name = newName()
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        admin.addToken({ name, role: 'viewer', hash: sha256(`${name} ${n}`) }, ANN),
      ),
    )
    expect(made.filter((one) => one !== 'taken')).toHaveLength(1)
    expect((await audit(SERVICE_TENANT)).filter(({ subject }) => subject === name)).toHaveLength(1)
  })

  it.each([
    ['a role that there is not', { role: 'owner' as 'admin' }],
    ['a hash that is none', { hash: 'rva_secret' }],
  ])('with %s is refused and not noted', async (_, change) => {
    const before = await audit(SERVICE_TENANT)
    const token = { name: newName(), role: 'admin', hash: sha256('x'), ...change } as const
    await expect(admin.addToken(token, ANN)).rejects.toMatchObject({ code: '23514' })
    expect(await audit(SERVICE_TENANT)).toEqual(before)
  })

  it('is found by its whole hash, and says to the hour that it was used', async () => {
    const { id, name, hash } = await newToken()
    expect(await admin.findToken(hash)).toEqual({ name: `token:${name}`, role: 'operator' })
    for (const other of [
      sha256('nobody'),
      hash.slice(0, -1),
      hash.toUpperCase(),
      `${hash}' or true --`,
      '%',
      '',
    ]) {
      expect(await admin.findToken(other)).toBeUndefined()
    }
    const used = (await admin.listTokens()).find((token) => token.id === id)?.last_used_at
    expect(used).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00Z$/)
    const versionOf = async () => [
      ...(await sql`select xmin::text from admin_token where id = ${id}`),
    ]
    const written = await versionOf()
    await Promise.all(Array.from({ length: 5 }, () => admin.findToken(hash)))
    expect(await versionOf()).toEqual(written)
  })

  it('works until its time is up', async () => {
    const { hash } = await newToken(60)
    expect(await admin.findToken(hash)).toBeDefined()
    await sql`update admin_token set expires_at = now() where hash = ${hash}`
    expect(await admin.findToken(hash)).toBeUndefined()
  })

  it('works until it is revoked, which is noted once', async () => {
    const { id, name, hash } = await newToken()
    expect(await admin.revokeToken(id, BOB)).toBe(true)
    expect(await admin.findToken(hash)).toBeUndefined()
    const before = await audit(SERVICE_TENANT)
    expect(before.at(-1)).toEqual({
      ...{ actor: 'token:ci', action: 'token.revoke', subject: name },
      detail: { id, role: 'operator' },
    })
    for (const other of [id, '00000000-0000-4000-8000-000000000000', name, `${id}'`]) {
      expect(await admin.revokeToken(other, BOB)).toBe(false)
    }
    expect(await audit(SERVICE_TENANT)).toEqual(before)
  })
})

describe('a session', () => {
  const begin = async (name: string, seconds = 3600) => {
    const hash = sha256(name)
    await admin.addSession({ hash, actor: ANN, displayName: 'Ann Example', seconds })
    return hash
  }

  it('is found by the hash of its cookie, and its beginning is noted without the person’s name', async () => {
    const hash = await begin('cookie')
    expect(await admin.findSession(hash)).toEqual({ actor: ANN, displayName: 'Ann Example' })
    for (const other of [sha256('no cookie'), hash.slice(1), hash.toUpperCase(), '']) {
      expect(await admin.findSession(other)).toBeUndefined()
    }
    const noted = (await audit(SERVICE_TENANT)).at(-1)
    expect(noted).toMatchObject({
      ...{ actor: 'oidc:ann', action: 'session.begin', subject: 'oidc:ann' },
      detail: { role: 'admin' },
    })
    expect(JSON.stringify(noted)).not.toMatch(/Ann Example|[0-9a-f]{64}/)
  })

  it('ends when its time is up, and housekeeping takes it away', async () => {
    const [old, other] = [await begin('short'), await begin('long')]
    await sql`update admin_session set expires_at = now() where hash = ${old}`
    expect(await admin.findSession(old)).toBeUndefined()
    await sql`select purge_expired(100)`
    const left = await sql<{ hash: string }[]>`select hash from admin_session`
    expect(left.map(({ hash }) => hash)).not.toContain(old)
    expect(await admin.findSession(other)).toBeDefined()
  })

  it('ends when it is ended, noted once', async () => {
    const hash = await begin('ended')
    await admin.endSession(hash)
    const before = await audit(SERVICE_TENANT)
    expect(before.at(-1)).toMatchObject({ actor: 'oidc:ann', action: 'session.end' })
    expect(await admin.findSession(hash)).toBeUndefined()
    for (const other of [hash, 'nothing']) await admin.endSession(other)
    expect(await audit(SERVICE_TENANT)).toEqual(before)
  })

  it('with the hash of another is refused and not noted', async () => {
    const hash = await begin('mine')
    const before = await audit(SERVICE_TENANT)
    const forged = { hash, actor: BOB, displayName: 'Bob', seconds: 60 }
    await expect(admin.addSession(forged)).rejects.toMatchObject({ code: '23505' })
    expect(await admin.findSession(hash)).toMatchObject({ actor: ANN })
    expect(await audit(SERVICE_TENANT)).toEqual(before)
  })

  it('of one person ends on every device by the statement of the documentation', async () => {
    const text = readFileSync(new URL('../../docs/admin-api.md', import.meta.url), 'utf8')
    const [statement = ''] = /DELETE FROM admin_session WHERE [^`]+/.exec(text) ?? []
    const [one, another] = [await begin('laptop'), await begin('phone')]
    const others = sha256('of somebody else')
    await admin.addSession({ hash: others, actor: BOB, displayName: 'Bob', seconds: 60 })
    await sql.unsafe(statement.replace('oidc:auth0|6510a1b2', ANN.name))
    for (const hash of [one, another]) expect(await admin.findSession(hash)).toBeUndefined()
    expect(await admin.findSession(others)).toMatchObject({ actor: BOB })
  })
})

describe('the audit', async () => {
  const lines = [
    ['read', 'oidc:ann', 'list.add', 300],
    ['read', 'oidc:bob', 'list.add', 200],
    ['read', 'oidc:ann', 'policy.activate', 100],
    ['read-too', 'oidc:ann', 'list.add', 50],
  ] as const
  for (const [tenant, actor, action, seconds] of lines) {
    await sql`
      insert into audit (tenant, at, actor, action, subject, detail)
      values (${tenant}, now() - make_interval(secs => ${seconds}), ${actor}, ${action}, 'it', '{"a": 1}')`
  }
  const found = async (filter: object = {}) =>
    (await admin.listAudit('read', { limit: 50, ...filter })).items.map(
      ({ actor, action }) => `${actor} ${action}`,
    )
  const now = Math.floor(Date.now() / 1000)
  const [first, second, third] = [
    'oidc:ann list.add',
    'oidc:bob list.add',
    'oidc:ann policy.activate',
  ]

  it.each<readonly [string, object, readonly string[]]>([
    ['without a filter', {}, [third, second, first]],
    ['of one actor', { actor: 'oidc:ann' }, [third, first]],
    ['of one action', { action: 'list.add' }, [second, first]],
    ['of a time', { since: now - 250, until: now - 150 }, [second]],
    ['of nobody', { actor: 'oidc:%\0' }, []],
  ])('is read newest first, by tenant, %s', async (_, filter, expected) => {
    expect(await found(filter)).toEqual(expected)
  })

  it('comes in pages, without loss and without repeats', async () => {
    const page = await admin.listAudit('read', { limit: 2 })
    expect(page.items[0]).toEqual({
      ...{ id: expect.stringMatching(/^\d+$/), at: time, actor: 'oidc:ann' },
      ...{ action: 'policy.activate', subject: 'it', detail: { a: 1 } },
    })
    await sql`insert into audit (tenant, actor, action) values ('read', 'oidc:eve', 'late')`
    const rest = await admin.listAudit('read', { limit: 2, cursor: page.next as string })
    expect(rest.items.map(({ actor, action }) => `${actor} ${action}`)).toEqual([first])
    expect(rest).not.toHaveProperty('next')
  })

  it('refuses cursors that are not its own', async () => {
    const { next = '' } = await admin.listAudit('read', { limit: 1 })
    const ofRecords = Buffer.from('1.00000000-0000-4000-8000-000000000000').toString('base64url')
    for (const cursor of ['', `${next}.`, ofRecords, Buffer.from('1.-1').toString('base64url')]) {
      const error = await admin.listAudit('read', { limit: 1, cursor }).catch((e) => e)
      expect(isBadCursor(error)).toBe(true)
    }
  })
})
