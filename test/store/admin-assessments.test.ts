/** Records through the operator's store: pages without loss while people go on verifying, one whole, sums, a release. */
import { describe, expect, it } from 'vitest'
import { OUTCOMES, type Outcome } from '../../src/verifier/domain/decision.ts'
import type { AssessmentFilter, AssessmentLine } from '../../src/verifier/ports-admin.ts'
import { isBadCursor } from '../../src/verifier/ports-admin.ts'
import { createAdminStore } from '../../src/verifier/store/admin-store.ts'
import { numberOf, openingOf, policyOf } from '../support/openings.ts'
import { ANN, adminDatabase } from './admin-database.ts'

const { sql, admin, store, verify, audit, adminUrl } = await adminDatabase()
for (const tenant of ['acme', 'other', 'single']) {
  await admin.addPolicy(tenant, policyOf(), 'active', ANN)
}
await admin.addPolicy('acme', policyOf({ flow: 'login', version: 4 }), 'active', ANN)

describe('the list', async () => {
  const user = numberOf('somebody')
  const allowed = await verify('allowed')
  const held = await verify(
    'held',
    { outcome: 'deny', assessed: 'step_up', needs_review: true, codes: ['needs_review', 'new'] },
    { user },
  )
  const login = await verify(
    'login',
    { outcome: 'step_up', assessed: 'step_up', codes: ['new'] },
    { flow: 'login' },
  )
  const answer = await store.open(openingOf('open', { user }))
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  const open = answer.assessment
  await verify('foreign', {}, { tenantId: 'other' })

  const ids = async (filter: Partial<AssessmentFilter> = {}) =>
    (await admin.listAssessments('acme', { limit: 50, ...filter })).items.map(({ id }) => id)
  const now = Math.floor((await store.check()).epochSeconds)

  it.each<readonly [string, Partial<AssessmentFilter>, readonly { readonly id: string }[]]>([
    ['without a filter', {}, [open, login, held, allowed]],
    ['by flow', { flow: 'login' }, [login]],
    ['by what was answered', { outcome: 'deny' }, [held]],
    ['by what was allowed', { outcome: 'allow' }, [allowed]],
    ['by what was found', { assessed: 'step_up' }, [login, held]],
    ['by both', { assessed: 'step_up', outcome: 'step_up' }, [login]],
    ['that wait for a person', { review: true }, [held]],
    ['by reason', { reason: 'new' }, [login, held]],
    ['by a reason that nothing has', { reason: 'n' }, []],
    ['by reference', { reference: held.reference }, [held]],
    ['by user', { users: [user, '7'] }, [open, held]],
    ['by no user', { users: [] }, []],
    ['by what is no pseudonym', { users: ['1) or (true', '99999999999999999999'] }, []],
    ['by a reason with a null character', { reason: 'new\0' }, []],
    ['before there was anything', { until: now - 3600 }, []],
    ['since an hour ago', { since: now - 3600 }, [open, login, held, allowed]],
    ['from tomorrow on', { since: now + 86_400 }, []],
  ])('newest first, %s', async (_, filter, expected) => {
    expect(await ids(filter)).toEqual(expected.map(({ id }) => id))
  })

  it('says of each what a table shows', async () => {
    const { items } = await admin.listAssessments('acme', { limit: 50 })
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(items[2]).toEqual({
      ...{ id: held.id, reference: held.reference, flow: 'password_reset' },
      ...{ opened_at: time, settled_at: time, outcome: 'deny', assessed: 'step_up' },
      ...{ score: -4.25, codes: ['needs_review', 'new'], needs_review: true, confirmed: false },
      ...{ policy_version: 1, user },
    })
    expect(items[0]).toMatchObject({
      ...{ settled_at: null, outcome: null, assessed: null, score: null, codes: [] },
      ...{ needs_review: false, policy_version: 1 },
    })
    expect(items[1]).toMatchObject({ flow: 'login', policy_version: 4 })
  })

  it('names a next page exactly when there is one', async () => {
    const first = await admin.listAssessments('acme', { limit: 3 })
    expect(first.items).toHaveLength(3)
    const second = await admin.listAssessments('acme', { limit: 3, cursor: first.next as string })
    expect(second.items.map(({ id }) => id)).toEqual([allowed.id])
    expect(second).not.toHaveProperty('next')
    expect(await admin.listAssessments('acme', { limit: 4 })).not.toHaveProperty('next')
  })

  it.each([0, -1, 0.5, Number.NaN])('takes a limit of %s for one', async (limit) => {
    expect((await admin.listAssessments('acme', { limit })).items).toHaveLength(1)
  })

  it('refuses every cursor that it did not give', async () => {
    const { next = '' } = await admin.listAssessments('acme', { limit: 1 })
    const text = Buffer.from(next, 'base64url').toString()
    const [micros = '', id = ''] = text.split('.')
    const bad = (plain: string) => Buffer.from(plain).toString('base64url')
    const given = [
      '',
      `${next}=`,
      ` ${next}`,
      `${next}A`,
      next.slice(0, -1),
      bad(micros),
      bad(`${micros}.${id}.${id}`),
      bad(`${micros}.${id.toUpperCase()}`),
      bad(`-${micros}.${id}`),
      bad(`${micros}000.${id}`),
      bad(`${micros}.17`),
      bad(`${micros}' or true.${id}`),
      'A'.repeat(100_000),
      '\0',
    ]
    for (const cursor of given) {
      const error = await admin.listAssessments('acme', { limit: 1, cursor }).catch((e) => e)
      expect([cursor.slice(0, 80), isBadCursor(error)]).toEqual([cursor.slice(0, 80), true])
    }
    expect((await admin.listAssessments('acme', { limit: 1, cursor: next })).items).toHaveLength(1)
  })
})

