/** A shadow version in a running service: what it would have decided is on record, and nobody meets it. */
import { expect, it } from 'vitest'
import { shadowPolicy } from '../../db/policies.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { freshDatabase } from '../support/database.ts'
import { openWorld, passVerifier, placeOf } from '../support/world.ts'

const database = await freshDatabase()
const [reset] = defaultPolicies('enforce') as [PolicyDocument]
/** Denies everybody. */
const HARSH: PolicyDocument = {
  ...reset,
  version: 2,
  rules: [],
  floors: [
    {
      id: 'everybody',
      when: { signal: 'unconfirmed_recent', op: 'eq', value: false },
      floor: 'deny',
      on_unknown: 'deny',
      reason: 'not_permitted',
    },
  ],
}

it('a user whom a shadow version would deny sets a new password, and its verdict is stored', async () => {
  const world = await openWorld(database)
  await shadowPolicy(database.url, world.tenantId, HARSH)
  await world.verifier.stop()
  await world.verifier.start()
  const { browser } = await world.arrive(world.addUser())
  expect(placeOf(await passVerifier(browser))).toBe('new password')
  expect(await world.records()).toMatchObject([
    { outcome: 'allow', decision: { policy_version: 1 } },
  ])
  const [record] = await database.sql`
    select shadow from assessment where tenant = ${world.tenantId}`
  expect(record?.shadow).toMatchObject([
    { policy_version: 2, outcome: 'deny', rules: ['everybody'] },
  ])
})
