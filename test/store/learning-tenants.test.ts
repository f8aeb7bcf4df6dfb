/** Which tenants get a turn of learning: those for whom there is something to do, and nobody else. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { dueTenants, forEachDue, learnTurn, receiveEvents } from '../../src/verifier/learn.ts'
import { StoreError } from '../../src/verifier/ports.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const database = await freshDatabase()
const { sql } = database
const store = createPoolStore(database.url, PATIENT)
const identifiers = createIdentifiers(IDENTIFIER_SECRET)
const TENANTS = ['acme', 'globex', 'initech'] as const
const NOW = { olderThanSeconds: -60 }

beforeAll(async () => {
  for (const tenant of TENANTS) {
    await createArrangement(database).activatePolicy(tenant, policyOf())
  }
})
beforeEach(async () => {
  await sql`truncate redemption, state_claim, assessment, user_profile, user_event, learning_state`
  // Nothing is left to count of the hours before.
  await sql`
    insert into learning_state (tenant, counted_until)
    select tenant, date_trunc('hour', now() - interval '15 minutes')
    from jsonb_array_elements_text(${JSON.stringify(TENANTS)}::text::jsonb) as given (tenant)`
})
afterAll(() => store.close())

const due = (options: Parameters<typeof dueTenants>[2] = NOW) => dueTenants(store, TENANTS, options)

let names = 0
async function verify(tenantId: string): Promise<void> {
  names += 1
  const answer = await store.open({ ...openingOf(`due ${names}`), tenantId })
  expect(answer.kind).toBe('opened')
}

async function deliver(tenantId: string, type: string): Promise<void> {
  names += 1
  const data = {
    type,
    date: new Date().toISOString(),
    user_id: 'auth0|1',
    ip: '203.0.113.9',
    user_agent: 'Chrome 120.0.0 / Windows 10.0.0',
  }
  const now = Math.floor(Date.now() / 1000)
  await receiveEvents({ store, identifiers }, tenantId, [{ log_id: `due-${names}`, data }], now)
}

describe('a tenant', () => {
  it('of whom nothing came is left alone', async () => {
    expect(await due()).toEqual([])
  })

  it('that was never looked at and has nothing is left alone too', async () => {
    await sql`truncate learning_state`
    expect(await due()).toEqual([])
    expect(await dueTenants(store, ['nobody'], NOW)).toEqual([])
    expect(await dueTenants(store, [], NOW)).toEqual([])
  })

  it.each(['s', 'scp', 'ssa'])('with a log event (%s) gets one turn', async (type) => {
    await deliver('globex', type)
    expect(await due()).toEqual(['globex'])
    await learnTurn(store, 'globex', NOW)
    expect(await due()).toEqual([])
  })

  it('with events that teach nothing by themselves is left alone', async () => {
    await deliver('globex', 'fp')
    expect(await due()).toEqual([])
  })

  it('waits until what belongs to an event may have come', async () => {
    await deliver('globex', 's')
    expect(await due({})).toEqual([])
    await sql`update user_event set received_at = now() - interval '3 minutes'`
    expect(await due({})).toEqual(['globex'])
  })

  it('with a record gets one turn', async () => {
    await verify('acme')
    await verify('initech')
    expect((await due()).toSorted()).toEqual(['acme', 'initech'])
    await learnTurn(store, 'acme', NOW)
    expect(await due()).toEqual(['initech'])
  })

  it('with a confirmed record that is in no profile gets a turn, whenever it was opened', async () => {
    await verify('acme')
    await learnTurn(store, 'acme', NOW)
    expect(await due()).toEqual([])
    await sql`update assessment set confirmed_at = now()`
    expect(await due()).toEqual(['acme'])
    await learnTurn(store, 'acme', NOW)
    expect(await due()).toEqual([])
  })

  it.each(['record', 'event'])('with a %s of an hour that is over has it counted', async (what) => {
    if (what === 'record') await verify('acme')
    else await deliver('acme', 's')
    await learnTurn(store, 'acme', NOW)
    expect(await due()).toEqual([])
    await sql`update learning_state set counted_until = counted_until - interval '2 hours'`
    expect(await due()).toEqual(['acme'])
    await learnTurn(store, 'acme', NOW)
    expect(await due()).toEqual([])
  })

  it('that this service does not serve is never named', async () => {
    await deliver('globex', 's')
    expect(await dueTenants(store, ['acme'], NOW)).toEqual([])
  })
})

describe('the turns of all', () => {
  const bad = new StoreError('unknown', '22P02')
  /** Takes everybody's turn but fails for some; answers whose it took, and what was said. */
  async function turns(failing: readonly string[], failure: StoreError) {
    for (const tenant of TENANTS) await deliver(tenant, 's')
    const taken: string[] = []
    const said = await forEachDue(
      store,
      TENANTS,
      async (tenantId) => {
        taken.push(tenantId)
        if (failing.includes(tenantId)) throw failure
        await learnTurn(store, tenantId, NOW)
      },
      NOW,
    ).then(
      () => undefined,
      (error: unknown) => error,
    )
    return { taken: taken.toSorted(), said, left: (await due()).toSorted() }
  }

  it('are taken by each who is due', async () => {
    expect(await turns([], bad)).toEqual({ taken: TENANTS, said: undefined, left: [] })
  })

  it('go on past those that fail, and say so at the end', async () => {
    const failing = ['acme', 'globex']
    expect(await turns(failing, bad)).toEqual({ taken: TENANTS, said: bad, left: failing })
  })

  it('end where the database is gone', async () => {
    const gone = new StoreError('unavailable', 'ECONNREFUSED')
    const { taken, said, left } = await turns(TENANTS, gone)
    expect([taken.length, said, left.length]).toEqual([1, gone, 3])
  })
})
