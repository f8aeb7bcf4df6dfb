/**
 * Learning on Postgres: what a log stream delivers and what tokens tell becomes confirmed records and
 * profiles, each thing once, whoever runs it and wherever it dies.
 */
import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ProfileFacts, RequestFacts } from '../../src/verifier/domain/facts.ts'
import { noveltyOf } from '../../src/verifier/domain/novelty.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { learnTurn, receiveEvents, unreadHistories } from '../../src/verifier/learn.ts'
import type { OpenAssessment } from '../../src/verifier/ports.ts'
import { createCounter } from '../../src/verifier/store/admission.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { createRequestStore } from '../../src/verifier/store/request-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const database = await freshDatabase()
const { sql } = database
const arrange = createArrangement(database)
const store = createPoolStore(database.url, { ...PATIENT, connections: 4 })
const identifiers = createIdentifiers(IDENTIFIER_SECRET)

beforeAll(async () => {
  await arrange.activatePolicy('acme', policyOf())
})
beforeEach(async () => {
  await sql`
    truncate redemption, state_claim, assessment, user_profile, user_event, learning_state,
      global_total, global_feature, address_baseline, rate_gcra`
})
afterAll(() => store.close())

const SUBJECT = 'auth0|1'
const USER = identifiers.pseudonym('acme', 'user', SUBJECT)
const addressOf = (ip: string) => identifiers.pseudonym('acme', 'address', ip)
const HOME = '203.0.113.9'
const now = async () => Math.floor((await store.check()).epochSeconds)
const turn = (using = store) => learnTurn(using, 'acme', { olderThanSeconds: -60 })

let names = 0
interface Attempt {
  readonly user?: string
  readonly ip?: string
  readonly device?: string
  readonly token?: Partial<RequestFacts['token']>
  readonly network?: RequestFacts['visit_network']
  readonly outcome?: 'allow' | 'step_up' | 'deny'
  readonly assessed?: 'allow' | 'step_up' | 'deny'
}
/** A verification as it stands once it is settled. */
async function verify(attempt: Attempt = {}): Promise<OpenAssessment> {
  const { ip = HOME, device = '500', network = { country: 'NO', asn: 64500 } } = attempt
  names += 1
  const address = addressOf(ip)
  const answer = await store.open(
    openingOf(`learn ${names}`, {
      user: attempt.user ?? USER,
      tokenAddress: address,
      visitAddress: address,
      device,
      request: {
        token: { flow: 'password_reset', enforced: true, ...attempt.token },
        token_network: { address, family: 4 },
        visit_network: { ...network, address, family: 4 },
        os: 'Windows',
        browser: 'Chrome',
        device,
        client: { script: true },
      },
    }),
  )
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  const { outcome = 'allow', assessed = outcome } = attempt
  await store.settle({ ...answer.assessment, decision: decisionOf({ outcome, assessed }) })
  return answer.assessment
}

let logs = 0
const logOf = (type: string, changes: Readonly<Record<string, unknown>> = {}) => {
  logs += 1
  return {
    log_id: `log-${logs}`,
    data: {
      type,
      date: new Date().toISOString(),
      user_id: SUBJECT,
      ip: HOME,
      user_agent: 'Chrome 120.0.0 / Windows 10.0.0',
      ...changes,
    },
  }
}
const deliver = async (...items: unknown[]) =>
  receiveEvents({ store, identifiers }, 'acme', items, await now())

async function profileOf(user = USER): Promise<ProfileFacts | undefined> {
  return (await store.readProfiles('acme', [user])).get(user)?.profile
}
const confirmedIds = async () => {
  const rows = await sql<{ id: string }[]>`select id from assessment where confirmed_at is not null`
  return rows.map(({ id }) => id)
}

