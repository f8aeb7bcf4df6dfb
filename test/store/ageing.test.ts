/** Everybody's counts fade with time: old mass goes, nothing that is folded meanwhile is lost. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GlobalFacts, StoreFacts } from '../../src/verifier/domain/facts.ts'
import type { ProfileFold } from '../../src/verifier/ports-learning.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { eraseSubject } from '../../src/verifier/store/subjects.ts'
import { freshDatabase } from '../support/database.ts'
import { openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'

const database = await freshDatabase()
const { sql } = database
const arrange = createArrangement(database)
const store = createPoolStore(database.url, { ...PATIENT, connections: 4 })
const PERIODS = { recordDays: 90, profileDays: 400 }

beforeAll(async () => {
  await arrange.activatePolicy('acme', policyOf())
})
beforeEach(async () => {
  await sql`truncate redemption, state_claim, assessment, user_profile, global_total, global_feature`
})
afterAll(() => store.close())

let names = 0
/** What a request from Norway is told, at both ends. */
async function storeFacts(user = '1'): Promise<StoreFacts> {
  names += 1
  const { request } = openingOf('x')
  const network = { country: 'NO' }
  const answer = await store.open(
    openingOf(`age ${names}`, {
      user,
      request: { ...request, token_network: network, visit_network: network },
    }),
  )
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  return answer.assessment.facts.store
}
const told = async (): Promise<GlobalFacts | undefined> => (await storeFacts()).global

/** One user's first event, in Norway. */
const foldOf = (user: string, value = 'NO'): ProfileFold => ({
  user,
  profile: { n: 1, first_at: 1_790_000_000, last_at: 1_790_000_000, hist: {} },
  records: [],
  events: [],
  counts: {
    n: 1,
    features: [
      { feature: 'country', value, count: 1 },
      { feature: 'country', value: '', count: 1 },
    ],
  },
})
const count = (n: number, countries: Readonly<Record<string, number>>) => sql`
  with total as (insert into global_total (tenant, n) values ('acme', ${n}))
  insert into global_feature (tenant, feature, value, n)
  select 'acme', 'country', value, n::bigint
  from jsonb_each_text(${JSON.stringify({ ...countries, '': n })}::text::jsonb) as one (value, n)`
const daysPass = (days: number) =>
  sql`update global_total set halved_at = halved_at - make_interval(days => ${days})`
const rows = async () =>
  Object.fromEntries(
    (
      await sql<{ value: string; n: number }[]>`
        select value, n::integer as n from global_feature where tenant = 'acme' order by value`
    ).map(({ value, n }) => [value, n]),
  )