it('a thousand records come in pages, none lost and none twice, while more are stored', async () => {
  const tenant = 'paged'
  await admin.addPolicy(tenant, policyOf(), 'active', ANN)
  // Twenty at each moment, to the microsecond, so that the id has to decide.
  await sql`
    insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
      user_key, facts)
    select ${tenant}, now() - make_interval(secs => n / 20 * 0.000001), gen_random_uuid(), 'AAAA-AAAA',
      'password_reset', 'e', 1, n, '{}'
    from generate_series(1, 1000) as n`
  const there = await sql<{ id: string }[]>`select id from assessment where tenant = ${tenant}`
  const seen: AssessmentLine[] = []
  let cursor: string | undefined
  let pages = 0
  do {
    const page = await admin.listAssessments(tenant, {
      limit: 37,
      ...(cursor === undefined ? {} : { cursor }),
    })
    seen.push(...page.items)
    cursor = page.next
    pages += 1
    await verify(`meanwhile ${pages}`, {}, { tenantId: tenant })
  } while (cursor !== undefined)
  expect(pages).toBe(28)
  expect(new Set(seen.map(({ id }) => id)).size).toBe(1000)
  expect(seen.map(({ id }) => id).sort()).toEqual(there.map(({ id }) => id).sort())
})

describe('one record', async () => {
  const SINGLE = { tenantId: 'single' }
  const { id } = await verify('one', { codes: ['ok'] }, SINGLE)

  it('comes whole: facts, decision, the policy that judged it', async () => {
    expect(await admin.readAssessment('single', id)).toMatchObject({
      ...{ tenant: 'single', id, decision: { outcome: 'allow', codes: ['ok'] }, shadow: null },
      ...{ policy: policyOf(), policy_version: 1, facts: { decided_at: expect.any(Number) } },
    })
  })

  it.each([
    ['of another tenant', 'other', id],
    ['that does not exist', 'single', '00000000-0000-4000-8000-000000000000'],
    ['by what is no id', 'single', `${id}'`],
    ['by its id in capitals', 'single', id.toUpperCase()],
  ])('%s is not found, nor released', async (_, tenant, key) => {
    const before = await audit(tenant)
    expect(await admin.readAssessment(tenant, key)).toBeUndefined()
    expect(await admin.releaseAssessment(tenant, key, 3600, ANN)).toBe(false)
    expect(await sql`select from release`).toHaveLength(0)
    expect(await audit(tenant)).toEqual(before)
  })

  it('lets its user’s next attempt pass, once, and says what it replaced', async () => {
    const user = numberOf('released')
    const stopped = await verify(
      'stopped',
      { outcome: 'deny', assessed: 'step_up' },
      { ...SINGLE, user },
    )
    expect(await admin.releaseAssessment('single', stopped.id, 600, ANN)).toBe(true)
    expect(await admin.releaseAssessment('single', stopped.id, 3600, ANN)).toBe(true)
    const [first, second] = (await audit('single')).slice(-2)
    expect(first).toMatchObject({
      ...{ actor: 'oidc:ann', action: 'assessment.release', subject: stopped.reference },
      detail: { before: null },
    })
    expect(second).toMatchObject({
      detail: { before: first?.detail.expires_at },
    })
    expect((await verify('next', {}, { ...SINGLE, user })).facts.store.released).toBe(true)
    expect((await verify('after', {}, { ...SINGLE, user })).facts.store).not.toHaveProperty(
      'released',
    )
  })
})