describe('settling', () => {
  it('never learns: neither what was allowed nor what was stepped up', async () => {
    await verify()
    await verify({ outcome: 'step_up' })
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
    expect(await profileOf()).toBeUndefined()
    expect(await sql`select from global_total`).toHaveLength(0)
  })

  it('a hundred attempts that were abandoned or denied change no evidence of the model', async () => {
    await arrange.putProfile('acme', USER, {
      n: 12,
      first_at: 1_700_000_000,
      last_at: 1_790_000_000,
      hist: { country: { NO: [12, 20_000] }, asn: { '64500': [12, 20_000] } },
    })
    const thief: Attempt = {
      ip: '198.51.100.66',
      device: '666',
      network: { country: 'BR', asn: 65550 },
    }
    const evidence = async () => noveltyOf((await verify(thief)).facts)
    const before = await evidence()
    expect(before?.evidence).toBeGreaterThan(0)
    const profile = await profileOf()
    for (let i = 0; i < 100; i += 1) {
      await verify({ ...thief, outcome: (['allow', 'step_up', 'deny'] as const)[i % 3] as 'deny' })
    }
    await deliver(logOf('fp', { ip: '198.51.100.66' }), logOf('scpr', { ip: '198.51.100.66' }))
    await turn()
    expect(await profileOf()).toEqual(profile)
    expect(await evidence()).toEqual(before)
    const { store: facts } = (await verify(thief)).facts
    expect(facts.unconfirmed_recent).toBe(true)
    expect(facts.velocity.user).toBeGreaterThan(720)
  })
})

describe('the domain of a login’s e-mail address', () => {
  const list = (...domains: string[]) =>
    sql`insert into domain_list ${sql(domains.map((domain) => ({ tenant: 'acme', domain })))}`
  const disposable = async () => (await verify()).facts.store.profile?.disposable_email
  const login = async (user_name: string, secondsAgo = 0) => {
    const date = new Date(Date.now() - secondsAgo * 1000).toISOString()
    await deliver(logOf('s', { user_name, date }))
    await turn()
  }
  beforeEach(() => sql`truncate domain_list`)

  it.each([
    ['is on the list', 'canary@trash.example', true],
    ['lies below one on the list', 'canary@a.b.trash.example', true],
    ['is not', 'canary@work.example', false],
    ['only ends alike', 'canary@nottrash.example', false],
    ['is none', 'canary', undefined],
  ])('that %s is known as such, and not kept', async (_case, user_name, expected) => {
    await list('trash.example', 'junk.example')
    await login(user_name)
    expect(await disposable()).toBe(expected)
    const kept = await sql`select to_jsonb(e), to_jsonb(p) from user_event e, user_profile p`
    expect(JSON.stringify(kept)).not.toMatch(/canary|work\.example|trash\.example/)
  })

  it('is unknown without a list, also when the list was taken away since', async () => {
    await login('canary@trash.example')
    expect(await disposable()).toBeUndefined()
    await list('trash.example')
    expect(await disposable()).toBeUndefined()
    await login('canary@trash.example')
    expect(await disposable()).toBe(true)
    await sql`truncate domain_list`
    expect(await disposable()).toBeUndefined()
  })

  it('is another tenant’s list’s business in no way', async () => {
    await sql`insert into domain_list values ('globex', 'trash.example')`
    await login('canary@trash.example')
    expect(await disposable()).toBeUndefined()
  })

  it('is the last login’s, not that of an older one which is told later', async () => {
    await list('trash.example')
    await login('canary@trash.example')
    await login('canary@work.example', 600)
    expect(await disposable()).toBe(true)
    await login('canary@work.example')
    expect(await disposable()).toBe(false)
  })

  it('stays known through logins that name none', async () => {
    await list('trash.example')
    await login('canary@trash.example')
    await login('canary')
    expect(await disposable()).toBe(true)
  })
})

