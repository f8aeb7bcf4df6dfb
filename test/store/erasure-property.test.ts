/** For any history: who was erased is a stranger from then on, and nobody else is touched by it. */
import fc from 'fast-check'
import '../support/seed.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StoreFacts } from '../../src/verifier/domain/facts.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { learnTurn, receiveEvents } from '../../src/verifier/learn.ts'
import { putEntry } from '../../src/verifier/store/lists-entries.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { eraseSubject } from '../../src/verifier/store/subjects.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const database = await freshDatabase()
const { sql } = database
const arrange = createArrangement(database)
const store = createPoolStore(database.url, { ...PATIENT, connections: 2 })
const identifiers = createIdentifiers(IDENTIFIER_SECRET)

beforeAll(async () => {
  await arrange.activatePolicy('acme', policyOf())
  await sql`insert into domain_list values ('acme', 'trash.example')`
})
afterAll(() => store.close())

const SUBJECT = 'auth0|erased'
const OTHER = 'auth0|other'
const STRANGER = 'auth0|stranger'
const keysOf = (subject: string) => ({
  users: [identifiers.pseudonym('acme', 'user', subject)],
  subjectHashes: [identifiers.digest('subject', 'acme', subject)],
})
const userOf = (subject: string) => keysOf(subject).users[0] as string
const addressOf = (place: number) =>
  identifiers.pseudonym('acme', 'address', `203.0.113.${place + 1}`)
const OPERATOR = { tenantId: 'acme', actor: 'test' }

const steps = fc.record({
  who: fc.constantFrom(SUBJECT, OTHER),
  /** Of two places and two devices, so that both people meet. */
  place: fc.nat(1),
  device: fc.nat(1),
  what: fc.oneof(
    fc.constantFrom('allow' as const, 'step_up' as const, 'deny' as const),
    fc.constantFrom('s', 'ssa', 'fp', 'sce', 'gd_auth_succeed', 'scp'),
    fc.constantFrom('list' as const, 'release' as const, 'fold' as const),
  ),
})
type Step = typeof steps extends fc.Arbitrary<infer One> ? One : never

let names = 0
async function open(subject: string, place: number, device: number) {
  names += 1
  const address = addressOf(place)
  const { request } = openingOf('x')
  const answer = await store.open(
    openingOf(`erasure ${names}`, {
      user: userOf(subject),
      subjectHash: identifiers.digest('subject', 'acme', subject),
      tokenAddress: address,
      visitAddress: address,
      device: `${device + 500}`,
      request: { ...request, device: `${device + 500}`, visit_network: { address, asn: 64500 } },
    }),
  )
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  return answer.assessment
}

async function take({ who, place, device, what }: Step): Promise<void> {
  if (what === 'allow' || what === 'step_up' || what === 'deny') {
    const opened = await open(who, place, device)
    await store.settle({ ...opened, decision: decisionOf({ outcome: what, assessed: what }) })
  } else if (what === 'list') {
    const entry = { kind: 'user', action: 'deny', note: 'x', value: userOf(who) } as const
    await putEntry(sql, OPERATOR, entry)
  } else if (what === 'release') {
    await sql`
      insert into release (tenant, user_key, expires_at)
      values ('acme', ${userOf(who)}, now() + interval '1 hour') on conflict do nothing`
  } else if (what === 'fold') {
    await learnTurn(store, 'acme', { olderThanSeconds: -60 })
  } else {
    names += 1
    const data = {
      type: what,
      user_id: who,
      user_name: 'x@trash.example',
      date: new Date().toISOString(),
      ip: `203.0.113.${place + 1}`,
      location_info: { country_code: 'NO', latitude: 59.9, longitude: 10.7 },
    }
    const now = Math.floor((await store.check()).epochSeconds)
    const items = [{ log_id: `log ${names}`, data }]
    await receiveEvents({ store, identifiers }, 'acme', items, now)
  }
}

/** What a verification of theirs is told, and no trace of the asking. Sums over everybody are nobody's. */
async function told(subject: string): Promise<Omit<StoreFacts, 'global'>> {
  const { global: _, ...facts } = (await open(subject, 0, 0)).facts.store
  await eraseSubject(sql, OPERATOR, keysOf(subject))
  // The address was charged by the visit, which is the address's own.
  await sql`delete from rate_gcra where bucket = 'address'`
  return facts
}
const rowsOf = async (subject: string) => {
  const user = userOf(subject)
  return JSON.stringify(
    await sql`
      select
        (select jsonb_agg(to_jsonb(a) order by id) from assessment a where user_key = ${user}),
        (select jsonb_agg(to_jsonb(e) order by log_key) from user_event e where user_key = ${user}),
        (select jsonb_agg(to_jsonb(p)) from user_profile p where user_key = ${user}),
        (select jsonb_agg(to_jsonb(l)) from entity_list l where value = ${user}),
        (select jsonb_agg(to_jsonb(r)) from release r where user_key = ${user}),
        (select jsonb_agg(to_jsonb(g)) from rate_gcra g where bucket = 'user' and key = ${user})`,
  )
}

it('erasing a user equals never having seen them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 14 }), async (history) => {
      await sql`
        truncate redemption, state_claim, assessment, user_profile, user_event, learning_state,
          release, entity_list, rate_gcra, global_total, global_feature, address_baseline`
      for (const step of history) await take(step)
      await sql`delete from rate_gcra where bucket = 'address'`
      const others = await rowsOf(OTHER)
      await eraseSubject(sql, OPERATOR, keysOf(SUBJECT))
      const erased = await told(SUBJECT)
      expect(erased).toEqual(await told(STRANGER))
      expect(await rowsOf(OTHER)).toBe(others)
    }),
    { numRuns: 25 },
  )
})
