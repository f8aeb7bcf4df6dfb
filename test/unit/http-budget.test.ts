/** The time of one verification, and the lag of the event loop: both against a clock of the test's own. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Answer, Assess, AssessInput } from '../../src/verifier/assess.ts'
import { ok } from '../../src/verifier/domain/result.ts'
import { withinBudget } from '../../src/verifier/http/budget.ts'
import { createLoopLag } from '../../src/verifier/http/loop-lag.ts'
import { sessionOf } from '../support/app.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a verification', () => {
  const input = { session: sessionOf() } as AssessInput
  const answer = ok({ reference: 'in time' } as Answer)
  const after =
    (milliseconds: number): Assess =>
    () =>
      new Promise((done) => setTimeout(() => done(answer), milliseconds))

  it('within its time is answered, and leaves no timer behind', async () => {
    const answered = withinBudget(after(999), 1000)(input)
    await vi.advanceTimersByTimeAsync(999)
    expect(await answered).toBe(answer)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that takes longer is unavailable, at its time and under its tenant', async () => {
    const answered = withinBudget(after(5000), 1000)(input)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await answered).toEqual({ ok: false, error: { code: 'unavailable', tenantId: 'acme' } })
  })

  it('that fails after its time disturbs nobody', async () => {
    const failing: Assess = () =>
      new Promise((_, failed) => setTimeout(() => failed(new Error('late')), 2000))
    const answered = withinBudget(failing, 1000)(input)
    await vi.advanceTimersByTimeAsync(3000)
    expect(await answered).toMatchObject({ ok: false })
  })

  it('that fails within its time fails as it did', async () => {
    const failing: Assess = async () => {
      throw new TypeError('a bug')
    }
    await expect(withinBudget(failing, 1000)(input)).rejects.toThrow(TypeError)
  })
})

describe('the lag', () => {
  /** Runs timers as an event loop does that is stalled for so long every so often. */
  function stalled(stall: number, every: number, times: number) {
    const clock = { now: 0 }
    const lag = createLoopLag(() => clock.now)
    let worst = 0
    for (let i = 0; i < times; i += 1) {
      for (let at = 0; at < every; at += 50) {
        clock.now += 50
        vi.advanceTimersByTime(50)
      }
      clock.now += stall
      vi.advanceTimersByTime(50)
      worst = Math.max(worst, lag.milliseconds())
    }
    lag.stop()
    return { worst, lag, clock }
  }

  it('of a free loop is nothing', () => {
    expect(stalled(0, 1000, 20).worst).toBe(0)
  })

  it('is what people wait who come at any moment', () => {
    // A second of every five: one in five meets it, and waits half of it.
    expect(stalled(1000, 4000, 40).worst).toBeGreaterThan(100)
    expect(stalled(1000, 4000, 40).worst).toBeLessThan(200)
    expect(stalled(1000, 200, 40).worst).toBeGreaterThan(400)
  })

  it('of one stall, however long, is not held against the process, and fades', () => {
    vi.useFakeTimers()
    const clock = { now: 0 }
    const lag = createLoopLag(() => clock.now)
    clock.now += 60_000
    vi.advanceTimersByTime(50)
    expect(lag.milliseconds()).toBeGreaterThan(40)
    expect(lag.milliseconds()).toBeLessThan(200)
    for (let i = 0; i < 200; i += 1) {
      clock.now += 50
      vi.advanceTimersByTime(50)
    }
    expect(lag.milliseconds()).toBeLessThan(40)
    lag.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
