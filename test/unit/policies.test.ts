/** Compiled policies in memory: shared where documents are equal, each tenant's own where they are not. */
import { describe, expect, it } from 'vitest'
import { createPolicies } from '../../src/verifier/policies.ts'
import { floorOf, policyOf } from './support/policies.ts'

const NEVER = { readPolicy: () => Promise.reject(new Error('the body was there')) }
const keyOf = (tenantId: string, policyId: number) =>
  ({ tenantId, flow: 'password_reset', policyId }) as const
/** As it comes from Postgres: a new object each time. */
const stored = (id: number, document: unknown) => ({
  id,
  body: JSON.parse(JSON.stringify(document)) as unknown,
})
const STRICT = policyOf({
  floors: [
    floorOf({
      id: 'strict',
      when: { signal: 'unconfirmed_recent', op: 'eq', value: false },
      floor: 'deny',
    }),
  ],
})

describe('policies', () => {
  it('of many tenants with one document are compiled once', async () => {
    const policies = createPolicies()
    const compiled = await Promise.all(
      ['acme', 'globex', 'initech'].map((tenantId, index) =>
        policies.compiled(keyOf(tenantId, index), stored(index, policyOf()), NEVER),
      ),
    )
    expect(compiled[0]).toBeDefined()
    expect(new Set(compiled).size).toBe(1)
  })

  it('that differ in one value are not shared', async () => {
    const policies = createPolicies()
    const ours = await policies.compiled(keyOf('acme', 1), stored(1, policyOf()), NEVER)
    const theirs = await policies.compiled(keyOf('globex', 2), stored(2, STRICT), NEVER)
    expect([ours?.document.floors.length, theirs?.document.floors.length]).toEqual([
      policyOf().floors.length,
      1,
    ])
    const again = await policies.compiled(keyOf('acme', 1), undefined, NEVER)
    expect(again).toBe(ours)
  })

  it('stay right beyond the number that is shared', async () => {
    const policies = createPolicies()
    for (let id = 1; id <= 250; id += 1) {
      const document = policyOf({ version: id })
      const compiled = await policies.compiled(keyOf(`t${id}`, id), stored(id, document), NEVER)
      expect(compiled?.document.version).toBe(id)
    }
    const first = await policies.compiled(keyOf('t1', 1), undefined, NEVER)
    expect(first?.document.version).toBe(1)
  })

  it('that cannot be compiled are nobody’s', async () => {
    const policies = createPolicies()
    for (const tenantId of ['acme', 'globex']) {
      const broken = { id: 9, body: { version: 1 } }
      expect(await policies.compiled(keyOf(tenantId, 9), broken, NEVER)).toBeUndefined()
    }
    expect(policies.known('acme', 'password_reset')).toEqual([])
  })
})

describe('shadow versions', () => {
  const rowsOf = (...tenants: readonly string[]) =>
    tenants.map((tenantId, index) => ({
      tenantId,
      flow: 'password_reset' as const,
      ...stored(index + 1, policyOf({ version: index + 1 })),
    }))

  it('are found by tenant and flow, in the order of the store, and forgotten when they are withdrawn', async () => {
    const policies = createPolicies()
    await policies.refreshShadows({
      readShadows: async () => rowsOf('acme', 'globex', 'acme'),
    })
    const versions = (tenantId: string, flow: 'password_reset' | 'login' = 'password_reset') =>
      policies.shadows(tenantId, flow).map(({ document }) => document.version)
    expect(versions('acme')).toEqual([1, 3])
    expect(versions('globex')).toEqual([2])
    expect(versions('acme', 'login')).toEqual([])
    expect(versions('initech')).toEqual([])
    await policies.refreshShadows({ readShadows: async () => [] })
    expect(versions('acme')).toEqual([])
  })
})
