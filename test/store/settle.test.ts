/** Decisions that are written back together: each by itself true, however many went and whatever befell one. */
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenAssessment, type Opening, StoreError } from '../../src/verifier/ports.ts'
import type { Ask } from '../../src/verifier/store/ask.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { createSettle } from '../../src/verifier/store/settle.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { createCountingProxy } from '../support/proxy.ts'

const database = await freshDatabase()
const { sql } = database
const proxy = await createCountingProxy(database.url)
const store = createPoolStore(proxy.url, { ...PATIENT, connections: 4 })

beforeAll(async () => {
  const arrange = createArrangement(database)
  await arrange.activatePolicy('acme', policyOf())
  await arrange.activatePolicy('globex', policyOf())
  await store.warm()
})
afterAll(async () => {
  await store.close()
  await proxy.close()
})

async function opened(name: string, changes: Partial<Opening> = {}): Promise<OpenAssessment> {
  const answer = await store.open(openingOf(name, changes))
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  return answer.assessment
}
const many = (count: number, name: string, changes?: Partial<Opening>) =>
  Promise.all(Array.from({ length: count }, (_, i) => opened(`${name} ${i}`, changes)))
const settle = ({ tenantId, id, openedAt }: OpenAssessment, score = 0) =>
  store.settle({ tenantId, id, openedAt, decision: decisionOf({ score }) })
const decided = async ({ id }: OpenAssessment) => {
  const [record] = await sql`select decision, score from assessment where id = ${id}`
  return record?.decision === null ? null : record?.score
}

describe('many at once', () => {
  it('go in two statements, and each is written with its own decision', async () => {
    const records = await many(40, 'together')
    proxy.take()
    const standing = await Promise.all(records.map((record, i) => settle(record, i)))
    // The first goes alone; while it is written the others gather.
    expect(proxy.take()).toBe(2)
    expect(standing.map(({ score }) => score)).toEqual(records.map((_, i) => i))
    expect(await Promise.all(records.map(decided))).toEqual(records.map((_, i) => i))
  })

  it('of two tenants do not wait for each other, and neither writes for the other', async () => {
    const [acme, globex] = await Promise.all([
      many(5, 'of acme'),
      many(5, 'of globex', { tenantId: 'globex' }),
    ])
    proxy.take()
    await Promise.all([...acme, ...globex].map((record, i) => settle(record, i)))
    expect(proxy.take()).toBe(4)
    expect(await Promise.all([...acme, ...globex].map(decided))).toEqual(
      Array.from({ length: 10 }, (_, i) => i),
    )
    const stranger = { ...(acme[0] as OpenAssessment), tenantId: 'globex' }
    await expect(settle(stranger)).rejects.toMatchObject({ code: 'NO_RECORD' })
  })

  it('more than one statement takes are all written', async () => {
    const records = await many(120, 'very many')
    await Promise.all(records.map((record, i) => settle(record, i)))
    expect(await Promise.all(records.map(decided))).toEqual(records.map((_, i) => i))
  })

  it('of weeks ago and of now are all written', async () => {
    const records = await many(4, 'of other weeks')
    const moved = await Promise.all(
      records.map(async (record, i) => {
        const [{ at } = { at: '' }] = await sql<{ at: string }[]>`
          update assessment set opened_at = opened_at - make_interval(weeks => ${`${3 * i}`}::text::integer)
          where id = ${record.id}
          returning to_char(opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`
        return { ...record, openedAt: at }
      }),
    )
    await Promise.all(moved.map((record, i) => settle(record, i)))
    expect(await Promise.all(records.map(decided))).toEqual([0, 1, 2, 3])
  })
})

describe('what befalls one does not befall its neighbours', () => {
  it('a decision that Postgres refuses stays unwritten, the others are written', async () => {
    const records = await many(6, 'one is bad')
    const ends = await Promise.allSettled(
      records.map((record, i) => settle(record, i === 3 ? Number.NaN : i)),
    )
    expect(ends.map(({ status }) => status === 'fulfilled')).toEqual([
      ...[true, true, true, false, true, true],
    ])
    expect(await Promise.all(records.map(decided))).toEqual([0, 1, 2, null, 4, 5])
  })

  it('a record that is gone is told as gone, the others are written', async () => {
    const records = await many(6, 'one is gone')
    await sql`delete from assessment where id = ${(records[2] as OpenAssessment).id}`
    const ends = await Promise.allSettled(records.map((record, i) => settle(record, i)))
    expect(ends[2]).toMatchObject({ status: 'rejected', reason: { code: 'NO_RECORD' } })
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect(await Promise.all(records.map(decided))).toEqual([0, 1, undefined, 3, 4, 5])
  })

  it('one that another process decided keeps that decision, and the others their own', async () => {
    const records = await many(6, 'one is decided')
    const elsewhere = createPoolStore(database.url, { ...PATIENT, connections: 1 })
    const { tenantId, id, openedAt } = records[4] as OpenAssessment
    await elsewhere.settle({ tenantId, id, openedAt, decision: decisionOf({ score: 99 }) })
    await elsewhere.close()
    const standing = await Promise.all(records.map((record, i) => settle(record, i)))
    expect(standing.map(({ score }) => score)).toEqual([0, 1, 2, 3, 99, 5])
    expect(await Promise.all(records.map(decided))).toEqual([0, 1, 2, 3, 99, 5])
  })
})