describe('what was counted', () => {
  it('stands for ninety days', async () => {
    await count(1000, { NO: 900, SE: 100 })
    await daysPass(89)
    await store.tidy(PERIODS)
    expect(await told()).toMatchObject({ n: 1000, totals: { country: 1000 } })
    expect(await rows()).toEqual({ '': 1000, NO: 900, SE: 100 })
  })

  it('is halved then, once, and what halves to nothing goes', async () => {
    await count(1000, { NO: 900, SE: 99, DE: 1 })
    await daysPass(91)
    await store.tidy(PERIODS)
    await store.tidy(PERIODS)
    expect(await rows()).toEqual({ '': 500, NO: 450, SE: 49 })
    expect(await told()).toEqual({
      n: 500,
      totals: { country: 500 },
      counts: { country: { NO: 450 } },
    })
  })

  it('is halved as often as half-lives passed while nobody tidied', async () => {
    await count(1000, { NO: 900, SE: 100 })
    await daysPass(275)
    await store.tidy(PERIODS)
    expect(await rows()).toEqual({ '': 125, NO: 112, SE: 12 })
    await daysPass(80)
    await store.tidy(PERIODS)
    expect(await told()).toMatchObject({ n: 125 })
    await daysPass(10)
    await store.tidy(PERIODS)
    expect(await told()).toMatchObject({ n: 62 })
  })

  it('is gone after a decade without any, and begins anew', async () => {
    await count(1_000_000, { NO: 900_000 })
    await daysPass(90 * 70)
    await store.tidy(PERIODS)
    expect(await rows()).toEqual({})
    expect(await told()).toMatchObject({ n: 0 })
    await store.fold('acme', [foldOf('5')])
    expect(await told()).toEqual({ n: 1, totals: { country: 1 }, counts: { country: { NO: 1 } } })
  })

  it('gives way to what people do now', async () => {
    await count(1000, { SE: 1000 })
    for (let quarter = 0; quarter < 8; quarter += 1) {
      await daysPass(90)
      await store.tidy(PERIODS)
      await store.fold(
        'acme',
        Array.from({ length: 100 }, (_, user) => foldOf(`${quarter * 100 + user + 10}`)),
      )
    }
    const { SE = 0, NO = 0 } = await rows()
    expect(SE).toBe(3)
    expect(NO).toBeGreaterThan(150)
    expect(NO).toBeLessThan(200)
  })

  it('is read whole while only its total is halved yet', async () => {
    await count(1000, { NO: 900 })
    await sql`update global_total set n = 500, halvings = 1, lagging = true, halved_at = now()`
    expect(await told()).toEqual({
      n: 500,
      totals: { country: 500 },
      counts: { country: { NO: 450 } },
    })
    await store.fold('acme', [foldOf('5')])
    expect(await told()).toEqual({
      n: 501,
      totals: { country: 501 },
      counts: { country: { NO: 451 } },
    })
  })

  it('is brought up in portions, and to the end', async () => {
    await count(5000, {})
    await sql`
      insert into global_feature (tenant, feature, value, n)
      select 'acme', 'asn', i::text, i % 4 from generate_series(1, 5000) as i`
    await daysPass(91)
    const [first] = await sql`select age_counts(interval '90 days', 1000) as rows`
    expect(first).toEqual({ rows: 1000 })
    expect([...(await sql`select lagging from global_total`)]).toEqual([{ lagging: true }])
    await store.tidy(PERIODS)
    expect([...(await sql`select lagging, halvings from global_total`)]).toEqual([
      { lagging: false, halvings: 1 },
    ])
    const left = await sql`
      select n::integer as n, count(*)::integer as rows from global_feature
      where feature = 'asn' and halvings = 1 group by n`
    expect([...left]).toEqual([{ n: 1, rows: 2500 }])
  })

  it('is another tenant’s in no way', async () => {
    await count(1000, { NO: 900 })
    await sql`insert into global_total (tenant, n) values ('globex', 7)`
    await sql`update global_total set halved_at = now() - interval '91 days' where tenant = 'acme'`
    await store.tidy(PERIODS)
    expect([...(await sql`select n::integer as n from global_total order by tenant`)]).toEqual([
      { n: 500 },
      { n: 7 },
    ])
  })

  it('is brought up for so many tenants at once as fit a statement, and for all in time', async () => {
    await sql`
      insert into global_total (tenant, n, halved_at)
      select 't' || i, 8, now() - interval '91 days' from generate_series(1, 450) as i`
    await sql`
      insert into global_feature (tenant, feature, value, n)
      select 't' || i, 'country', '', 8 from generate_series(1, 450) as i`
    const halved = async () => {
      const [row] = await sql`
        select count(*)::integer as n from global_total where n = 4 and not lagging`
      return row?.n
    }
    await store.tidy(PERIODS)
    expect(await halved()).toBe(200)
    await store.tidy(PERIODS)
    await store.tidy(PERIODS)
    expect(await halved()).toBe(450)
  })

  it('does not fade within a week, whoever asks for it', async () => {
    await count(1000, { NO: 900 })
    await expect(sql`select age_counts(interval '6 days')`).rejects.toThrow('within a week')
  })
})

describe('folds beside ageing', () => {
  const USERS = 60

  it.each([
    ['before anything is due', 0],
    ['while everything is', 200],
  ])('lose nothing %s', async (_case, days) => {
    await count(1024, { NO: 1024 })
    await daysPass(days)
    let due = Array.from({ length: USERS }, (_, user) => `${user + 100}`)
    while (due.length > 0) {
      // Whoever does not get the lock folds nothing, and the next turn folds it.
      const folded = await Promise.all([
        ...due.map((user) => store.fold('acme', [foldOf(user)])),
        ...[1, 2, 3].map(() => sql`select age_counts(interval '90 days', 1)`.then(() => 0)),
      ])
      due = due.filter((_, at) => folded[at] === 0)
    }
    await store.tidy(PERIODS)
    expect(await sql`select from user_profile`).toHaveLength(USERS)
    // Every event was one of Norway: whatever came first, all three went through the same sums.
    const [total] = await sql<{ n: number }[]>`select n::integer as n from global_total`
    const { NO, ...rest } = await rows()
    expect({ NO, rest }).toEqual({ NO: total?.n, rest: { '': total?.n } })
    const halved = 1024 >> Math.floor(days / 90)
    expect(total?.n).toBeGreaterThanOrEqual(halved + (days === 0 ? USERS : USERS >> 2))
    expect(total?.n).toBeLessThanOrEqual(halved + USERS)
  })
})

it('a user who was erased is a stranger, also after the counts were halved', async () => {
  await count(1000, { NO: 900 })
  await store.fold('acme', [foldOf('77')])
  await daysPass(91)
  await store.tidy(PERIODS)
  await eraseSubject(sql, { tenantId: 'acme', actor: 'test' }, { users: ['77'], subjectHashes: [] })
  const { users_per_address: _, ...erased } = await storeFacts('77')
  const { users_per_address: __, ...stranger } = await storeFacts('78')
  expect(erased).toEqual(stranger)
})
