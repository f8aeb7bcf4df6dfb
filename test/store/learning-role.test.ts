/** The service's own role, which may neither delete nor write a profile, learns and forgets all the same. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { dueTenants, learnTurn, receiveEvents, unreadHistories } from '../../src/verifier/learn.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const database = await freshDatabase()
const { sql } = database
const password = randomBytes(16).toString('hex')
const login = `rv_login_${randomBytes(8).toString('hex')}`
const prefix = `rv_${randomBytes(8).toString('hex')}_`
const group = `${prefix}app`
// Roles belong to the server, which other tests use as well: the file's names for its roles are replaced.
const grants = readFileSync(new URL('../../db/grants.sql', import.meta.url), 'utf8')
await sql.unsafe(grants.replaceAll('redirect_verifier_', prefix))
await sql.unsafe(`create role ${login} login password '${password}' in role ${group}`)
const url = new URL(database.url)
url.username = login
url.password = password
const store = createPoolStore(url.href, { ...PATIENT, connections: 1 })
afterAll(async () => {
  await store.close()
  await sql.unsafe(
    `drop role ${login}; drop owned by ${group}, ${prefix}admin; drop role ${group}, ${prefix}admin`,
  )
})

it('with the grants alone', async () => {
  await createArrangement(database).activatePolicy('acme', policyOf())
  const identifiers = createIdentifiers(IDENTIFIER_SECRET)
  const address = identifiers.pseudonym('acme', 'address', '203.0.113.9')
  const opened = await store.open(
    openingOf('role', {
      user: identifiers.pseudonym('acme', 'user', 'auth0|1'),
      tokenAddress: address,
      visitAddress: address,
    }),
  )
  if (opened.kind !== 'opened') throw new Error(opened.kind)
  await store.settle({ ...opened.assessment, decision: decisionOf() })
  const items = ['scp', 's', 'fp'].map((type) => ({
    log_id: type,
    data: { type, user_id: 'auth0|1', ip: '203.0.113.9', date: new Date().toISOString() },
  }))
  const now = Math.floor((await store.check()).epochSeconds)
  await receiveEvents({ store, identifiers }, 'acme', items, now)
  expect(await learnTurn(store, 'acme', { olderThanSeconds: -60 })).toEqual({
    confirmed: 1,
    folded: 1,
  })
  expect(await unreadHistories(store, ['acme'], identifiers, 400)).toEqual([])
  expect(await dueTenants(store, ['acme'], { olderThanSeconds: -60 })).toEqual([])
  expect(await store.tidy({ recordDays: 90, profileDays: 400 })).toMatchObject({ dropped: 0 })
  expect([...(await sql`select n from user_profile`)]).toEqual([{ n: 2 }])

  const asApp = await sql.reserve()
  await asApp.unsafe(`set role ${group}`)
  for (const forbidden of [
    'delete from user_event',
    'update user_event set user_key = 1',
    'update user_profile set n = 9',
    "insert into user_profile values ('acme', 1, 1, '{}', 1, 1, 1, now(), now())",
    'update global_total set n = 9',
    'delete from learning_state',
    'delete from identifier_key',
    "insert into asn_list values ('acme', 1, 1)",
  ]) {
    await expect(asApp.unsafe(forbidden), forbidden).rejects.toMatchObject({ code: '42501' })
  }
  await asApp.unsafe('reset role')
  asApp.release()
})
