/** Policy versions through the operator's store: added, activated, watched, replayed; each change audited once. */
import { describe, expect, it } from 'vitest'
import type { BacktestRecord } from '../../src/verifier/domain/backtest.ts'
import type { PolicyKey } from '../../src/verifier/ports-admin.ts'
import { createAdminStore, createRequestAdminStore } from '../../src/verifier/store/admin-store.ts'
import { decisionOf, openingOf, policyOf } from '../support/openings.ts'
import { ANN, adminDatabase, BOB } from './admin-database.ts'

const { sql, admin, store, verify, audit, adminUrl } = await adminDatabase()

let tenants = 0
const newTenant = () => {
  tenants += 1
  return `tenant-${tenants}`
}
const keyOf = (tenant: string, version: number): PolicyKey => ({
  ...{ tenant, flow: 'password_reset', version },
})
const statuses = async (tenant: string) =>
  (await admin.listPolicies(tenant)).map(({ version, status }) => `${version} ${status}`)

describe('adding a version', () => {
  it.each([
    ['draft', 'policy.add', {}],
    ['shadow', 'policy.shadow', {}],
    ['active', 'policy.activate', { replaced: null }],
  ] as const)('as %s is noted once as %s', async (status, action, more) => {
    const tenant = newTenant()
    expect(await admin.addPolicy(tenant, policyOf(), status, ANN)).toBe('added')
    expect(await statuses(tenant)).toEqual([`1 ${status}`])
    expect(await audit(tenant)).toEqual([
      {
        actor: 'oidc:ann',
        action,
        subject: 'password_reset 1',
        detail: { flow: 'password_reset', version: 1, ...more },
      },
    ])
  })

  it('whose number is taken changes nothing and is not noted', async () => {
    const tenant = newTenant()
    await admin.addPolicy(tenant, policyOf(), 'active', ANN)
    const before = await audit(tenant)
    const other = policyOf({ prior: -1 })
    for (const status of ['draft', 'shadow', 'active'] as const) {
      expect(await admin.addPolicy(tenant, other, status, BOB)).toBe('taken')
    }
    expect(await admin.readPolicy(keyOf(tenant, 1))).toMatchObject({
      ...{ status: 'active', body: policyOf() },
    })
    expect(await audit(tenant)).toEqual(before)
  })

  it('is for its flow and its tenant', async () => {
    const tenant = newTenant()
    await admin.addPolicy(tenant, policyOf(), 'active', ANN)
    expect(await admin.addPolicy(tenant, policyOf({ flow: 'login' }), 'active', ANN)).toBe('added')
    expect((await admin.listPolicies(tenant)).map(({ flow }) => flow)).toEqual([
      'login',
      'password_reset',
    ])
    expect(await admin.listPolicies(`${tenant}-other`)).toEqual([])
    expect(await admin.readPolicy(keyOf(`${tenant}-other`, 1))).toBeUndefined()
  })
})

