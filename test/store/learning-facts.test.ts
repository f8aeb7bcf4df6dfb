/** What the one statement says of earlier events: the log stream's, completed resets, everybody's. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { StoreFacts } from '../../src/verifier/domain/facts.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'

const database = await freshDatabase()
const { sql } = database
const arrange = createArrangement(database)
const store = createPoolStore(database.url, { ...PATIENT, connections: 2 })

beforeAll(async () => {
  await arrange.activatePolicy('acme', policyOf())
})
beforeEach(async () => {
  await sql`
    truncate redemption, state_claim, assessment, user_profile, user_event, learning_state,
      global_total, global_feature, address_baseline, entity_list, release, range_list, asn_list`
})
afterAll(() => store.close())

let names = 0
async function open(changes: Parameters<typeof openingOf>[1] = {}) {
  names += 1
  const answer = await store.open(openingOf(`facts ${names}`, changes))
  if (answer.kind !== 'opened') throw new Error(answer.kind)
  return answer.assessment
}
const factsOf = async (changes: Parameters<typeof openingOf>[1] = {}): Promise<StoreFacts> =>
  (await open(changes)).facts.store

const heard = (age: string) => sql`
  insert into learning_state (tenant, stream_since, stream_last_at)
  values ('acme', now() - interval '9 days', now() - ${age}::interval)`
const event = (kind: string, user: string, age: string) => sql`
  insert into user_event (tenant, log_key, kind, user_key, at)
  values ('acme', sha256(random()::text::bytea), ${kind}, ${user}, now() - ${age}::interval)`

describe('without a log stream', () => {
  it('nothing that only a stream can tell is known', async () => {
    const facts = await factsOf()
    for (const name of [
      'recent_failures',
      'sensitive_change_at',
      'reset_sources',
      'completed_resets_at',
      'global',
    ]) {
      expect(facts).not.toHaveProperty(name)
    }
  })

  it('nor with one that has been silent for a day', async () => {
    await heard('25 hours')
    const facts = await factsOf()
    expect(facts).not.toHaveProperty('recent_failures')
    expect(facts).not.toHaveProperty('sensitive_change_at')
  })

  it('but what is on record is told', async () => {
    await event('failure', '1', '5 minutes')
    await event('change', '1', '3 days')
    const facts = await factsOf({ user: '1' })
    expect(facts.recent_failures).toBe(1)
    expect(facts.sensitive_change_at).toEqual(expect.any(Number))
  })
})

describe('with a log stream', () => {
  beforeEach(() => heard('1 hour'))

  it('nothing on record means that nothing happened', async () => {
    expect(await factsOf({ user: '1' })).toMatchObject({
      recent_failures: 0,
      sensitive_change_at: null,
      reset_sources: { devices: 0, asns: 0 },
      completed_resets_at: [],
    })
  })

  it('failures count for an hour, and only the user’s own', async () => {
    for (const age of ['1 minute', '59 minutes', '61 minutes']) await event('failure', '1', age)
    await event('failure', '2', '1 minute')
    await event('factor', '1', '1 minute')
    expect((await factsOf({ user: '1' })).recent_failures).toBe(2)
  })

  it('failures are counted to a hundred', async () => {
    await sql`
      insert into user_event (tenant, log_key, kind, user_key, at)
      select 'acme', sha256(i::text::bytea), 'failure', 1, now() from generate_series(1, 150) as i`
    expect((await factsOf({ user: '1' })).recent_failures).toBe(100)
  })

  it('the latest change is told in epoch seconds', async () => {
    for (const age of ['8 days', '2 days', '3 days']) await event('change', '1', age)
    const { facts } = await open({ user: '1' })
    const age = facts.decided_at - Number(facts.store.sensitive_change_at)
    expect(Math.abs(age - 2 * 86_400)).toBeLessThan(60)
  })

  it('resets count by the places they were completed from, not by those they were tried from', async () => {
    const from = async (device: string, asn: number, completed: boolean) => {
      const { request } = openingOf('x')
      const visit_network = { ...request.visit_network, asn }
      const opened = await open({ user: '1', device, request: { ...request, visit_network } })
      await store.settle({ ...opened, decision: decisionOf() })
      if (completed) await arrange.confirm('acme', opened.id)
    }
    await from('11', 64500, true)
    await from('12', 64500, true)
    await from('13', 64501, false)
    expect((await factsOf({ user: '1' })).reset_sources).toEqual({ devices: 2, asns: 1 })
    expect((await factsOf({ user: '2' })).reset_sources).toEqual({ devices: 0, asns: 0 })
  })

  describe('completed resets', () => {
    const agesOf = async (user = '1') => {
      const { facts } = await open({ user })
      return facts.store.completed_resets_at
        ?.map((at) => Math.round((facts.decided_at - at) / 3600))
        .sort((a, b) => a - b)
    }
    const record = async (hoursAgo: number, completed: boolean) => {
      const { id } = await open({ user: '1' })
      if (completed) await arrange.confirm('acme', id)
      await sql`
        update assessment set opened_at = now() - make_interval(hours => ${hoursAgo})
        where id = ${id}`
    }

    it('are told with their times for a day, and only the user’s own', async () => {
      for (const age of ['2 hours', '23 hours', '25 hours']) await event('reset', '1', age)
      await event('reset', '2', '1 hour')
      await event('failure', '1', '1 hour')
      expect(await agesOf()).toEqual([2, 23])
    })

    it('are no attempts: what was opened and left is none', async () => {
      await record(3, false)
      expect(await agesOf()).toEqual([])
    })

    it('that a later token confirmed count beside those that Auth0 told, and none twice', async () => {
      await record(9, true)
      await record(5, true)
      await event('reset', '1', '4 hours 58 minutes')
      await event('reset', '1', '2 hours')
      expect(await agesOf()).toEqual([2, 5, 9])
    })

    it('are told without a log stream where a record was confirmed', async () => {
      await sql`delete from learning_state`
      await record(9, true)
      expect(await agesOf()).toEqual([9])
    })

    it('are told to a hundred of a kind', async () => {
      await sql`
        insert into user_event (tenant, log_key, kind, user_key, at)
        select 'acme', sha256(i::text::bytea), 'reset', 1, now() from generate_series(1, 150) as i`
      expect(await agesOf()).toHaveLength(100)
    })
  })
})

describe('an address', () => {
  it('is told with its own busiest ordinary hour', async () => {
    await sql`insert into address_baseline values ('acme', 7, 40, now()), ('globex', 8, 90, now())`
    const { users_per_address } = await factsOf({ tokenAddress: '7', visitAddress: '8' })
    expect(users_per_address).toEqual({ token: { users: 0, baseline: 40 }, visit: { users: 0 } })
  })

  it('is forgotten after an hour', async () => {
    await open({ user: '1', tokenAddress: '7' })
    await sql`update assessment set opened_at = opened_at - interval '61 minutes'`
    expect((await factsOf({ user: '2', tokenAddress: '7' })).users_per_address?.token?.users).toBe(
      0,
    )
  })

  it('is counted to a limit, whoever floods it', async () => {
    const first = await open({ user: '1', visitAddress: '7' })
    await sql`
      insert into assessment (tenant, opened_at, id, reference, flow, engine_version, policy_id,
        user_key, visit_address, facts)
      select tenant, opened_at, gen_random_uuid(), reference, flow, engine_version, policy_id,
        case when i <= 300 then 1 else i end, 7, facts
      from assessment, generate_series(2, 600) as i where id = ${first.id}`
    const users = async (user: string) =>
      (await factsOf({ user, tokenAddress: '7', visitAddress: '9' })).users_per_address?.token
        ?.users
    expect(await users('1')).toBe(200)
    // The flood's own user is left out before the limit, so he cannot hide the others behind himself.
    expect(Number(await users('99999'))).toBeGreaterThan(0)
  })
})

describe('everybody’s counts', () => {
  it('are told of this request’s values alone, with the sum of each feature', async () => {
    await sql`insert into global_total values ('acme', 100), ('globex', 7)`
    await sql`
      insert into global_feature values
        ('acme', 'country', '', 90), ('acme', 'country', 'NO', 60), ('acme', 'country', 'SE', 20),
        ('acme', 'country', 'DE', 10), ('acme', 'asn', '', 50), ('acme', 'asn', '64500', 50),
        ('acme', 'agent', '', 80), ('acme', 'agent', 'Windows/Chrome', 80),
        ('globex', 'country', 'NO', 7)`
    const request = { ...openingOf('x').request, os: 'Windows', browser: 'Chrome' }
    expect((await factsOf({ request })).global).toEqual({
      n: 100,
      totals: { country: 90, asn: 50, agent: 80 },
      counts: {
        country: { NO: 60, SE: 20 },
        asn: { '64500': 50 },
        agent: { 'Windows/Chrome': 80 },
      },
    })
  })

  it('never answer for the sum itself, whatever a request says', async () => {
    await sql`insert into global_total values ('acme', 100)`
    await sql`insert into global_feature values ('acme', 'os', '', 90)`
    const request = { ...openingOf('x').request, os: '' }
    expect((await factsOf({ request })).global?.counts).toEqual({})
  })
})

describe('a network feed', () => {
  const request = (asn?: number) => {
    const { request } = openingOf('x')
    const { country } = request.visit_network
    return {
      ...request,
      visit_network: { ...(country ? { country } : {}), ...(asn ? { asn } : {}) },
    }
  }
  beforeEach(async () => {
    await sql`insert into range_list (tenant, bit, kind, has_ranges) values ('acme', 2, 'hosting', false)`
    await sql`insert into asn_list values ('acme', 64500, 4)`
  })

  it('names an address whose network is on it', async () => {
    expect((await factsOf({ request: request(64500) })).ranges).toEqual({
      loaded: ['hosting'],
      token: [],
      visit: ['hosting'],
    })
  })

  it.each([undefined, 64501])('says nothing of the network %s', async (asn) => {
    expect((await factsOf({ request: request(asn) })).ranges).toEqual({
      loaded: [],
      token: [],
      visit: [],
    })
  })
})

describe('while the secret of the pseudonyms is replaced', () => {
  const previous = { user: '-1', tokenAddress: '-7', visitAddress: '-8', device: '-5' }
  const current = { user: '1', tokenAddress: '7', visitAddress: '8', device: '5' }
  const both = { ...current, previous }

  it('the history under the previous key is read, with this request’s values renamed', async () => {
    await arrange.putProfile('acme', '-1', {
      n: 9,
      first_at: 1,
      last_at: 2,
      hist: {
        device: { '-5': [4, 10], '-6': [5, 11] },
        address: { '-7': [2, 3], '7': [1, 4], '-9': [1, 1] },
        country: { NO: [9, 11] },
      },
    })
    expect((await factsOf(both)).profile?.hist).toEqual({
      device: { '5': [4, 10], '-6': [5, 11] },
      address: { '7': [1, 4], '-9': [1, 1] },
      country: { NO: [9, 11] },
    })
    expect((await factsOf(current)).profile).toBeNull()
  })

  it('the history under the current key stands over the previous one', async () => {
    for (const [user, n] of [
      ['-1', 9],
      ['1', 3],
    ] as const) {
      await arrange.putProfile('acme', user, { n, first_at: 1, last_at: 2, hist: {} })
    }
    expect((await factsOf(both)).profile?.n).toBe(3)
  })

  it('lists, releases, failures and unconfirmed denials under the previous key still count', async () => {
    await arrange.putListed('acme', { kind: 'device', action: 'deny', value: '-5' })
    await arrange.release('acme', '-1', 3600)
    await event('failure', '-1', '1 minute')
    const denied = await open({ user: '-1' })
    await store.settle({ ...denied, decision: decisionOf({ outcome: 'deny' }) })
    await sql`update release set used_at = null`
    expect(await factsOf(both)).toMatchObject({
      lists: [{ kind: 'device', action: 'deny' }],
      released: true,
      recent_failures: 1,
      unconfirmed_recent: true,
    })
  })

  it('nobody else becomes the user: without a previous key those rows stay unread', async () => {
    await arrange.putListed('acme', { kind: 'device', action: 'deny', value: '-5' })
    expect((await factsOf(current)).lists).toEqual([])
  })
})

it('the place of the last event is told with the time when it was seen', async () => {
  await sql`
    insert into user_profile (tenant, user_key, n, hist, last_latitude, last_longitude,
      last_place_at, first_at, last_at)
    values ('acme', 1, 2, '{}', 59.9, 10.7, to_timestamp(1000), to_timestamp(1), to_timestamp(2000))`
  expect((await factsOf({ user: '1' })).profile).toMatchObject({
    last_at: 2000,
    last_place_at: 1000,
  })
})
