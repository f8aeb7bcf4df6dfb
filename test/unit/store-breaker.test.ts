/** The breaker over a scripted Postgres: when it opens, what it says while open, and how it closes. */
import type { PendingQuery, Sql } from 'postgres'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreError } from '../../src/verifier/ports.ts'
import { type BreakerLimits, createBreaker } from '../../src/verifier/store/breaker.ts'

const DOWN = new StoreError('unavailable', 'ECONNREFUSED')
const SILENT = new StoreError('unknown', 'DEADLINE')
const LIMITS: BreakerLimits = { failures: 3, probeMilliseconds: 500 }
const ROWS = [{ answered: true }]

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** `now` is what Postgres does at this moment: an error, or an answer. */
function arrange() {
  const postgres: { now: StoreError | undefined; asked: number; probed: number } = {
    now: undefined,
    asked: 0,
    probed: 0,
  }
  const told: unknown[] = []
  const answer = async () => {
    if (postgres.now !== undefined) throw postgres.now
  }
  const breaker = createBreaker(
    async () => {
      postgres.asked += 1
      await answer()
      return ROWS as never
    },
    async () => {
      postgres.probed += 1
      await answer()
    },
    LIMITS,
    (...change) => told.push(change),
  )
  const ask = () => breaker.ask((_: Sql) => undefined as unknown as PendingQuery<object[]>)
  const failing = async (error: StoreError, times: number) => {
    postgres.now = error
    for (let i = 0; i < times; i += 1) await expect(ask()).rejects.toBe(error)
  }
  return { postgres, told, breaker, ask, failing }
}

describe('while Postgres answers', () => {
  it.each([
    ['a lock or a timeout of the server', new StoreError('unknown', '55P03')],
    ['a session that was killed', new StoreError('unknown', '57P01')],
    ['our own queue', new StoreError('overloaded', 'QUEUE_FULL')],
  ])('%s never opens it', async (_what, error) => {
    const { failing, postgres, told } = arrange()
    await failing(error, 20)
    expect(postgres).toMatchObject({ asked: 20, probed: 0 })
    expect(told).toEqual([])
  })

  it('one answer between two failures starts the count again', async () => {
    const { failing, postgres, ask, told } = arrange()
    await failing(DOWN, 2)
    postgres.now = undefined
    expect(await ask()).toBe(ROWS)
    await failing(DOWN, 2)
    expect(told).toEqual([])
  })
})

describe('once open', () => {
  it('refuses without asking, as surely not done, and says so once', async () => {
    const { failing, postgres, ask, told } = arrange()
    await failing(DOWN, 3)
    for (let i = 0; i < 5; i += 1) {
      await expect(ask()).rejects.toMatchObject({ kind: 'unavailable', code: 'BREAKER_OPEN' })
    }
    expect(postgres.asked).toBe(3)
    expect(told).toEqual([[true, 'ECONNREFUSED']])
  })

  it('by silence alone it is no outage, for which a tenant may have milder rules', async () => {
    const { failing, postgres, ask } = arrange()
    await failing(SILENT, 3)
    await expect(ask()).rejects.toMatchObject({ kind: 'overloaded', code: 'BREAKER_OPEN' })
    // The next probe finds that nobody is taken in any more.
    postgres.now = DOWN
    await vi.advanceTimersByTimeAsync(500)
    await expect(ask()).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('probes alone until Postgres is back, then asks again', async () => {
    const { failing, postgres, ask, told } = arrange()
    await failing(DOWN, 3)
    await vi.advanceTimersByTimeAsync(1600)
    expect(postgres).toMatchObject({ asked: 3, probed: 3 })
    postgres.now = undefined
    await expect(ask()).rejects.toMatchObject({ code: 'BREAKER_OPEN' })
    await vi.advanceTimersByTimeAsync(500)
    expect(await ask()).toBe(ROWS)
    expect(told).toEqual([[true, 'ECONNREFUSED'], [false]])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(postgres.probed).toBe(4)
  })

  it('takes a refusal by the server for a sign of life', async () => {
    const { failing, postgres, told } = arrange()
    await failing(DOWN, 3)
    postgres.now = new StoreError('unknown', '55P03')
    await vi.advanceTimersByTimeAsync(500)
    expect(told.at(-1)).toEqual([false])
  })

  it('ends with its store', async () => {
    const { failing, postgres, breaker } = arrange()
    await failing(DOWN, 3)
    breaker.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(postgres.probed).toBe(0)
  })
})