describe('a password change in the log', () => {
  it('confirms the record and teaches the profile its device, place and browser', async () => {
    const { id } = await verify()
    await deliver(logOf('scp'))
    expect(await turn()).toEqual({ confirmed: 1, folded: 1 })
    expect(await confirmedIds()).toEqual([id])
    const profile = await profileOf()
    const today = Math.floor((await now()) / 86_400)
    expect(profile).toMatchObject({
      n: 1,
      hist: {
        device: { '500': [1, today] },
        country: { NO: [1, today] },
        asn: { '64500': [1, today] },
        address: { [addressOf(HOME)]: [1, today] },
        agent: { 'Windows/Chrome': [1, today] },
      },
    })
    expect((await verify()).facts.store.profile).toEqual(profile)
    expect((await verify()).facts.store.global).toEqual({
      n: 1,
      totals: { country: 1, asn: 1, os: 1, agent: 1 },
      counts: {
        country: { NO: 1 },
        asn: { '64500': 1 },
        os: { Windows: 1 },
        agent: { 'Windows/Chrome': 1 },
      },
    })
  })

  it('clears the floor that an unconfirmed step-up leaves', async () => {
    await verify({ outcome: 'step_up' })
    expect((await verify({ ip: '203.0.113.77' })).facts.store.unconfirmed_recent).toBe(true)
    await deliver(logOf('scp'))
    await turn()
    expect((await verify()).facts.store.unconfirmed_recent).toBe(false)
  })

  it('confirms a step-up of an observing Action only if a factor succeeded in between', async () => {
    const observed: Attempt = { outcome: 'step_up', token: { enforced: false } }
    await verify(observed)
    await deliver(logOf('scp'))
    expect(await turn()).toMatchObject({ confirmed: 0 })
    await sql`delete from assessment`
    await verify(observed)
    await deliver(logOf('gd_auth_succeed'), logOf('scp'))
    expect(await turn()).toMatchObject({ confirmed: 1 })
  })

  it.each([
    ['a denied record', { outcome: 'deny' }, {}],
    ['what only monitoring let through', { outcome: 'allow', assessed: 'step_up' }, {}],
    ['a record at another address', { ip: '198.51.100.66' }, {}],
    ['another user’s record', { user: '2' }, {}],
    [
      'a record of before the transaction',
      {},
      { date: new Date(Date.now() + 3_700_000).toISOString() },
    ],
    ['anything, when it has no address', {}, { ip: '' }],
  ] as const)('does not confirm %s, and is not asked again', async (_case, attempt, log) => {
    await verify(attempt as Attempt)
    const item = logOf('scp', log)
    await receiveEvents({ store, identifiers }, 'acme', [item], (await now()) + 4000)
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
    expect(await confirmedIds()).toEqual([])
    expect(await sql`select from user_event where folded_at is null`).toHaveLength(0)
  })

  it('confirms nobody when the thief and the user share an address', async () => {
    await verify({ device: '500' })
    await verify({ device: '666' })
    await deliver(logOf('scp'))
    expect(await turn()).toMatchObject({ confirmed: 0 })
  })

  it('waits for what belongs to it', async () => {
    await deliver(logOf('scp'))
    expect(await learnTurn(store, 'acme')).toEqual({ confirmed: 0, folded: 0 })
    await verify()
    expect(await turn()).toEqual({ confirmed: 1, folded: 1 })
  })

  it('delivered again changes nothing', async () => {
    await verify()
    const item = logOf('scp')
    await Promise.all([deliver(item), deliver(item, item), deliver(item)])
    await turn()
    const profile = await profileOf()
    await deliver(item)
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
    expect(await profileOf()).toEqual(profile)
  })
})

describe('a login in the log', () => {
  it('teaches the profile, once, however often it is delivered', async () => {
    const items = [logOf('s'), logOf('s', { location_info: { country_code: 'NO' } })]
    for (let i = 0; i < 3; i += 1) await deliver(...items)
    expect(await turn()).toEqual({ confirmed: 0, folded: 1 })
    for (let i = 0; i < 3; i += 1) await deliver(...items)
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
    expect(await profileOf()).toMatchObject({
      n: 2,
      hist: { os: { Windows: [2, expect.any(Number)] }, country: { NO: [1, expect.any(Number)] } },
    })
  })

  it('keeps a user from being forgotten', async () => {
    const long = (await now()) - 399 * 86_400
    await arrange.putProfile('acme', USER, { n: 1, first_at: long, last_at: long, hist: {} })
    await deliver(logOf('s'))
    await turn()
    expect((await profileOf())?.last_at).toBeGreaterThan(long + 398 * 86_400)
  })

  it('that completes a login record is not counted beside it', async () => {
    await arrange.activatePolicy('acme', policyOf({ flow: 'login' })).catch(() => {})
    const address = addressOf(HOME)
    const answer = await store.open(
      openingOf('login', {
        flow: 'login',
        user: USER,
        tokenAddress: address,
        visitAddress: address,
        request: { ...openingOf('x').request, token: { flow: 'login', enforced: true } },
      }),
    )
    if (answer.kind !== 'opened') throw new Error(answer.kind)
    await store.settle({ ...answer.assessment, decision: decisionOf({ outcome: 'step_up' }) })
    await deliver(logOf('ssa'))
    expect(await turn()).toEqual({ confirmed: 0, folded: 1 })
    await deliver(logOf('gd_auth_succeed'), logOf('s'))
    expect(await turn()).toEqual({ confirmed: 1, folded: 1 })
    expect((await profileOf())?.n).toBe(2)
    expect(await confirmedIds()).toEqual([answer.assessment.id])
  })

  it('that is older than a week, or from the future, is left out', async () => {
    const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
    expect(
      await deliver(logOf('s', { date: at(-8 * 86_400) }), logOf('s', { date: at(900) })),
    ).toEqual({ accepted: 0, ignored: 2 })
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
  })
})