describe('activating a stored version', () => {
  it('takes the place of the one before, which is kept', async () => {
    const tenant = newTenant()
    await admin.addPolicy(tenant, policyOf(), 'active', ANN)
    await admin.addPolicy(tenant, policyOf({ version: 2 }), 'draft', ANN)
    expect(await admin.activatePolicy(keyOf(tenant, 2), BOB)).toEqual({ replaced: 1 })
    expect(await statuses(tenant)).toEqual(['2 active', '1 retired'])
    expect((await audit(tenant)).at(-1)).toEqual({
      actor: 'token:ci',
      action: 'policy.activate',
      subject: 'password_reset 2',
      detail: { flow: 'password_reset', version: 2, replaced: 1, from: 'draft' },
    })
    expect(await admin.activatePolicy(keyOf(tenant, 1), BOB)).toEqual({ replaced: 2 })
  })

  it('that is active already changes nothing', async () => {
    const tenant = newTenant()
    await admin.addPolicy(tenant, policyOf(), 'active', ANN)
    expect(await admin.activatePolicy(keyOf(tenant, 1), ANN)).toEqual({ replaced: 1 })
    expect(await audit(tenant)).toHaveLength(1)
  })

  it('that does not exist, or is another tenant’s, changes nothing', async () => {
    const tenant = newTenant()
    await admin.addPolicy(tenant, policyOf(), 'active', ANN)
    for (const key of [
      keyOf(tenant, 2),
      keyOf(newTenant(), 1),
      { ...keyOf(tenant, 1), flow: 'login' as const },
    ]) {
      expect(await admin.activatePolicy(key, ANN)).toBe('absent')
      expect(await admin.shadowPolicy(key, ANN)).toBe('absent')
      expect(await admin.retireShadow(key, ANN)).toBe(false)
      if (key.tenant !== tenant) expect(await audit(key.tenant)).toEqual([])
    }
    expect(await statuses(tenant)).toEqual(['1 active'])
    expect(await audit(tenant)).toHaveLength(1)
  })

  it('by many at once leaves one active, and a line for each that took another’s place', async () => {
    const tenant = newTenant()
    const versions = [1, 2, 3, 4, 5, 6]
    for (const version of versions) {
      await admin.addPolicy(tenant, policyOf({ version }), 'draft', ANN)
    }
    const done = await Promise.all(
      versions.map((version) => admin.activatePolicy(keyOf(tenant, version), BOB)),
    )
    const found = await statuses(tenant)
    expect(found.filter((status) => status.endsWith('active'))).toHaveLength(1)
    expect(found.filter((status) => status.endsWith('retired'))).toHaveLength(5)
    const replaced = done.map((one) => (one === 'absent' ? one : one.replaced))
    expect(replaced.filter((version) => version === null)).toHaveLength(1)
    expect(new Set(replaced).size).toBe(6)
    expect((await audit(tenant)).filter(({ action }) => action === 'policy.activate')).toHaveLength(
      6,
    )
  })
})

describe('a watch', () => {
  it('begins, begins once, and ends', async () => {
    const tenant = newTenant()
    await admin.addPolicy(tenant, policyOf(), 'active', ANN)
    await admin.addPolicy(tenant, policyOf({ version: 2 }), 'draft', ANN)
    const key = keyOf(tenant, 2)
    expect(await admin.shadowPolicy(key, BOB)).toBe('shadowed')
    expect(await admin.shadowPolicy(key, BOB)).toBe('shadowed')
    expect(await statuses(tenant)).toEqual(['2 shadow', '1 active'])
    expect(await admin.retireShadow(key, BOB)).toBe(true)
    expect(await admin.retireShadow(key, BOB)).toBe(false)
    expect(await statuses(tenant)).toEqual(['2 retired', '1 active'])
    expect((await audit(tenant)).slice(2)).toMatchObject([
      { actor: 'token:ci', action: 'policy.shadow', detail: { version: 2, from: 'draft' } },
      { actor: 'token:ci', action: 'policy.retire', detail: { version: 2, from: 'shadow' } },
    ])
  })

  it('is not kept over the version that decides', async () => {
    const tenant = newTenant()
    await admin.addPolicy(tenant, policyOf(), 'active', ANN)
    expect(await admin.shadowPolicy(keyOf(tenant, 1), ANN)).toBe('active')
    expect(await admin.retireShadow(keyOf(tenant, 1), ANN)).toBe(false)
    expect(await statuses(tenant)).toEqual(['1 active'])
    expect(await audit(tenant)).toHaveLength(1)
  })

  it('is counted against what the active version found', async () => {
    const tenantId = newTenant()
    await admin.addPolicy(tenantId, policyOf(), 'active', ANN)
    for (const [name, assessed] of [
      ['a', 'step_up'],
      ['b', 'step_up'],
      ['c', 'allow'],
    ] as const) {
      const opened = await store.open(openingOf(`${tenantId} ${name}`, { tenantId }))
      if (opened.kind !== 'opened') throw new Error(opened.kind)
      await store.settle({
        ...opened.assessment,
        decision: decisionOf(),
        shadow: [{ policy_version: 2, outcome: assessed, assessed, score: 1, rules: [] }],
      })
    }
    const selection = { tenant: tenantId, flow: 'password_reset' } as const
    const counts = await admin.countShadow(selection, 2)
    expect([...counts].sort((a, b) => a.records - b.records)).toEqual([
      { active: 'allow', shadow: 'allow', records: 1, users: 1 },
      { active: 'allow', shadow: 'step_up', records: 2, users: 2 },
    ])
    expect(await admin.countShadow(selection, 3)).toEqual([])
  })
})

