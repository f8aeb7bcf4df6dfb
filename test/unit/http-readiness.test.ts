/** The health routes: what they say, to whom, and what they cost. */
import { describe, expect, it } from 'vitest'
import { createReadiness, createStoreCheck } from '../../src/verifier/http/readiness.ts'
import { StoreError } from '../../src/verifier/ports.ts'
import { NOW, testApp } from '../support/app.ts'

describe('the routes', () => {
  it('say ok and nothing else', async () => {
    for (const path of ['/livez', '/readyz']) {
      const response = await testApp().request(path)
      expect([response.status, await response.text()]).toEqual([200, '{"status":"ok"}'])
    }
  })

  it('are alive without being ready', async () => {
    const app = testApp({ ready: async () => false })
    expect((await app.request('/livez')).status).toBe(200)
    const response = await app.request('/readyz')
    expect([response.status, await response.text()]).toEqual([503, '{"status":"unavailable"}'])
    expect(response.headers.get('retry-after')).toBe('1')
  })

  it('answer HEAD, and no other method', async () => {
    const app = testApp()
    expect((await app.request('/readyz', { method: 'HEAD' })).status).toBe(200)
    const response = await app.request('/readyz', { method: 'POST' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
  })

  it('say nothing of why', async () => {
    const app = testApp({
      ready: async () => {
        throw new Error('canary: password authentication failed')
      },
    })
    const response = await app.request('/readyz')
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('canary')
  })
})

describe('readiness', () => {
  function setUp() {
    const clock = { now: 100 }
    const answers: ((ready: boolean) => void)[] = []
    const ready = createReadiness(
      () => new Promise((answer) => answers.push(answer)),
      () => clock.now,
    )
    return { clock, answers, ready }
  }

  it('asks once for all that wait', async () => {
    const { answers, ready } = setUp()
    const waiting = [ready(), ready(), ready()]
    expect(answers).toHaveLength(1)
    answers[0]?.(true)
    expect(await Promise.all(waiting)).toEqual([true, true, true])
  })

  it.each([true, false])('keeps the answer %s for one second', async (answer) => {
    const { clock, answers, ready } = setUp()
    const first = ready()
    answers[0]?.(answer)
    expect(await first).toBe(answer)
    clock.now += 0.9
    expect(await ready()).toBe(answer)
    expect(answers).toHaveLength(1)
    clock.now += 0.1
    const second = ready()
    expect(answers).toHaveLength(2)
    answers[1]?.(!answer)
    expect(await second).toBe(!answer)
  })

  it('asks again when the clock was set back', async () => {
    const { clock, answers, ready } = setUp()
    const first = ready()
    answers[0]?.(true)
    await first
    clock.now -= 3600
    ready()
    expect(answers).toHaveLength(2)
  })

  it('is not ready while the check fails, and recovers', async () => {
    let fail = true
    const clock = { now: 100 }
    const ready = createReadiness(
      async () => {
        if (fail) throw new Error()
        return true
      },
      () => clock.now,
    )
    expect(await ready()).toBe(false)
    fail = false
    clock.now += 1
    expect(await ready()).toBe(true)
  })
})

describe('the check of the store', () => {
  const CHECKED = { schema: '2', epochSeconds: NOW }
  async function look(...answers: readonly (typeof CHECKED | StoreError)[]) {
    const lines: unknown[] = []
    const log = (event: string, fields: object) => lines.push({ event, ...fields })
    const check = createStoreCheck({ clock: () => NOW, schemaVersion: 2, log })
    const found: boolean[] = []
    for (const answer of answers) {
      const store = {
        async check() {
          if (answer instanceof StoreError) throw answer
          return answer
        },
      }
      found.push(await check(store))
    }
    return { found, lines }
  }

  it.each([
    ['the schema it needs', {}, true],
    ['a newer schema', { schema: '3' }, true],
    ['an older schema', { schema: '1' }, false],
    ['no schema', { schema: '' }, false],
    ['a schema that is no number', { schema: 'x' }, false],
    ['a clock within the tolerance', { epochSeconds: NOW + 5 }, true],
    ['a clock ahead of it', { epochSeconds: NOW + 5.1 }, false],
    ['a clock behind it', { epochSeconds: NOW - 5.1 }, false],
    ['no clock', { epochSeconds: Number.NaN }, false],
  ])('finds %s', async (_, change, ready) => {
    expect((await look({ ...CHECKED, ...change })).found).toEqual([ready])
  })

  it('is not ready while the store fails, and logs each change once', async () => {
    const down = new StoreError('unavailable', 'ECONNREFUSED')
    const { found, lines } = await look(CHECKED, CHECKED, down, down, CHECKED)
    expect(found).toEqual([true, true, false, false, true])
    expect(lines).toEqual([
      { event: 'readiness', ready: true, schema: '2', clock_skew_seconds: 0 },
      { event: 'readiness', ready: false, store_error: 'ECONNREFUSED' },
      { event: 'readiness', ready: true, schema: '2', clock_skew_seconds: 0 },
    ])
  })
})