describe('other events', () => {
  it('feed the signals of failures and changes, and no profile', async () => {
    await deliver(logOf('fp'), logOf('gd_auth_failed'), logOf('sce'), logOf('fu'), logOf('sapi'))
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
    const { facts } = await verify()
    expect(facts.store).toMatchObject({ profile: null, recent_failures: 2 })
    expect(Math.abs(Number(facts.store.sensitive_change_at) - facts.decided_at)).toBeLessThan(60)
  })

  it('even when nothing of them is kept show that the stream is alive', async () => {
    await deliver(logOf('sapi'))
    expect((await verify()).facts.store).toMatchObject({
      recent_failures: 0,
      sensitive_change_at: null,
    })
  })

  it('of a tenant stay with it', async () => {
    await receiveEvents({ store, identifiers }, 'globex', [logOf('fp'), logOf('s')], await now())
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
    expect((await verify()).facts.store).not.toHaveProperty('recent_failures')
  })
})

describe('the age of the last reset in a later token', () => {
  const DAYS = 86_400
  const backDate = (id: string, seconds: number) => sql`
    update assessment set opened_at = opened_at - make_interval(secs => ${seconds}) where id = ${id}`

  it('confirms the only record of that day', async () => {
    const { id } = await verify({ token: { last_reset_age_days: 40 } })
    await backDate(id, 3 * DAYS - 43_200)
    await verify({ token: { last_reset_age_days: 2 } })
    expect(await turn()).toEqual({ confirmed: 1, folded: 1 })
    expect(await confirmedIds()).toEqual([id])
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
  })

  it('confirms nothing when that day has two records, one of them denied', async () => {
    const first = await verify({ token: { last_reset_age_days: 40 } })
    const second = await verify({ outcome: 'deny', token: { last_reset_age_days: 40 } })
    for (const { id } of [first, second]) await backDate(id, 3 * DAYS - 43_200)
    await verify({ token: { last_reset_age_days: 2 } })
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
  })

  it('says nothing of another user’s records', async () => {
    const { id } = await verify({ user: '2', token: { last_reset_age_days: 40 } })
    await backDate(id, 3 * DAYS - 43_200)
    await verify({ token: { last_reset_age_days: 2 } })
    expect(await turn()).toEqual({ confirmed: 0, folded: 0 })
  })

  it('is read once, in portions', async () => {
    for (let i = 0; i < 5; i += 1) await verify()
    const batch = { limit: 3, olderThanSeconds: -60 }
    const first = await store.readClaims('acme', batch)
    await store.confirm('acme', {
      records: [],
      events: [],
      claimsReadUntil: first.at(-1)?.openedAt as string,
    })
    const second = await store.readClaims('acme', batch)
    expect([first.length, second.length]).toEqual([3, 2])
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(5)
  })
})

