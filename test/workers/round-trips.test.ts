/**
 * What a verification on Workers costs in round trips to Postgres, counted on the wire. Locally each
 * request connects to Postgres itself; deployed, the trips of the set-up end at Hyperdrive, in the same
 * data centre (docs/deploy-workers.md).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { liveToken, seedTenant } from '../support/environment.ts'
import { createCountingProxy } from '../support/proxy.ts'
import { buildWorker } from '../support/worker-bundle.ts'
import { linkTo, openWorker } from '../support/worker-client.ts'

const database = await freshDatabase()
beforeAll(() => seedTenant(database.url))

/** The deployed one's deadlines would strike on a machine that is busy enough, and less would be asked. */
let patientWorker: string
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'redirect-verifier-patient-'))
  patientWorker = buildWorker(folder, 'test/support/patient-worker.ts').file
  return () => rmSync(folder, { recursive: true, force: true })
})

/** The driver parses and describes a statement with parameters before it binds and runs it. */
const PREPARED = 2
/** A statement without parameters goes out whole. */
const PLAIN = 1

/** Of a plain client: the server's way of asking for the password decides. */
async function connectingTrips(): Promise<number> {
  const proxy = await createCountingProxy(database.url)
  onTestFinished(() => proxy.close())
  const plain = postgres(proxy.url, { max: 1, fetch_types: false })
  await plain.unsafe('select')
  const trips = proxy.take() - PLAIN
  await plain.end()
  return trips
}

it('a verification connects once, and then asks twice: before the answer and after it', async () => {
  const proxy = await createCountingProxy(database.url)
  onTestFinished(() => proxy.close())
  const { get, post } = openWorker(proxy.url, {}, patientWorker)
  const [first, token, state] = [liveToken(), liveToken(), crypto.randomUUID()]
  const settled = async () => {
    const [row] = await database.sql`
      select count(*)::integer as open from assessment where decision is null`
    return row?.open === 0
  }
  const counted = async (request: PromiseLike<{ status: number }>) => {
    proxy.take()
    expect((await request).status).toBe(200)
    await expect.poll(settled, { timeout: 10_000 }).toBe(true)
    return proxy.take()
  }

  const connecting = await connectingTrips()
  const trips = {
    'the first page of an isolate, which reads the settings': await counted(
      get(linkTo(token, state)),
    ),
    'any other page': await counted(get(linkTo(token, state))),
    'the first verification of an isolate, which reads the shadow policies': await counted(
      post(first, `first-${state}`),
    ),
    'any other, its write-back included': await counted(post(token, state)),
    'its repeat': await counted(post(token, state)),
    'the health check': await counted(get('/readyz')),
  }
  console.log('Round trips to Postgres on workerd:', { connecting, ...trips })
  expect(Object.values(trips)).toEqual([
    connecting + PLAIN,
    0,
    connecting + 3 * PREPARED,
    connecting + 2 * PREPARED,
    connecting + PREPARED,
    connecting + PLAIN,
  ])
})
