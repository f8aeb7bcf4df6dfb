/** Many requests in one isolate: none hangs, none sees another's client, none leaves a connection. */
import { randomBytes } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type EmbeddedPostgres, startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { liveToken, seedTenant } from '../support/environment.ts'
import { formOf } from '../support/page.ts'
import { createSilentProxy } from '../support/silent-proxy.ts'
import { CONTINUE_SECRET, openToken } from '../support/tokens.ts'
import { openWorker, type WorkerClient } from '../support/worker-client.ts'

/** A server of its own: hundreds of connections would starve the other files. */
let server: EmbeddedPostgres
let url: string
let sql: Sql
beforeAll(async () => {
  server = await startPostgres({
    password: randomBytes(24).toString('hex'),
    settings: { max_connections: '300' },
  })
  url = server.url('postgres')
  await migrate(url)
  await seedTenant(url)
  sql = postgres(url, { max: 2, fetch_types: false, onnotice: () => {} })
})
afterAll(async () => {
  await sql.end({ timeout: 1 })
  await server.stop()
})

const connections = async () => {
  const [row] = await sql<{ open: number }[]>`
    select count(*)::integer as open from pg_stat_activity
    where application_name = 'redirect-verifier'`
  return row?.open
}

/**
 * Records that are left open although nothing in the log says that their write-back failed: a machine
 * that is slow for longer than a statement's deadline leaves some to the cron, and says so.
 */
const openUnlogged = (lines: readonly string[]) => async () => {
  const [row] = await sql<{ open: number }[]>`
    select count(*)::integer as open from assessment where decision is null`
  const failed = lines.filter((line) => line.includes('"where":"settle"')).length
  return Math.max(0, (row?.open ?? 0) - failed)
}

/** As the cron does it a minute later: nothing stays open. */
async function expectSettledByCron({ miniflare }: WorkerClient): Promise<void> {
  await sql`
    update assessment set opened_at = opened_at - interval '2 minutes' where decision is null`
  await (await miniflare.getWorker()).scheduled({ cron: '*/5 * * * *' })
  const open = async () => (await sql`select from assessment where decision is null`).length
  await expect.poll(open, { timeout: 10_000 }).toBe(0)
}

it('two hundred at once: each is answered for itself or told to come back', async () => {
  const worker = openWorker(url)
  const { post, lines } = worker
  const requests = Array.from({ length: 200 }, (_, i) => {
    const sub = `auth0|person-${i}`
    return { sub, state: `state-${i}`, token: liveToken({ sub }) }
  })
  const statuses: number[] = []
  const answers = new Map<string, Record<string, unknown>>()
  const ask = async ({ sub, state, token }: (typeof requests)[number]) => {
    const answer = await post(token, state)
    const body = await answer.text()
    statuses.push(answer.status)
    if (answer.status !== 200) return
    const { fields } = formOf(body)
    answers.set(sub, openToken(fields.session_token as string, CONTINUE_SECRET))
  }
  await Promise.all(requests.map(ask))
  expect(statuses).toHaveLength(200)
  // Beyond what an isolate takes on at once it refuses, the token unspent.
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
  // People come back one after the other.
  for (let turn = 0; answers.size < 200 && turn < 100; turn += 1) {
    const [...waiting] = requests.filter(({ sub }) => !answers.has(sub))
    await Promise.all(waiting.slice(0, 20).map(ask))
  }
  for (const { sub, state } of requests) expect(answers.get(sub)).toMatchObject({ sub, state })
  expect(new Set([...answers.values()].map(({ jti }) => jti)).size).toBe(200)

  const [records] = await sql`select count(*)::integer as all from assessment`
  expect(records?.all).toBe(200)
  await expect.poll(openUnlogged(lines), { timeout: 10_000 }).toBe(0)
  await expect.poll(connections, { timeout: 10_000 }).toBe(0)
  await expectSettledByCron(worker)
})

it('browsers that leave while Postgres is silent take no place from those who come after', async () => {
  const proxy = await createSilentProxy(url)
  onTestFinished(() => proxy.close())
  const { post, lines } = openWorker(proxy.url)
  // Settings are read and the record is written back, so that all places are free.
  expect((await post(liveToken(), 'state-before')).status).toBe(200)
  await expect.poll(openUnlogged(lines), { timeout: 10_000 }).toBe(0)
  await expect.poll(connections, { timeout: 10_000 }).toBe(0)

  proxy.silence()
  const leaving = new AbortController()
  const left = Array.from({ length: 150 }, (_, i) =>
    post(liveToken(), `state-left-${i}`, { signal: leaving.signal }).then(
      ({ status }) => status,
      () => 'left',
    ),
  )
  await proxy.waiting(100)
  leaving.abort()
  const ends = await Promise.all(left)
  expect(ends.filter((end) => end === 'left').length).toBeGreaterThanOrEqual(100)

  proxy.speak()
  const again = async () =>
    (await post(liveToken(), `state-${randomBytes(8).toString('hex')}`)).status
  await expect.poll(again, { timeout: 20_000 }).toBe(200)
  await expect.poll(connections, { timeout: 10_000 }).toBe(0)
})