describe('folding', () => {
  it('ten folders at once apply each row exactly once', async () => {
    for (let user = 0; user < 20; user += 1) {
      const subject = `auth0|many-${user}`
      await verify({ user: identifiers.pseudonym('acme', 'user', subject) })
      await deliver(...Array.from({ length: 5 }, () => logOf('s', { user_id: subject })))
    }
    await sql`update assessment set confirmed_at = now()`
    const single = createRequestStore(database.url, {
      admission: createCounter(10),
      connectSeconds: 20,
      deadlineMilliseconds: 25_000,
    })
    while (true) {
      const turns = await Promise.all(
        Array.from({ length: 10 }, (_, i) => turn((i % 2 ? store : single) as typeof store)),
      )
      if (turns.every(({ folded }) => folded === 0)) break
    }
    const rows = await sql`select n from user_profile`
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, () => 6))
    expect([...(await sql`select n::integer as n from global_total`)]).toEqual([{ n: 120 }])
    expect(await sql`select from user_event where folded_at is null`).toHaveLength(0)
    expect(await sql`select from assessment where folded_at is null`).toHaveLength(0)
  })

  it('a turn that dies between confirming and folding is taken up by the next', async () => {
    await verify()
    await deliver(logOf('scp'))
    const [event] = await store.readEvents('acme', { limit: 9, olderThanSeconds: -60 })
    await store.confirm('acme', { records: event?.records ?? [], events: [event?.key ?? ''] })
    expect(await profileOf()).toBeUndefined()
    expect(await turn()).toEqual({ confirmed: 0, folded: 1 })
    expect((await profileOf())?.n).toBe(1)
  })

  const foldOf = async () => {
    await verify()
    await deliver(logOf('scp'))
    const [event] = await store.readEvents('acme', { limit: 9, olderThanSeconds: -60 })
    await store.confirm('acme', { records: event?.records ?? [], events: [event?.key ?? ''] })
    const [record] = await store.readConfirmed('acme', 9)
    if (record === undefined) throw new Error('nothing is due')
    const profile: ProfileFacts = { n: 1, first_at: 1, last_at: 1, hist: {} }
    return {
      user: USER,
      profile,
      records: [record],
      events: [] as string[],
      counts: { n: 1, features: [] },
    }
  }

  it('a fold computed from a profile that has moved on is dropped whole', async () => {
    const fold = await foldOf()
    await arrange.putProfile('acme', USER, { n: 9, first_at: 1, last_at: 1, hist: {} })
    expect(await store.fold('acme', [fold])).toBe(0)
    expect(await store.fold('acme', [{ ...fold, revision: 7 }])).toBe(0)
    expect((await profileOf())?.n).toBe(9)
    expect(await store.readConfirmed('acme', 9)).toHaveLength(1)
    expect(await sql`select from global_total`).toHaveLength(0)
    expect(await store.fold('acme', [{ ...fold, revision: 0 }])).toBe(1)
    expect(await store.fold('acme', [{ ...fold, revision: 1 }])).toBe(0)
  })

  it.each([
    ['that was applied already', async () => sql`update assessment set folded_at = now()`],
    ['that is not confirmed', async () => sql`update assessment set confirmed_at = null`],
    ['that was erased', async () => sql`delete from assessment`],
  ])('a fold of a record %s is dropped whole', async (_case, change) => {
    const fold = await foldOf()
    await change()
    expect(await store.fold('acme', [fold])).toBe(0)
    expect(await profileOf()).toBeUndefined()
  })

  it('one bad fold does not keep the others back', async () => {
    const fold = await foldOf()
    const other = { ...fold, user: '77', records: [], events: [], revision: 3 }
    expect(await store.fold('acme', [other, fold, other])).toBe(1)
    expect(await profileOf()).toBeDefined()
  })

  it('of another tenant’s row is dropped', async () => {
    const fold = await foldOf()
    expect(await store.fold('globex', [fold])).toBe(0)
  })
})

describe('while the secret is replaced', () => {
  it('the first thing learned under the new key takes the old history along', async () => {
    const old = identifiers.pseudonym('acme', 'user', 'under the old secret')
    await arrange.putProfile('acme', old, {
      n: 12,
      first_at: 1_700_000_000,
      last_at: 1_790_000_000,
      hist: { country: { NO: [12, 20_000] } },
    })
    await store.recordEvents(
      'acme',
      [
        {
          key: createHash('sha256').update(randomUUID()).digest('hex'),
          kind: 'login',
          user: USER,
          previousUser: old,
          at: await now(),
          request: openingOf('x').request,
        },
      ],
      'stream',
    )
    expect(await turn()).toEqual({ confirmed: 0, folded: 1 })
    expect(await profileOf()).toMatchObject({ n: 13, first_at: 1_700_000_000 })
    expect((await profileOf())?.hist.country?.NO?.[0]).toBe(13)
    expect(await profileOf(old)).toBeUndefined()
  })
})