it('a record that is settled twice while it waits has one decision, the first', async () => {
  const [first, twice] = (await many(2, 'twice')) as [OpenAssessment, OpenAssessment]
  const [, one, other] = await Promise.all([settle(first), settle(twice, 1), settle(twice, 2)])
  expect([one?.score, other?.score]).toEqual([1, 1])
  expect(await decided(twice)).toBe(1)
})

it.each(['America/St_Johns', 'Pacific/Chatham'])(
  'a session in %s with dates of another style writes the same',
  async (zone) => {
    const role = `rv_${zone.replace(/\W/g, '_').toLowerCase()}`
    const url = new URL(database.url)
    await sql.unsafe(`create role ${role} login superuser password 'zone'`)
    await sql.unsafe(`alter role ${role} set timezone = '${zone}'`)
    await sql.unsafe(`alter role ${role} set datestyle = 'German'`)
    url.username = role
    url.password = 'zone'
    // As behind a pooler: no setting of the session's own.
    url.searchParams.set('prepare', 'false')
    const theirs = createPoolStore(url.href, { ...PATIENT, connections: 1 })
    const plain = postgres(url.href, { max: 1, fetch_types: false })
    try {
      const [settings] = await plain`
        select current_setting('timezone') as zone, now()::text ~ '^\\d\\d\\.' as german`
      expect(settings).toEqual({ zone, german: true })
      const answer = await theirs.open(openingOf(`in ${zone}`))
      if (answer.kind !== 'opened') throw new Error(answer.kind)
      expect(answer.assessment.openedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
      const repeat = await store.open(openingOf(`in ${zone}`))
      expect(repeat).toHaveProperty('assessment.openedAt', answer.assessment.openedAt)
      const { tenantId, id, openedAt } = answer.assessment
      await theirs.settle({ tenantId, id, openedAt, decision: decisionOf({ score: 7 }) })
      expect(await decided(answer.assessment)).toBe(7)
    } finally {
      await Promise.all([theirs.close(), plain.end()])
      await sql.unsafe(`drop role ${role}`)
    }
  },
)

describe('when Postgres fails', () => {
  const settlement = (id: string) => ({
    ...{ tenantId: 'acme', openedAt: '2026-01-01T00:00:00.000000Z', decision: decisionOf() },
    id: `00000000-0000-4000-8000-${id.padStart(12, '0')}`,
  })

  it('everybody of the group hears it, and the next one is written again', async () => {
    const answers: (() => Promise<readonly object[]>)[] = [
      async () => [{ id: settlement('1').id, written: true, decision: null }],
      async () => {
        throw new StoreError('unknown', 'CONNECTION_CLOSED')
      },
      async () => [{ id: settlement('4').id, written: true, decision: null }],
    ]
    const settleBy = createSettle((() => answers.shift()?.()) as unknown as Ask)
    const ends = await Promise.allSettled(['1', '2', '3'].map((id) => settleBy(settlement(id))))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(ends[2]).toMatchObject({ reason: { code: 'CONNECTION_CLOSED' } })
    expect(await settleBy(settlement('4'))).toEqual(decisionOf())
    expect(answers).toEqual([])
  })

  it('no more wait than there is room for; what finds none is refused at once', async () => {
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let asked = 0
    const settleBy = createSettle((async () => {
      asked += 1
      await held
      throw new StoreError('unavailable', 'ECONNREFUSED')
    }) as Ask)
    const codes: string[] = []
    const waiting = Array.from({ length: 2100 }, (_, i) =>
      settleBy(settlement(`${i}`)).catch((error: StoreError) => codes.push(error.code)),
    )
    await new Promise((turn) => setImmediate(turn))
    expect(asked).toBe(1)
    expect(codes).toEqual(Array.from({ length: 99 }, () => 'QUEUE_FULL'))
    release()
    await Promise.all(waiting)
    expect(codes.filter((code) => code === 'ECONNREFUSED')).toHaveLength(2001)
    expect(asked).toBe(1 + 2000 / 50)
  })
})
