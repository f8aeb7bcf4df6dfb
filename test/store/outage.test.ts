/** What the store says, and that it recovers, when Postgres is slow, frozen, gone or kills a session. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { seed } from '../../db/seed.ts'
import { StoreError } from '../../src/verifier/ports.ts'
import {
  createPoolStore,
  type PoolStore,
  type StoreLimits,
} from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { openingOf, PATIENT, policyOf } from '../support/openings.ts'
import { createArrangement } from '../support/postgres-arrangement.ts'

const failure = (kind: StoreError['kind'], code: string | RegExp) => (error: unknown) => {
  expect(error).toBeInstanceOf(StoreError)
  expect(error).toMatchObject({ kind, code: expect.stringMatching(code) })
  // Neither the driver's message nor the query and parameters that it hangs on its errors.
  expect(Object.getOwnPropertyNames(error).sort()).toEqual([
    'code',
    'kind',
    'message',
    'name',
    'stack',
  ])
}
const failed = (answer: Promise<unknown>) =>
  answer.then(
    () => Promise.reject(new Error('it was answered')),
    (error: unknown) => error,
  )

describe('while a row that a visit needs is locked', () => {
  const stores: PoolStore[] = []
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let holder: Awaited<ReturnType<Sql['reserve']>>

  beforeAll(async () => {
    database = await freshDatabase()
    const arrange = createArrangement(database)
    await arrange.activatePolicy('acme', policyOf())
    const store = create({})
    await store.open(openingOf('first', { user: '5' }))
    // The driver reserves only a connection that is open already.
    await database.sql`select`
    holder = await database.sql.reserve()
    await holder`begin`
    await holder`select from rate_gcra where key = 5 for update`
  })
  afterAll(async () => {
    await holder`rollback`
    holder.release()
    await Promise.all(stores.map((store) => store.close()))
  })
  const create = (limits: Partial<StoreLimits>) => {
    const store = createPoolStore(database.url, { ...PATIENT, connections: 1, ...limits })
    stores.push(store)
    return store
  }
  const blocked = (name: string) => openingOf(name, { user: '5' })
  const waiting = async (before = 0) => {
    for (;;) {
      const [session] = await database.sql<{ pid: number }[]>`
        select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and pid <> ${before}`
      if (session) return session.pid
    }
  }
  /** Its session, and the one that asks once more. */
  const killTwice = async (pid: number) => {
    await database.sql`select pg_terminate_backend(${pid})`
    await database.sql`select pg_terminate_backend(${await waiting(pid)})`
  }
  /** The token is as unspent as before: a repeat from another browser would open it. */
  const nothingWritten = async (name: string) => {
    const { tokenKey } = blocked(name)
    const [row] = await database.sql`
      select from redemption where token_key = decode(${tokenKey}, 'hex')`
    expect(row).toBeUndefined()
  }

  it('a session killed once is not noticed: the statement is asked once more', async () => {
    const store = create({})
    await store.open(openingOf('before', { user: '6' }))
    await database.sql`select`
    const own = await database.sql.reserve()
    await own`begin`
    await own`select from rate_gcra where key = 6 for update`
    const answer = store.open(openingOf('killed once', { user: '6' }))
    const pid = await waiting()
    await database.sql`select pg_terminate_backend(${pid})`
    await waiting(pid)
    await own`rollback`
    own.release()
    expect(await answer).toMatchObject({ kind: 'opened', fresh: true })
  })

  it('a session killed twice is unknown, nothing is written, and the next request is served', async () => {
    const store = create({})
    const answer = failed(store.open(blocked('killed')))
    await killTwice(await waiting())
    failure('unknown', /^(57P01|CONNECTION_CLOSED|ECONNRESET)$/)(await answer)
    await nothingWritten('killed')
    expect(await store.open(openingOf('after the kill'))).toMatchObject({ kind: 'opened' })
  })

  it.each([
    ['lock', { lockMilliseconds: 50 }, '55P03'],
    ['statement', { statementMilliseconds: 50 }, '57014'],
  ])(
    'the server gives up at its %s timeout: unknown, since a request could provoke it',
    async (name, limits, code) => {
      const store = create(limits)
      failure('unknown', code)(await failed(store.open(blocked(name))))
      await nothingWritten(name)
      const after = await eventually(() => store.open(openingOf(`after ${name}`)))
      expect(after).toMatchObject({ kind: 'opened' })
    },
  )

  it('we give up at the deadline: unknown, the statement is cancelled, and a new pool serves', async () => {
    const store = create({ deadlineMilliseconds: 300 })
    failure('unknown', 'DEADLINE')(await failed(store.open(blocked('late'))))
    const after = await eventually(() => store.open(openingOf('after the deadline')))
    expect(after).toMatchObject({ kind: 'opened' })
    for (;;) {
      const [session] = await database.sql`
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      if (session === undefined) break
    }
    await nothingWritten('late')
  })

  it('one request more than may wait is refused at once', async () => {
    const store = create({ waiting: 1 })
    const running = failed(store.open(blocked('running')))
    const pid = await waiting()
    const queued = store.open(openingOf('queued'))
    failure('overloaded', 'QUEUE_FULL')(await failed(store.open(openingOf('refused'))))
    await killTwice(pid)
    await running
    expect(await queued).toMatchObject({ kind: 'opened' })
    expect(await store.open(openingOf('refused'))).toMatchObject({ kind: 'opened', fresh: true })
  })

  it('who waits too long is refused, and what was asked is not run later', async () => {
    const store = create({ waitMilliseconds: 20 })
    const running = failed(store.open(blocked('running')))
    const pid = await waiting()
    failure('overloaded', 'QUEUE_TIMEOUT')(await failed(store.open(openingOf('impatient'))))
    await killTwice(pid)
    await running
    expect(await store.open(openingOf('impatient'))).toMatchObject({ kind: 'opened', fresh: true })
  })
})

describe('a server of its own', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rv-outage-'))
  const options = { password: randomBytes(16).toString('hex'), directory }
  let server: Awaited<ReturnType<typeof startPostgres>>
  let store: PoolStore

  beforeAll(async () => {
    server = await startPostgres(options)
    await migrate(server.url('postgres'))
    await seed(server.url('postgres'), [{ id: 'acme', policies: [policyOf()] }])
    store = createPoolStore(server.url('postgres'), {
      ...PATIENT,
      connections: 2,
      connectSeconds: 0.3,
      deadlineMilliseconds: 1000,
    })
    await eventually(() => store.warm())
  })
  afterAll(async () => {
    await store.close()
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('that is frozen answers nobody: unknown at first, unavailable to newcomers, well again after', async () => {
    const frozen = server.pids()
    for (const pid of frozen) process.kill(pid, 'SIGSTOP')
    try {
      const asked = [0, 1].map((i) => failed(store.open(openingOf(`frozen ${i}`))))
      for (const error of await Promise.all(asked)) failure('unknown', 'DEADLINE')(error)
      // The pool was replaced: the new one cannot even connect, so nothing can have happened.
      failure('unavailable', 'CONNECT_TIMEOUT')(await failed(store.open(openingOf('newcomer'))))
    } finally {
      for (const pid of frozen) process.kill(pid, 'SIGCONT')
    }
    // The server thaws in its own time; what was unknown turns out one way, for good.
    const again = await eventually(() => store.open(openingOf('frozen 0')))
    expect(again).toMatchObject({ kind: 'opened' })
    const repeat = await eventually(() => store.open(openingOf('frozen 0')))
    expect(repeat).toEqual({ ...again, fresh: false })
    const newcomer = await eventually(() => store.open(openingOf('newcomer')))
    expect(newcomer).toMatchObject({ kind: 'opened' })
  })

  it('that is stopped is unavailable, and served again when it is back', async () => {
    await server.stop()
    await eventuallyFails('unavailable', 'ECONNREFUSED', () => store.open(openingOf('stopped')))
    await expect(store.warm()).rejects.toMatchObject({ kind: 'unavailable', code: 'ECONNREFUSED' })
    server = await startPostgres({ ...options, port: server.port })
    expect(await eventually(() => store.open(openingOf('stopped')))).toMatchObject({
      kind: 'opened',
      fresh: true,
    })
  })

  it('with a closed store in front says so', async () => {
    const closed = createPoolStore(server.url('postgres'), PATIENT)
    await closed.close()
    failure('unavailable', 'CONNECTION_ENDED')(await failed(closed.check()))
  })

  it('that knows no such database or password is unavailable', async () => {
    const nowhere = createPoolStore(server.url('nowhere'), PATIENT)
    failure('unavailable', '3D000')(await failed(nowhere.check()))
    const url = new URL(server.url('postgres'))
    url.password = 'wrong'
    const stranger = createPoolStore(url.href, PATIENT)
    failure('unavailable', '28P01')(await failed(stranger.check()))
    await Promise.all([nowhere.close(), stranger.close()])
  })
})

/** The first answer; failures before it are the outage's. The test's own time limit ends the wait. */
async function eventually<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      expect(error).toBeInstanceOf(StoreError)
    }
  }
}

/** A connection may still have been dying when the server stopped: that one is told `unknown`. */
async function eventuallyFails(kind: string, code: string, ask: () => Promise<unknown>) {
  for (;;) {
    const error = await failed(ask())
    expect(error).toBeInstanceOf(StoreError)
    if (error instanceof StoreError && error.kind === kind)
      return failure('unavailable', code)(error)
  }
}

it('a proxy that takes connections and resets them is unavailable, as the server behind it', async () => {
  const proxy = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as { port: number }
  const store = createPoolStore(`postgres://x:y@127.0.0.1:${port}/z`, PATIENT)
  failure('unavailable', 'ECONNRESET')(await failed(store.check()))
  await store.close()
  proxy.close()
})