describe('a replay', async () => {
  const tenantId = 'replayed'
  await admin.addPolicy(tenantId, policyOf(), 'active', ANN)
  const selection = { tenant: tenantId, flow: 'password_reset' } as const
  const shared = { tenantId, user: '7', tokenAddress: '7', visitAddress: '7' }
  for (const name of ['first', 'second', 'third']) await verify(`replay ${name}`, {}, shared)
  await store.open(openingOf('replay open', shared))
  const many = { tenant: 'replayed much', flow: 'password_reset' } as const
  await sql`
    insert into assessment
    select (json_populate_record(a, json_build_object('id', gen_random_uuid(), 'tenant',
      ${many.tenant}::text))).*
    from assessment as a, generate_series(1, 5000)
    where a.tenant = ${tenantId} and a.assessed is not null`

  const running = async () => {
    const rows = await sql<{ state: string }[]>`
      select state from pg_stat_activity
      where datname = current_database() and application_name = 'redirect-verifier-admin'
        and query like '%facts, user_key%' and state = 'active'`
    return rows.length
  }

  it('reads every settled record, oldest first, and counts as many', async () => {
    const records: BacktestRecord[] = []
    await admin.replay(
      selection,
      (record) => {
        records.push(record)
      },
      new AbortController().signal,
    )
    expect(records).toHaveLength(3)
    expect(await admin.countReplay(selection)).toBe(3)
    expect(records[0]).toMatchObject({ user: '7', assessed: 'allow' })
    const decided = records.map(({ facts }) => facts.decided_at)
    expect(decided).toEqual([...decided].sort((a, b) => a - b))
  })

  it('that was stopped before it began reads nothing', async () => {
    let taken = 0
    const count = () => {
      taken += 1
    }
    await expect(admin.replay(selection, count, AbortSignal.abort())).rejects.toMatchObject({
      code: 'STOPPED',
    })
    expect(taken).toBe(0)
  })

  it('that is stopped reads no further, and nothing of it goes on', async () => {
    const stop = new AbortController()
    let taken = 0
    const take = () => {
      taken += 1
      if (taken === 700) stop.abort()
    }
    await expect(admin.replay(many, take, stop.signal)).rejects.toMatchObject({
      code: 'STOPPED',
    })
    expect(taken).toBeLessThanOrEqual(1000)
    expect(await running()).toBe(0)
    expect(await admin.countReplay(many)).toBe(15_000)
  })

  it('is not cut off by the limit of its role, also where the session may set none', async () => {
    const limited = new URL(adminUrl)
    limited.searchParams.set('options', '-c statement_timeout=40ms')
    for (const bound of [
      createRequestAdminStore(limited.href),
      createAdminStore(adminUrl, { statementMilliseconds: 40, connectSeconds: 20 }),
    ]) {
      let taken = 0
      const count = () => {
        taken += 1
      }
      await bound.replay(many, count, new AbortController().signal)
      expect(taken).toBe(15_000)
      expect(await bound.countReplay(many)).toBe(15_000)
    }
  })

  it('beyond those that may run at once is refused, and there is room again after them', async () => {
    const small = createAdminStore(adminUrl, { longReadings: 1, connectSeconds: 20 })
    let taken = 0
    const first = small.replay(
      many,
      () => {
        taken += 1
      },
      new AbortController().signal,
    )
    await expect(small.countReplay(many)).rejects.toMatchObject({ kind: 'overloaded' })
    await first
    expect(taken).toBe(15_000)
    expect(await small.countReplay(many)).toBe(15_000)
    await small.close()
  })
})
