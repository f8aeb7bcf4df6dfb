/**
 * The driver wedges a connection for ever when a parameter fails to serialise on a prepared statement.
 * Hundreds of bad values of every kind go through it here; then it must still answer.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Opening, StoreError } from '../../src/verifier/ports.ts'
import { createClient } from '../../src/verifier/store/client.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'

const database = await freshDatabase()
const arrange = createArrangement(database)
const CONNECTIONS = 4
const store = createPoolStore(database.url, { ...PATIENT, connections: CONNECTIONS })
const client = createClient(database.url, { connections: CONNECTIONS, connectSeconds: 20 })

beforeAll(async () => {
  await arrange.activatePolicy('acme', policyOf())
  await store.warm()
})
afterAll(async () => {
  await store.close()
  await client.end()
})

const cycle: { self?: unknown } = {}
cycle.self = cycle
const fails = () => {
  throw new Error('asked for its text')
}
const BAD: readonly unknown[] = [
  undefined,
  null,
  '',
  'naïve',
  '\0',
  'a\0b',
  '\ud800',
  '\\x',
  '{',
  '{}',
  '[]',
  "'; drop table redemption; --",
  'x'.repeat(100_000),
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e300,
  2n ** 70n,
  true,
  Symbol('bad'),
  () => 1,
  new Date(),
  new Date(Number.NaN),
  new Uint8Array([1, 2, 3]),
  [1, [2, [null]]],
  [undefined, Symbol('in')],
  { toString: fails },
  { toJSON: fails },
  Object.create(null),
  new Map([[1, 2]]),
  cycle,
]
const TYPES = [
  'text',
  'bytea',
  'boolean',
  'integer',
  'bigint',
  'double precision',
  'uuid',
  'inet',
  'timestamptz',
  'jsonb',
]

/** How each call ended; a call that never ends fails the test by its time limit. */
const ends = <Answer>(calls: readonly Promise<Answer>[]) => Promise.allSettled(calls)

const goodAnswers = async (name: string) => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => store.open(openingOf(`good ${name} ${i}`))),
  )
  return answers.filter((answer) => answer.kind === 'opened' && answer.fresh).length
}

it.each(TYPES)('bad values cast to %s leave every connection answering', async (type) => {
  const ask = (value: unknown) =>
    // The type's name is part of the text, so each type is a prepared statement of its own.
    client`select ${value as string}::text::${client.unsafe(type)} as value`
  const calls = [0, 1, 2, 3, 4].flatMap(() => BAD.map((value) => ask(value)))
  const results = await ends(calls)
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  for (const error of errors) expect(error).toMatchObject({ code: expect.stringMatching(/^2..../) })
  const good = await Promise.all(Array.from({ length: 50 }, () => ask(null)))
  expect(good.length).toBe(50)
})

const MEMBERS = Object.keys(openingOf('any')) as (keyof Opening)[]

it.each(MEMBERS)('bad values of %s end in an answer or a StoreError', async (member) => {
  const before = await arrange.rows()
  const openings = BAD.map((value, i) => ({ ...openingOf(`${member} ${i}`), [member]: value }))
  const results = await ends(openings.map((opening) => store.open(opening as Opening)))
  let written = 0
  for (const result of results) {
    if (result.status === 'fulfilled') {
      if (result.value.kind === 'opened' && result.value.fresh) written += 1
    } else {
      expect(result.reason).toBeInstanceOf(StoreError)
      // What a request can provoke must never count as an outage: that would earn a degraded answer.
      expect(result.reason.kind).toBe('unknown')
      expect(result.reason.message).toMatch(/^store unknown: [A-Z0-9_]+$/)
    }
  }
  expect((await arrange.rows()).assessments).toBe(before.assessments + written)
  expect(await goodAnswers(member)).toBe(50)
})

it('bad values in a settlement leave the record open and the store answering', async () => {
  const answer = await store.open(openingOf('to settle'))
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  const { tenantId, id, openedAt } = answer.assessment
  for (const member of ['outcome', 'assessed', 'score'] as const) {
    const bad = BAD.filter((value) => typeof value !== 'number' && typeof value !== 'boolean')
    const settlements = bad.map((value) => ({
      tenantId,
      id,
      openedAt,
      decision: { ...decisionOf(), [member]: value },
    }))
    const results = await ends(settlements.map((settlement) => store.settle(settlement)))
    expect(results.map(({ status }) => status)).not.toContain('fulfilled')
  }
  for (const [member, value] of [
    ['id', 'no uuid'],
    ['openedAt', 'no time'],
    ['openedAt', 'infinity'],
    ['tenantId', '\0'],
  ] as const) {
    const settlement = { tenantId, id, openedAt, decision: decisionOf(), [member]: value }
    await expect(store.settle(settlement)).rejects.toBeInstanceOf(StoreError)
  }
  expect(await store.open(openingOf('to settle'))).not.toHaveProperty('assessment.decision')
  expect(await goodAnswers('after settling')).toBe(50)
})

it('characters that Postgres cannot hold are replaced, so that nobody is turned away for them', async () => {
  const request = { ...openingOf('odd').request, language: 'a\0b\ud800c\udc00😀' }
  const answer = await store.open(openingOf('odd', { request }))
  expect(answer).toHaveProperty('assessment.facts.request.language', 'a\ufffdb\ufffdc\ufffd😀')
})
