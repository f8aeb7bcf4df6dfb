/** Rates that no people make: what is let through, what is shed, and that shedding costs nobody a token. */
import { describe, expect, it } from 'vitest'
import { createRateLimits, RATES, type Rates } from '../../src/verifier/http/rate-limits.ts'
import { HOST, testApp } from '../support/app.ts'
import { formOf, textOf } from '../support/page.ts'

const SMALL: Rates = {
  subject: { perSecond: 10, burst: 3 },
  network: { perSecond: 100, burst: 5 },
}

function arrange(rates: Rates = SMALL) {
  const time = { now: 1000 }
  const { admit } = createRateLimits(() => time.now, rates)
  const some = (times: number, subject = 'u', address: string | undefined = '192.0.2.1'): number =>
    Array.from({ length: times }, () => admit('acme', subject, address)).filter(Boolean).length
  return { time, admit, some }
}

describe('a subject', () => {
  it('may come in a burst, then at the rate', () => {
    const { some, time } = arrange()
    expect(some(10)).toBe(3)
    time.now += 99
    expect(some(1)).toBe(0)
    time.now += 1
    expect(some(10)).toBe(1)
    time.now += 10_000
    expect(some(10)).toBe(3)
  })

  it('that is shed is not charged for it: others in its network are served', () => {
    const { some } = arrange()
    expect(some(50)).toBe(3)
    expect(some(50, 'v')).toBe(2)
  })

  it('of one tenant does not use up that of another', () => {
    const { some, admit } = arrange()
    some(10)
    expect(admit('other', 'u', '192.0.2.1')).toBe(true)
  })
})

describe('a network', () => {
  it('is shed whoever is asked about', () => {
    const { admit } = arrange()
    const subjects = Array.from({ length: 20 }, (_, index) => `u${index}`)
    expect(subjects.filter((subject) => admit('acme', subject, '192.0.2.1'))).toHaveLength(5)
    expect(admit('acme', 'u0', '192.0.2.2')).toBe(true)
  })

  it('is the /64 of an IPv6 address', () => {
    const { admit } = arrange()
    const admitted = Array.from({ length: 20 }, (_, index) =>
      admit('acme', `u${index}`, `2001:db8::${index + 1}`),
    )
    expect(admitted.filter(Boolean)).toHaveLength(5)
    expect(admit('acme', 'u', '2001:db8:0:1::1')).toBe(true)
  })

  it('of one tenant does not use up that of another', () => {
    const { admit } = arrange()
    for (let i = 0; i < 20; i += 1) admit('acme', `u${i}`, '192.0.2.1')
    expect(admit('acme', 'v', '192.0.2.1')).toBe(false)
    expect(admit('other', 'v', '192.0.2.1')).toBe(true)
  })

  it('that is not known limits nobody', () => {
    const { admit } = arrange()
    const subjects = Array.from({ length: 20 }, (_, index) => `u${index}`)
    expect(subjects.every((subject) => admit('acme', subject, undefined))).toBe(true)
  })
})

describe('the rates of the service', () => {
  it.each([
    ['500 requests for one token at one moment', 500, 'u'],
    ['2,000 people of one address within a second', 2000, undefined],
  ])('let through %s', (_what, times, subject) => {
    const { admit } = arrange(RATES)
    for (let i = 0; i < times; i += 1) {
      expect(admit('acme', subject ?? `u${i}`, '192.0.2.1')).toBe(true)
    }
  })

  it('are held for as long as they are used up, whoever comes meanwhile', () => {
    const { some, time } = arrange(RATES)
    expect(some(700, 'first', undefined)).toBe(600)
    for (let second = 1; second <= 50; second += 1) {
      time.now += 1000
      some(1, `u${second}`, undefined)
    }
    expect(some(700, 'first', undefined)).toBe(500)
  })

  it('hold no more keys than they may, and forget by time before they forgive', () => {
    const { admit, time, some } = arrange(RATES)
    some(600, 'first', undefined)
    for (let i = 0; i < 60_000; i += 1) {
      time.now += 1
      expect(admit('acme', `u${i}`, undefined)).toBe(true)
    }
    expect(some(600, 'first', undefined)).toBe(600)
  })
})

describe('a request above the rates', () => {
  const shed = (admit: () => boolean) => {
    const asked: unknown[][] = []
    const app = testApp({
      rateLimits: {
        admit: (...key) => {
          asked.push(key)
          return admit()
        },
      },
    })
    return { ...app, asked }
  }

  it('is told to come again, and its token is not spent', async () => {
    const app = shed(() => false)
    const response = await app.post()
    const page = await response.text()
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(textOf(page)).toContain('Your link still works')
    expect(app.assessed).toEqual([])
    expect(app.asked).toEqual([['acme', 'auth0|1', '203.0.113.9']])
  })

  it('counts only with a signature that holds, and only as a post', async () => {
    const app = shed(() => false)
    expect((await app.post({ session_token: 'forged' })).status).toBe(400)
    expect((await app.open()).status).toBe(200)
    expect(app.asked).toEqual([])
  })

  it('below them is served', async () => {
    const app = shed(() => true)
    const response = await app.post()
    expect(formOf(await response.text()).action).toContain(`https://${HOST}/continue`)
    expect(app.assessed).toHaveLength(1)
  })
})
