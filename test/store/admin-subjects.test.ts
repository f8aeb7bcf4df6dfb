/** People and list entries through the operator's store, and what its role may not do at all. */
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import type { NewListEntry } from '../../src/verifier/ports-admin.ts'
import { numberOf, policyOf, sha256 } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { ANN, adminDatabase, BOB } from './admin-database.ts'

const { sql, url, admin, verify, audit, adminUrl } = await adminDatabase()
for (const tenant of ['acme', 'other']) await admin.addPolicy(tenant, policyOf(), 'active', ANN)

describe('a list entry', () => {
  const entry: NewListEntry = { kind: 'country', value: 'NO', action: 'deny', note: 'a wave' }
  const noted = async (tenant: string) => (await audit(tenant)).slice(-1)[0]

  it('is put, put again and removed, each noted with what was before', async () => {
    const tenant = 'listed'
    await admin.putEntry(tenant, { ...entry, expiresInSeconds: 3600 }, ANN)
    expect(await admin.readEntries(tenant)).toEqual([
      { ...entry, expires_at: expect.any(String), created_at: expect.any(String) },
    ])
    expect(await noted(tenant)).toMatchObject({
      ...{ actor: 'oidc:ann', action: 'list.add', subject: 'country NO' },
      detail: { action: 'deny', note: 'a wave', before: null },
    })
    await admin.putEntry(tenant, { ...entry, action: 'allow', note: 'over' }, BOB)
    expect(await admin.readEntries(tenant)).toMatchObject([{ action: 'allow', expires_at: null }])
    expect(await noted(tenant)).toMatchObject({
      detail: { action: 'allow', before: { action: 'deny', expires_at: expect.any(String) } },
    })
    const key = { kind: 'country', value: 'NO' }
    expect(await admin.removeEntry(tenant, key, BOB)).toBe(true)
    expect(await noted(tenant)).toMatchObject({
      ...{ actor: 'token:ci', action: 'list.remove' },
      detail: { before: { action: 'allow' } },
    })
    expect(await admin.removeEntry(tenant, key, BOB)).toBe(false)
    expect(await audit(tenant)).toHaveLength(3)
  })

  it('of another tenant is neither seen nor removed', async () => {
    await admin.putEntry('listed-a', entry, ANN)
    expect(await admin.readEntries('listed-b')).toEqual([])
    expect(await admin.removeEntry('listed-b', entry, ANN)).toBe(false)
    expect(await admin.readEntries('listed-a')).toHaveLength(1)
    expect(await audit('listed-b')).toEqual([])
  })

  it.each([
    ['a kind', { kind: 'planet' as 'country' }],
    ['an action', { action: 'ask' as 'deny' }],
  ])('with %s that there is not is refused and not noted', async (_, change) => {
    await expect(admin.putEntry('listed-c', { ...entry, ...change }, ANN)).rejects.toMatchObject({
      name: 'StoreError',
      code: '23514',
    })
    expect(await admin.readEntries('listed-c')).toEqual([])
    expect(await audit('listed-c')).toEqual([])
  })

  it.each(['user', 'address', 'device'] as const)(
    'for a %s leaves no word of the note in the audit',
    async (kind) => {
      const note = 'lives next door'
      await admin.putEntry('listed-d', { kind, value: '17', action: 'deny', note }, ANN)
      expect(await admin.readEntries('listed-d')).toContainEqual(expect.objectContaining({ note }))
      expect(JSON.stringify(await audit('listed-d'))).not.toContain('next door')
    },
  )

  it('stands beside the feeds that are loaded', async () => {
    await createArrangement({ sql, url }).putRanges(
      'listed-e',
      ['tor', 'vpn'],
      [
        { low: '192.0.2.0', high: '192.0.2.9', kinds: ['tor'] },
        { low: '198.51.100.0', high: '198.51.100.9', kinds: ['tor', 'vpn'] },
      ],
    )
    expect(await admin.readFeeds('listed-e')).toMatchObject([
      { kind: 'tor', ranges: 2, networks: 0 },
      { kind: 'vpn', ranges: 1, networks: 0 },
    ])
  })
})

describe('a person', () => {
  const subjectHash = sha256('the subject')
  const user = numberOf('the person')
  const keys = { users: [user, '5'], subjectHashes: [subjectHash] }
  const fill = async (tenantId: string) => {
    await verify(`person at ${tenantId}`, {}, { tenantId, user, subjectHash })
    await admin.putEntry(tenantId, { kind: 'user', value: user, action: 'deny', note: 'x' }, ANN)
    await createArrangement({ sql, url }).putProfile(tenantId, user, {
      ...{ n: 3, hist: {}, first_at: 1, last_at: 2 },
    })
  }

  it('is exported whole, which is noted by the pseudonym', async () => {
    await fill('acme')
    const exported = await admin.exportSubject('acme', keys, BOB)
    expect(exported).toMatchObject({
      ...{ profile: [{ n: 3 }], list_entries: [{ note: 'x' }], velocity: [{ bucket: 'user' }] },
    })
    expect(exported.verifications).toHaveLength(1)
    const [first] = [user, '5'].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
    expect((await audit('acme')).at(-1)).toEqual({
      ...{ actor: 'token:ci', action: 'user.export', subject: first, detail: null },
    })
  })

  it('is erased in this tenant and in no other', async () => {
    await fill('other')
    expect(await admin.eraseSubject('acme', keys, ANN)).toMatchObject({
      ...{ profiles: 1, verifications: 1, list_entries: 1, velocity: 1 },
    })
    expect((await audit('acme')).at(-1)).toMatchObject({ action: 'user.erase' })
    const { audit: lines, ...left } = await admin.exportSubject('acme', keys, ANN)
    expect(Object.values(left).flat()).toEqual([])
    expect(lines).toContainEqual(expect.objectContaining({ action: 'user.erase' }))
    expect(
      await sql`select from redemption where subject_hash = decode(${subjectHash}, 'hex') and tenant = 'acme'`,
    ).toHaveLength(0)
    expect(await admin.exportSubject('other', keys, ANN)).toMatchObject({ profile: [{ n: 3 }] })
  })
})

it.each([
  "update assessment set facts = '{}'",
  'update assessment set decision = null',
  "update assessment set outcome = 'allow'",
  'update assessment set confirmed_at = now()',
  "insert into assessment (tenant) values ('acme')",
  "update policy set body = '{}'",
  'delete from policy',
  "insert into policy (tenant, flow, version, body, created_at) values ('x', 'login', 1, '{}', now())",
  "update audit set actor = 'nobody'",
  'delete from audit',
  'truncate audit',
  'alter table audit disable trigger all',
  "update admin_token set role = 'admin'",
  "update admin_token set hash = repeat('0', 64)",
  'delete from admin_token',
  "update admin_session set role = 'admin'",
  'delete from redemption',
  'update redemption set binding_hash = subject_hash',
  'select from state_claim',
  'delete from state_claim',
  'update user_profile set n = 99',
  "insert into user_profile (tenant) values ('acme')",
  'delete from ip_range',
  'select purge_expired(1)',
  "select drop_old_partitions('90 days')",
  'create table mine ()',
  'drop table admin_token',
])('its role may not: %s', async (statement) => {
  const own = postgres(adminUrl, { max: 1, fetch_types: false, onnotice: () => {} })
  await expect(own.unsafe(statement)).rejects.toMatchObject({ code: '42501' })
  await own.end()
})