describe('a summary', async () => {
  const tenant = 'summed'
  await admin.addPolicy(tenant, policyOf(), 'active', ANN)
  await admin.addPolicy(tenant, policyOf({ flow: 'login' }), 'active', ANN)
  const rows: readonly (readonly [
    at: number,
    user: number,
    outcome: Outcome | null,
    codes: readonly string[],
    flow?: 'login',
  ])[] = [
    [3600, 1, 'allow', ['known']],
    [3601, 1, 'allow', []],
    [7199, 2, 'deny', ['new', 'tor']],
    [7200, 3, 'step_up', ['new']],
    [7300, 2, 'step_up', ['new']],
    [7400, 4, null, []],
    [10_800, 4, 'allow', ['known'], 'login'],
    [14_400, 5, 'deny', ['outside']],
  ]
  const base = 1_700_006_400
  for (const [at, user, outcome, codes, flow = 'password_reset'] of rows) {
    const decision = JSON.stringify({ codes, needs_review: outcome === 'deny' })
    await sql`
      insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
        user_key, facts, settled_at, outcome, assessed, score, decision, confirmed_at)
      select ${tenant}, to_timestamp(${base + at}), gen_random_uuid(), 'AAAA-AAAA', ${flow}, 'e', 1,
        ${user}, '{}', settled, outcome, outcome, case when settled is not null then 0 end,
        case when settled is not null then ${decision}::text::jsonb end,
        case when outcome = 'step_up' then now() end
      from (select ${outcome}::text as outcome, case when ${outcome}::text is not null then now() end
        as settled) as made`
  }
  const range = { since: base + 3600, until: base + 14_400, bucketSeconds: 3600 }
  const NONE = Object.fromEntries([...OUTCOMES, 'open'].map((outcome) => [outcome, 0]))

  it('is what a hand counts', async () => {
    expect(await admin.summarise(tenant, range)).toEqual({
      buckets: [
        { ...NONE, at: base + 3600, allow: 2, deny: 1 },
        { ...NONE, at: base + 7200, step_up: 2, open: 1 },
        { ...NONE, at: base + 10_800, allow: 1 },
      ],
      reasons: [
        { code: 'new', records: 3, users: 2 },
        { code: 'known', records: 2, users: 2 },
        { code: 'tor', records: 1, users: 1 },
      ],
      users: 4,
      review: 1,
      confirmed: 2,
    })
  })

  it('of one flow counts that flow', async () => {
    expect(await admin.summarise(tenant, { ...range, flow: 'login' })).toMatchObject({
      ...{ buckets: [{ at: base + 10_800, allow: 1 }], users: 1, review: 0, confirmed: 0 },
    })
  })

  it('of nothing is empty', async () => {
    const empty = { buckets: [], reasons: [], users: 0, review: 0, confirmed: 0 }
    expect(await admin.summarise('nobody', range)).toEqual(empty)
    expect(await admin.summarise(tenant, { ...range, since: range.until })).toEqual(empty)
  })
})

describe('when Postgres is not there', () => {
  it('every question is a StoreError, and says nothing of the address', async () => {
    const nowhere = new URL(adminUrl)
    nowhere.port = '9'
    const lost = createAdminStore(nowhere.href, { connectSeconds: 20 })
    for (const question of [
      () => lost.listAssessments('acme', { limit: 1 }),
      () => lost.addPolicy('acme', policyOf({ version: 9 }), 'active', ANN),
      () => lost.findToken('0'.repeat(64)),
      () => lost.replay({ tenant: 'acme', flow: 'login' }, () => {}, new AbortController().signal),
    ]) {
      const error = await question().catch((e) => e)
      expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' })
      expect(error.message).not.toContain(nowhere.password)
    }
    await lost.close()
  })

  it('a connection that was cut is replaced for the next question', async () => {
    const cut = createAdminStore(adminUrl, { connections: 1, connectSeconds: 20 })
    await cut.listTokens()
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'redirect-verifier-admin'`
    await cut.listTokens().catch(() => {})
    expect(await cut.listTokens()).toEqual([])
    await cut.close()
  })
})
