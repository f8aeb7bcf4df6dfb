/** One turn of forgetting: what it removes, what it must not touch, and that it makes room ahead. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCounter } from '../../src/verifier/store/admission.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { createRequestStore } from '../../src/verifier/store/request-store.ts'
import { freshDatabase } from '../support/database.ts'
import { openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'

const database = await freshDatabase()
const { sql } = database
const arrange = createArrangement(database)
const store = createPoolStore(database.url, { ...PATIENT, connections: 2 })
const PERIODS = { recordDays: 90, profileDays: 400 }
const DAY = 86_400

beforeAll(async () => {
  await arrange.activatePolicy('acme', policyOf())
  await store.tidy(PERIODS)
})
beforeEach(async () => {
  await sql`truncate redemption, state_claim, assessment, user_profile, rate_gcra, user_event`
})
afterAll(() => store.close())

const now = async () => (await store.check()).epochSeconds
const partitions = async () => {
  const rows = await sql<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'assessment'::regclass order by name`
  return rows.map(({ name }) => name)
}
const seenAt = (user: string, at: number) =>
  arrange.putProfile('acme', user, { n: 1, first_at: at, last_at: at, hist: {} })

describe('a turn', () => {
  it('removes redemptions that have expired and keeps those that still guard a token', async () => {
    const at = Math.floor(await now())
    for (const name of ['a', 'b', 'c']) {
      await store.open(openingOf(name, { keepUntil: at - 1 }))
    }
    await store.open(openingOf('live', { keepUntil: at + 3600 }))
    expect(await store.tidy(PERIODS)).toEqual({ made: 0, dropped: 0, rows: 6 })
    expect(await sql`select from redemption`).toHaveLength(1)
    expect(await sql`select from state_claim`).toHaveLength(1)
    expect(await store.open(openingOf('live'))).toMatchObject({ kind: 'opened', fresh: false })
    expect(await sql`select from assessment`).toHaveLength(4)
  })

  it('takes more than one portion', async () => {
    await sql`
      insert into redemption (tenant, token_key, state_hash, subject_hash, binding_hash,
        assessment_id, opened_at, keep_until)
      select 'acme', decode(md5(i::text), 'hex'), '', '', '', gen_random_uuid(), now(), now()
      from generate_series(1, 4500) as i`
    expect(await store.tidy(PERIODS)).toMatchObject({ rows: 4500 })
  })

  it('forgets users by when they were last seen, not by when they were first seen', async () => {
    const at = await now()
    await seenAt('1', at - 401 * DAY)
    await seenAt('2', at - 399 * DAY)
    await arrange.putProfile('acme', '3', {
      n: 9,
      first_at: at - 2000 * DAY,
      last_at: at - DAY,
      hist: {},
    })
    expect(await store.tidy(PERIODS)).toMatchObject({ rows: 1 })
    const left = await sql`select user_key from user_profile order by user_key`
    expect([...left]).toEqual([{ user_key: '2' }, { user_key: '3' }])
  })

  it('keeps the log stream’s events longer than it accepts them', async () => {
    const event = (key: string, age: string) => sql`
      insert into user_event (tenant, log_key, kind, user_key, at, received_at)
      values ('acme', ${key}, 'failure', 1, now() - ${age}::interval, now() - ${age}::interval)`
    await event('a', '9 days 1 minute')
    await event('b', '8 days 23 hours')
    expect(await store.tidy(PERIODS)).toMatchObject({ rows: 1 })
    expect(await sql`select from user_event`).toHaveLength(1)
  })

  it('makes the partitions of the coming weeks, once', async () => {
    const [last] = (await partitions()).slice(-2)
    await sql.unsafe(`drop table ${last}`)
    expect(await store.tidy(PERIODS)).toEqual({ made: 1, dropped: 0, rows: 0 })
    expect(await partitions()).toContain(last)
    expect(await store.tidy(PERIODS)).toEqual({ made: 0, dropped: 0, rows: 0 })
  })

  it('drops a partition when its last day is too old, and not a day before', async () => {
    const before = await partitions()
    const weeksAgo = (weeks: number) =>
      sql.unsafe(`
      do $$
      declare monday date := date_trunc('week', now() at time zone 'utc')::date - 7 * ${weeks};
      begin
        execute format('create table %I partition of assessment for values from (%L) to (%L)',
          'assessment_' || to_char(monday, 'YYYYMMDD'),
          monday || ' 00:00:00+00', monday + 7 || ' 00:00:00+00');
      end $$`)
    for (const weeks of [20, 14, 12]) await weeksAgo(weeks)
    expect(await store.tidy(PERIODS)).toEqual({ made: 0, dropped: 2, rows: 0 })
    const left = (await partitions()).filter((name) => !before.includes(name))
    expect(left).toHaveLength(1)
    await sql.unsafe(`drop table ${left[0]}`)
  })

  it('runs as well on a connection of its own request', async () => {
    const single = createRequestStore(database.url, {
      admission: createCounter(1),
      connectSeconds: 20,
      deadlineMilliseconds: 25_000,
    })
    await seenAt('4', (await now()) - 401 * DAY)
    expect(await single.tidy(PERIODS)).toMatchObject({ rows: 1 })
  })

  it('refuses periods that would take what is still in use', async () => {
    await expect(store.tidy({ ...PERIODS, recordDays: 6 })).rejects.toThrow('store unknown')
    await expect(store.tidy({ ...PERIODS, profileDays: 29 })).rejects.toThrow('store unknown')
  })
})
