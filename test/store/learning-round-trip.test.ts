/** Learning over the whole round trip: the emulated tenant's own log, delivered to the running verifier. */
import { expect, it } from 'vitest'
import type { NodeService } from '../../src/node.ts'
import type { ProfileFacts } from '../../src/verifier/domain/facts.ts'
import { freshDatabase } from '../support/database.ts'
import { BERLIN, CHICAGO, openWorld, passVerifier, placeOf, type World } from '../support/world.ts'

const database = await freshDatabase()
const { sql } = database
const STREAM = 'w4Hq1xZt7nYc0vRk5mBf8sLj2pDg6aEo9uTi3XyQwVs'

async function streamingWorld(): Promise<World> {
  const world = await openWorld(database, {
    node: { write: () => {}, storeLimits: { connections: 2 }, learning: { olderThanSeconds: -60 } },
  })
  await world.verifier.stop()
  await world.verifier.start({ RV_LOG_STREAM_TOKENS: JSON.stringify({ [world.tenantId]: STREAM }) })
  return world
}

/**
 * As Auth0 would: everything that the tenant has logged so far, as lines. The address, which Auth0's
 * schema requires of these events, is the browser's; the emulated log leaves it out.
 */
async function streamLog({ tenant, origins, verifier }: World): Promise<void> {
  const body = tenant
    .logs()
    .map(({ log_id, ...data }) =>
      JSON.stringify({ log_id, data: { ip: BERLIN.ip, ...data, log_id } }),
    )
    .join('\n')
  const { port } = new URL(origins.verifier)
  const response = await fetch(`http://127.0.0.1:${port}/hooks/auth0-logs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${STREAM}` },
    body,
  })
  expect(response.status).toBe(200)
  const service = verifier.service()
  if (!('learn' in service)) throw new Error('This suite runs on Node.')
  await (service as NodeService).learn()
}

const profiles = ({ tenantId }: World) => sql<{ n: number; hist: ProfileFacts['hist'] }[]>`
  select n, hist from user_profile where tenant = ${tenantId}`
const confirmed = async ({ tenantId }: World) => {
  const rows = await sql`
    select confirmed_at is not null as confirmed from assessment
    where tenant = ${tenantId} order by opened_at`
  return rows.map((row) => row.confirmed)
}

it('a reset that is completed teaches the profile; one that is abandoned teaches nothing', async () => {
  const world = await streamingWorld()
  const email = world.addUser()
  const thief = await world.arrive(email, world.browser(CHICAGO))
  expect(placeOf(await passVerifier(thief.browser))).toBe('new password')
  await world.records()
  await streamLog(world)
  expect(await confirmed(world)).toEqual([false])
  expect(await profiles(world)).toHaveLength(0)

  const { browser } = await world.arrive(email)
  await passVerifier(browser)
  expect(placeOf(await world.setPassword(browser))).toBe('done')
  await world.records()
  await streamLog(world)
  await streamLog(world)
  expect(await confirmed(world)).toEqual([false, true])
  const [profile, ...others] = await profiles(world)
  expect(others).toEqual([])
  expect(profile?.n).toBe(1)
  expect(Object.keys(profile?.hist.country ?? {})).toEqual(['DE'])
  expect(Object.keys(profile?.hist.device ?? {})).toHaveLength(1)
})

it('a step-up is learned when its factor was shown, from the first visit of that browser on', async () => {
  const world = await streamingWorld()
  const email = world.addUser(['phone'])
  const { browser } = await world.arrive(email)
  expect(placeOf(await passVerifier(browser))).toBe('factor')
  await world.records()
  await streamLog(world)
  expect(await confirmed(world)).toEqual([false])
  const code = world.tenant.phoneInbox.latest()?.code ?? ''
  await browser.submit(undefined, { code })
  expect(placeOf(await world.setPassword(browser))).toBe('done')
  await streamLog(world)
  expect(await confirmed(world)).toEqual([true])

  await world.arrive(email, browser)
  await browser.autoSubmit()
  const [latest] = await sql`
    select facts from assessment where tenant = ${world.tenantId} order by opened_at desc limit 1`
  const { request, store } = latest?.facts ?? {}
  expect(store.unconfirmed_recent).toBe(false)
  expect(store.profile.hist.device).toHaveProperty(request.device)
})
