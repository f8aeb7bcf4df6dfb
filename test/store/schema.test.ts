/** Migrations, and what the schema itself refuses and cleans up. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import postgres, { type Sql } from 'postgres'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { migrate } from '../../db/migrate.ts'
import { activatePolicy } from '../../db/policies.ts'
import { SCHEMA_VERSION } from '../../db/schema-version.ts'
import { seed } from '../../db/seed.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'

const connect = (url: string) => postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })

describe('migrating', () => {
  it('eight processes at once bring an empty database to this schema, each without an error', async () => {
    const server = inject('postgresUrl')
    const name = `rv_migrate_${randomBytes(8).toString('hex')}`
    const admin = connect(server)
    await admin.unsafe(`create database ${name}`)
    const url = new URL(server)
    url.pathname = `/${name}`
    try {
      await Promise.all(Array.from({ length: 8 }, () => migrate(url.href)))
      const store = createPoolStore(url.href, { ...PATIENT, connections: 1 })
      expect(await store.check()).toEqual({
        schema: `${SCHEMA_VERSION}`,
        epochSeconds: expect.any(Number),
      })
      await store.close()
    } finally {
      await admin.unsafe(`drop database ${name} with (force)`)
      await admin.end()
    }
  })

  it('the build knows as many migrations as there are', () => {
    const journal = readFileSync(
      new URL('../../db/migrations/meta/_journal.json', import.meta.url),
      'utf8',
    )
    expect(JSON.parse(journal).entries).toHaveLength(SCHEMA_VERSION)
  })
})

describe('in a migrated database', async () => {
  const { url, sql } = await freshDatabase()
  const store = createPoolStore(url, { ...PATIENT, connections: 2 })
  afterAll(() => store.close())

  it('seeding twice, and eight at once, adds each tenant and policy once', async () => {
    const tenants = [
      {
        id: 'seeded',
        settings: { name: 'Acme' },
        policies: [policyOf(), policyOf({ flow: 'login' })],
      },
    ]
    await Promise.all(Array.from({ length: 8 }, () => seed(url, tenants)))
    await seed(url, [
      { id: 'seeded', settings: { name: 'Other' }, policies: [policyOf({ version: 9 })] },
    ])
    const policies = await sql`
      select flow, version, status from policy where tenant = 'seeded' order by flow`
    expect([...policies]).toEqual([
      { flow: 'login', version: 1, status: 'active' },
      { flow: 'password_reset', version: 1, status: 'active' },
    ])
    expect((await store.readSettings()).get('seeded')).toMatchObject({ name: 'Acme' })
  })

  it('a policy version never changes, and one that was in use never goes', async () => {
    const id = await activatePolicy(url, 'kept', policyOf())
    await expect(
      sql`update policy set body = body || '{"prior": 0}' where id = ${id}`,
    ).rejects.toThrow('immutable')
    await expect(sql`update policy set tenant = 'other' where id = ${id}`).rejects.toThrow(
      'immutable',
    )
    await expect(sql`delete from policy where id = ${id}`).rejects.toThrow('is kept')
    await expect(sql`update policy set status = 'draft' where id = ${id}`).rejects.toThrow('draft')
    await expect(activatePolicy(url, 'kept', policyOf())).rejects.toThrow('already')
    const second = await activatePolicy(url, 'kept', policyOf({ version: 2 }))
    const rows = await sql`select id, status from policy where tenant = 'kept' order by id`
    expect([...rows]).toEqual([
      { id, status: 'retired' },
      { id: second, status: 'active' },
    ])
    await expect(sql`update policy set status = 'active' where id = ${id}`).rejects.toThrow(
      'policy_one_active',
    )
  })

  it.each([
    ['no allowance', { limits: {} }],
    ['an allowance of zero', { limits: { user: { per_hour: 0 }, address: { per_hour: 1 } } }],
    [
      'an allowance that is no number',
      { limits: { user: { per_hour: 'NaN' }, address: { per_hour: 1 } } },
    ],
    ['another flow in its body', { flow: undefined }],
    ['no version in its body', { version: undefined }],
  ])('a policy with %s is refused', async (_case, changes) => {
    const body = JSON.stringify({ ...policyOf(), ...changes })
    await expect(
      sql`insert into policy (tenant, flow, version, body)
          values ('bad', 'password_reset', 1, ${body}::text::jsonb)`,
    ).rejects.toMatchObject({ code: expect.stringMatching(/^23/) })
  })

  it('the audit takes entries and gives none up', async () => {
    await sql`insert into audit (tenant, actor, action) values ('acme', 'op', 'policy.activate')`
    await expect(sql`update audit set actor = 'nobody'`).rejects.toThrow('append-only')
    await expect(sql`delete from audit`).rejects.toThrow('append-only')
    await expect(sql`truncate audit`).rejects.toThrow('append-only')
    expect(await sql`select actor from audit where actor = 'op'`).toHaveLength(1)
  })

  it('records go to the partition of their week, and old partitions go as a whole', async () => {
    const partitions = async () => {
      const rows = await sql<{ name: string }[]>`
        select inhrelid::regclass::text as name from pg_inherits
        where inhparent = 'assessment'::regclass order by name`
      return rows.map(({ name }) => name)
    }
    const before = await partitions()
    await activatePolicy(url, 'acme', policyOf())
    await store.open(openingOf('this week'))
    const [home] = await sql`select tableoid::regclass::text as name from assessment`
    expect(home?.name).toMatch(/^assessment_\d{8}$/)

    // A row that no partition covers waits in the default one until its partition is made.
    await sql`
      insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
        user_key, facts)
      select tenant, opened_at + interval '6 weeks', gen_random_uuid(), reference, flow,
        engine_version, policy_id, user_key, facts
      from assessment`
    expect(await sql`select from assessment_default`).toHaveLength(1)
    await sql`select ensure_partitions(8)`
    await sql`select ensure_partitions(8)`
    expect(await sql`select from assessment_default`).toHaveLength(0)
    expect(await sql`select from assessment`).toHaveLength(2)
    expect((await partitions()).length).toBe(before.length + 4)

    await expect(sql`select drop_old_partitions('6 days')`).rejects.toThrow('younger than a week')
    expect([...(await sql`select drop_old_partitions('90 days') as dropped`)]).toEqual([
      { dropped: 0 },
    ])
    await sql`
      create table assessment_20200106 partition of assessment
      for values from ('2020-01-06 00:00+00') to ('2020-01-13 00:00+00')`
    expect([...(await sql`select drop_old_partitions('90 days') as dropped`)]).toEqual([
      { dropped: 1 },
    ])
    expect(await sql`select from assessment`).toHaveLength(2)
  })

  it('what has expired is purged, in portions, and nothing else', async () => {
    await activatePolicy(url, 'purged', policyOf())
    const opening = (name: string, keepUntil: number) =>
      openingOf(name, { tenantId: 'purged', keepUntil })
    for (const name of ['a', 'b', 'c']) await store.open(opening(name, 1_000_000))
    await store.open(opening('kept', 4_102_444_800))
    await sql`
      update rate_gcra set arrival = now() - interval '25 hours'
      where tenant = 'purged' and bucket = 'user'`
    const purge = async (batch: number) => {
      const [row] = await sql`select purge_expired(${batch}) as gone`
      return row?.gone
    }
    expect(await purge(2)).toBe(2 + 2 + 2)
    expect(await purge(100)).toBe(1 + 1 + 2)
    expect(await purge(100)).toBe(0)
    expect(await store.open(opening('kept', 4_102_444_800))).toMatchObject({ fresh: false })
    expect(await sql`select from rate_gcra where tenant = 'purged'`).toHaveLength(8)
  })

  it('a role with the grants alone runs the service and its housekeeping, and can do no harm', async () => {
    const password = randomBytes(16).toString('hex')
    const login = `rv_login_${randomBytes(8).toString('hex')}`
    const prefix = `rv_${randomBytes(8).toString('hex')}_`
    const group = `${prefix}app`
    // Roles belong to the server, which other tests use as well: the file's names for its roles are replaced.
    const grants = readFileSync(new URL('../../db/grants.sql', import.meta.url), 'utf8')
    await sql.unsafe(grants.replaceAll('redirect_verifier_', prefix))
    await sql.unsafe(`create role ${login} login password '${password}' in role ${group}`)
    await activatePolicy(url, 'granted', policyOf())
    const asApp = new URL(url)
    asApp.username = login
    asApp.password = password
    const appStore = createPoolStore(asApp.href, { ...PATIENT, connections: 1 })
    const app = connect(asApp.href)
    try {
      const answer = await appStore.open(openingOf('granted', { tenantId: 'granted' }))
      if (answer.kind !== 'opened') throw new Error(answer.kind)
      const { tenantId, id, openedAt } = answer.assessment
      await appStore.settle({ tenantId, id, openedAt, decision: decisionOf() })
      expect(await appStore.open(openingOf('granted', { tenantId: 'granted' }))).toMatchObject({
        fresh: false,
        assessment: { decision: decisionOf() },
      })
      await appStore.readUnsettled(0, 1)
      await appStore.readPolicy('granted', answer.assessment.policyId)
      await appStore.readSettings()
      await appStore.check()
      await app`select ensure_partitions(9), drop_old_partitions('90 days'), purge_expired(10)`
      await app`insert into audit (tenant, actor, action) values ('granted', 'app', 'x')`
      for (const forbidden of FORBIDDEN) await expectRefused(app, forbidden)
    } finally {
      await appStore.close()
      await app.end()
      await sql.unsafe(
        `drop role ${login}; drop owned by ${group}, ${prefix}admin; drop role ${group}, ${prefix}admin`,
      )
    }
  })
})

const FORBIDDEN = [
  'create table mine ()',
  'drop table redemption',
  'alter table audit disable trigger all',
  'delete from redemption',
  'delete from assessment',
  "update assessment set facts = '{}'",
  "update policy set status = 'retired'",
  "insert into entity_list values ('granted', 'user', '1', 'allow')",
  "insert into release values ('granted', 1, now())",
  'select from audit',
  'delete from audit',
  'select from admin_token',
  'select from admin_session',
  "insert into admin_token (name, role, hash) values ('x', 'admin', repeat('0', 64))",
  'delete from admin_session',
]

async function expectRefused(app: Sql, statement: string): Promise<void> {
  await expect(app.unsafe(statement), statement).rejects.toMatchObject({ code: '42501' })
}
