/** Many requests at once: Postgres decides who was first, and everybody hears the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Opened } from '../../src/verifier/ports.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf, sha256 } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'

const database = await freshDatabase()
const arrange = createArrangement(database)
const store = createPoolStore(database.url, { ...PATIENT, connections: 10 })

beforeAll(async () => {
  await arrange.activatePolicy('acme', policyOf())
  await store.warm()
})
afterAll(() => store.close())

const many = (count: number) => Array.from({ length: count }, (_, i) => i)
const kinds = (answers: readonly Opened[]) => {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const kind = answer.kind === 'opened' && answer.fresh ? 'fresh' : answer.kind
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

describe('200 requests with one token at once', () => {
  it('from one browser get 200 equal answers and leave one record', async () => {
    const before = await arrange.rows()
    const answers = await Promise.all(many(200).map(() => store.open(openingOf('one browser'))))
    expect(kinds(answers)).toEqual({ fresh: 1, opened: 199 })
    const records = answers.map((answer) => answer.kind === 'opened' && answer.assessment)
    expect(new Set(records.map((record) => JSON.stringify(record))).size).toBe(1)
    expect(await arrange.rows()).toEqual({
      redemptions: before.redemptions + 1,
      claims: before.claims + 1,
      charges: before.charges + 3,
      assessments: before.assessments + 1,
    })
  })

  it('from 200 browsers get one record and 199 refusals', async () => {
    const before = await arrange.rows()
    const answers = await Promise.all(
      many(200).map((i) =>
        store.open(openingOf('many browsers', { bindingHash: sha256(`browser ${i}`) })),
      ),
    )
    expect(kinds(answers)).toEqual({ fresh: 1, token_spent: 199 })
    expect((await arrange.rows()).assessments).toBe(before.assessments + 1)
  })
})

describe('two tokens for one state at once', () => {
  it('get one record; the other token is spent and charges nobody', async () => {
    for (const round of many(20)) {
      const before = await arrange.rows()
      const stateHash = sha256(`shared state ${round}`)
      const answers = await Promise.all(
        ['a', 'b'].map((name) => store.open(openingOf(`${name} ${round}`, { stateHash }))),
      )
      expect(kinds(answers)).toEqual({ fresh: 1, state_conflict: 1 })
      expect(await arrange.rows()).toEqual({
        redemptions: before.redemptions + 2,
        claims: before.claims + 1,
        charges: before.charges + 3,
        assessments: before.assessments + 1,
      })
    }
  })
})

it('round after round, twenty racers with one token hear of one record', async () => {
  for (const round of many(30)) {
    const answers = await Promise.all(many(20).map(() => store.open(openingOf(`round ${round}`))))
    expect(kinds(answers)).toEqual({ fresh: 1, opened: 19 })
    const ids = answers.map((answer) => answer.kind === 'opened' && answer.assessment.id)
    expect(new Set(ids).size).toBe(1)
  }
})

it('visits that share users and addresses crosswise never deadlock, and each is charged', async () => {
  const visits = many(120).map((i) =>
    openingOf(`cross ${i}`, {
      user: `${(i % 3) + 1}`,
      // Each pair of addresses comes in both orders.
      tokenAddress: i % 2 ? '1001' : '1002',
      visitAddress: i % 2 ? '1002' : '1001',
    }),
  )
  const answers = await Promise.all(visits.map((visit) => store.open(visit)))
  expect(kinds(answers)).toEqual({ fresh: 120 })
  const [row] = await database.sql`
    select extract(epoch from arrival - now())::double precision as debt
    from rate_gcra where tenant = 'acme' and bucket = 'address' and key = 1001`
  expect(row?.debt).toBeGreaterThan(119 * 120)
  expect(row?.debt).toBeLessThanOrEqual(120 * 120)
})

it('fifty writers of one record find one decision, the same for all', async () => {
  const answer = await store.open(openingOf('settled by many'))
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  const { tenantId, id, openedAt } = answer.assessment
  // Of ten processes: within one of them only the first goes to Postgres.
  const processes = many(10).map(() =>
    createPoolStore(database.url, { ...PATIENT, connections: 1 }),
  )
  await Promise.all(processes.map((process) => process.warm()))
  const standing = await Promise.all(
    many(50).map((score) =>
      processes[score % 10]?.settle({ tenantId, id, openedAt, decision: decisionOf({ score }) }),
    ),
  )
  await Promise.all(processes.map((process) => process.close()))
  expect(new Set(standing.map((decision) => decision?.score)).size).toBe(1)
  const repeat = await store.open(openingOf('settled by many'))
  expect(repeat).toHaveProperty('assessment.decision', standing[0])
})