describe('a secret that was replaced', () => {
  const FORGOTTEN = 'fOrG3Bl9sQm4xRb7tZn0cLf5yHj8pDg1aEo6uTi3XkQw'
  const unreadOf = (tenants: readonly string[], ...secrets: [string, string?]) =>
    unreadHistories(store, tenants, createIdentifiers(...secrets), 400)
  const unread = async (...secrets: [string, string?]) =>
    (await unreadOf(['acme'], ...secrets)).length > 0
  beforeEach(() => sql`truncate identifier_key`)

  it('is missed for as long as profiles under it would be kept', async () => {
    expect(await unread(FORGOTTEN)).toBe(false)
    expect(await unread(FORGOTTEN)).toBe(false)
    expect(await unread(IDENTIFIER_SECRET)).toBe(true)
    expect(await unread(IDENTIFIER_SECRET, FORGOTTEN)).toBe(false)
    expect(await unread(IDENTIFIER_SECRET)).toBe(true)
    await sql`update identifier_key set last_used_at = now() - interval '401 days'`
    expect(await unread(IDENTIFIER_SECRET)).toBe(false)
  })

  it('is missed by those tenants alone that had it', async () => {
    expect(await unreadOf(['acme', 'globex'], FORGOTTEN)).toEqual([])
    expect(await unreadOf(['acme', 'initech'], IDENTIFIER_SECRET)).toEqual(['acme'])
    expect(await unreadOf([], IDENTIFIER_SECRET)).toEqual([])
    const noted = await sql`select tenant, count(*)::integer as n from identifier_key
      group by tenant order by tenant`
    expect(noted.map(({ tenant, n }) => [tenant, n])).toEqual([
      ['acme', 2],
      ['globex', 1],
      ['initech', 1],
    ])
  })

  it('is known by a fingerprint that is neither its text nor one of its keys', async () => {
    await unread(FORGOTTEN)
    const { fingerprint, ...identifiers } = createIdentifiers(FORGOTTEN)
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/)
    const number = BigInt.asIntN(64, BigInt(`0x${fingerprint}`)).toString()
    expect(number).not.toBe(identifiers.pseudonym('acme', 'user', ''))
    expect(JSON.stringify(await sql`select * from identifier_key`)).not.toContain(
      FORGOTTEN.slice(4),
    )
  })
})

describe('the baseline of an address', () => {
  const users = async () => {
    const rows = await sql`select address::text, users from address_baseline where tenant = 'acme'`
    return Object.fromEntries(rows.map(({ address, users }) => [address, users]))
  }
  const logins = async (count: number, ip: string, hoursAgo: number) => {
    const items = Array.from({ length: count }, (_, i) =>
      logOf('s', { ip, user_id: `auth0|b${i}` }),
    )
    await deliver(...items)
    await sql`
      update user_event set at = date_trunc('hour', now()) - make_interval(hours => ${hoursAgo}, mins => -5)
      where address = ${addressOf(ip)} and at > now() - interval '2 minutes'`
  }

  it('is its busiest hour, counted in users who got in', async () => {
    await logins(3, '203.0.113.1', 4)
    await logins(7, '203.0.113.1', 3)
    await logins(1, '203.0.113.2', 3)
    await turn()
    expect(await users()).toEqual({ [addressOf('203.0.113.1')]: 7 })
  })

  it('does not grow by attempts', async () => {
    for (let i = 0; i < 9; i += 1) await verify({ user: `${i}`, ip: '203.0.113.1' })
    await sql`update assessment set opened_at = opened_at - interval '3 hours'`
    await turn()
    expect(await users()).toEqual({})
  })

  it('stays what it was through a quiet hour, and hours are counted once', async () => {
    await logins(5, '203.0.113.1', 3)
    await turn()
    await sql`delete from user_event`
    await sql`update learning_state set counted_until = counted_until - interval '3 hours'`
    await logins(2, '203.0.113.1', 2)
    await turn()
    expect(await users()).toEqual({ [addressOf('203.0.113.1')]: 5 })
  })
})
