/** How failures are named, and how many may wait. No database: the errors are the driver's own shapes. */

import fc from 'fast-check'
import '../support/seed.ts'
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { ASSESS_MILLISECONDS } from '../../src/verifier/http/budget.ts'
import { StoreError } from '../../src/verifier/ports.ts'
import { createCounter, createQueue } from '../../src/verifier/store/admission.ts'
import { jsonText } from '../../src/verifier/store/client.ts'
import { withinDeadline } from '../../src/verifier/store/deadline.ts'
import { DEFAULT_LIMITS } from '../../src/verifier/store/pool-store.ts'
import { isConnectionLost, storeError } from '../../src/verifier/store/store-error.ts'

const SECRET = 'Key (token_key)=(s3cret) already exists'
const fromServer = (code: string, severity = 'ERROR') => {
  const fields = { code, severity, message: SECRET, detail: SECRET, where: SECRET }
  return Object.assign(Reflect.construct(postgres.PostgresError, [fields]), fields) as Error
}
const fromDriver = (code: unknown) => Object.assign(new Error(SECRET), { code })

describe('a failure', () => {
  it.each([
    ['no listener', fromDriver('ECONNREFUSED'), 'unavailable', false],
    ['an unknown host', fromDriver('ENOTFOUND'), 'unavailable', false],
    ['a silent listener', fromDriver('CONNECT_TIMEOUT'), 'unavailable', false],
    ['a closed pool', fromDriver('CONNECTION_ENDED'), 'unavailable', false],
    ['a starting server', fromServer('57P03', 'FATAL'), 'unavailable', false],
    ['too many connections', fromServer('53300', 'FATAL'), 'unavailable', false],
    ['a full disk', fromServer('53100'), 'unavailable', false],
    ['a wrong password', fromServer('28P01', 'FATAL'), 'unavailable', false],
    ['a read-only server', fromServer('25006'), 'unavailable', false],
    ['a killed session', fromServer('57P01', 'FATAL'), 'unknown', true],
    ['a crashed server', fromServer('57P02', 'FATAL'), 'unknown', true],
    ['a connection that broke', fromDriver('ECONNRESET'), 'unknown', true],
    ['a connection that closed', fromDriver('CONNECTION_CLOSED'), 'unknown', true],
    ['a pipe that broke', fromDriver('EPIPE'), 'unknown', true],
    ['a deadline', new StoreError('unknown', 'DEADLINE'), 'unknown', true],
    ['a lock timeout', fromServer('55P03'), 'unknown', false],
    ['a statement timeout', fromServer('57014'), 'unknown', false],
    ['a deadlock', fromServer('40P01'), 'unknown', false],
    ['a refused value', fromServer('22P02'), 'unknown', false],
    ['a broken constraint', fromServer('23514'), 'unknown', false],
    ['a missing table', fromServer('42P01'), 'unknown', false],
    ['an error without a code', new Error(SECRET), 'unknown', true],
    ['a code that is a message', fromDriver(SECRET), 'unknown', true],
    ['something thrown that is no error', SECRET, 'unknown', true],
  ] as const)('by %s', (_case, error, kind, lost) => {
    const named = storeError(error)
    expect(named).toBeInstanceOf(StoreError)
    expect(named.kind).toBe(kind)
    expect(isConnectionLost(error)).toBe(lost)
    expect(JSON.stringify([named, named.message, named.stack, String(named)])).not.toContain(
      's3cret',
    )
    expect(named.cause).toBeUndefined()
  })
})

it.each([
  ['of the runtime, which has no code', new Error(SECRET), 'DRIVER'],
  ['of a connection that broke', fromDriver('ECONNRESET'), 'ECONNRESET'],
  ['of a pooler that reaches no server', fromServer('58000', 'FATAL'), '58000'],
] as const)(
  'a failure %s before we were let in means that nobody is there',
  (_case, error, code) => {
    expect(storeError(error, true).kind).toBe('unknown')
    expect(storeError(error, false)).toMatchObject({ kind: 'unavailable', code })
  },
)

it('a deadline is unknown even then: the statement may go out later', () => {
  expect(storeError(new StoreError('unknown', 'DEADLINE'), false).kind).toBe('unknown')
})

describe('the queue', () => {
  const limits = { running: 2, waiting: 2, waitMilliseconds: 60_000 }

  it('lets so many in at once, and the next in the order they came', async () => {
    const queue = createQueue(limits)
    const first = await queue.enter()
    const second = await queue.enter()
    const order: string[] = []
    const enterAs = async (name: string) => {
      const leave = await queue.enter()
      order.push(name)
      return leave
    }
    const third = enterAs('third')
    const fourth = enterAs('fourth')
    await expect(queue.enter()).rejects.toMatchObject({ kind: 'overloaded', code: 'QUEUE_FULL' })
    expect(order).toEqual([])
    second()
    ;(await third)()
    ;(await fourth)()
    first()
    expect(order).toEqual(['third', 'fourth'])
    // All have left: as many as at first may enter at once again.
    const again = await Promise.all([queue.enter(), queue.enter()])
    expect(again).toHaveLength(2)
  })

  it('sends away who has waited too long, and gives the place to nobody twice', async () => {
    const queue = createQueue({ running: 1, waiting: 1, waitMilliseconds: 1 })
    const leave = await queue.enter()
    await expect(queue.enter()).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' })
    const patient = queue.enter()
    leave()
    ;(await patient)()
    expect(await queue.enter()).toBeTypeOf('function')
  })
})

describe('the limits of a pool', () => {
  const { connections, waiting, waitMilliseconds } = DEFAULT_LIMITS

  it('have room for both questions of each of two hundred people at once', async () => {
    const queue = createQueue({ running: connections, waiting, waitMilliseconds: 60_000 })
    let asked = 0
    const ask = async () => {
      const leave = await queue.enter()
      asked += 1
      leave()
    }
    await Promise.all(Array.from({ length: 400 }, ask))
    expect(asked).toBe(400)
  })

  it('end each before the next one further out', () => {
    const { lockMilliseconds, statementMilliseconds, deadlineMilliseconds } = DEFAULT_LIMITS
    expect(lockMilliseconds).toBeLessThan(statementMilliseconds)
    expect(statementMilliseconds).toBeLessThan(deadlineMilliseconds)
    expect(waitMilliseconds + deadlineMilliseconds).toBeLessThan(ASSESS_MILLISECONDS)
    expect(waitMilliseconds + statementMilliseconds).toBeLessThanOrEqual(READINESS_MILLISECONDS)
  })
})

/** How long the reference Actions wait for /readyz. */
const READINESS_MILLISECONDS = 1500

it('the counter refuses at once and never makes anybody wait', async () => {
  const counter = createCounter(1)
  const leave = await counter.enter()
  await expect(counter.enter()).rejects.toMatchObject({ kind: 'overloaded', code: 'TOO_MANY' })
  leave()
  expect(await counter.enter()).toBeTypeOf('function')
})

it('the counter forgets who was ended without leaving, after some seconds and not before', async () => {
  let now = 1000
  const counter = createCounter(2, { clock: () => now, seconds: 10 })
  await counter.enter()
  now += 5
  const leave = await counter.enter()
  now += 5
  await expect(counter.enter()).rejects.toMatchObject({ code: 'TOO_MANY' })
  now += 1
  const third = await counter.enter()
  await expect(counter.enter()).rejects.toMatchObject({ code: 'TOO_MANY' })
  now += 60
  const fourth = await counter.enter()
  // The forgotten one leaves after all: that gives nobody a second place.
  leave()
  third()
  await counter.enter()
  await expect(counter.enter()).rejects.toMatchObject({ code: 'TOO_MANY' })
  fourth()
  expect(await counter.enter()).toBeTypeOf('function')
})

describe('the deadline', () => {
  it('passes on an answer and a failure that come in time', async () => {
    const never = () => expect.unreachable()
    expect(await withinDeadline(Promise.resolve(1), 60_000, never)).toBe(1)
    const failure = new Error('in time')
    await expect(withinDeadline(Promise.reject(failure), 60_000, never)).rejects.toBe(failure)
  })

  it('calls an answer that does not come unknown, once', async () => {
    let expired = 0
    const late = withinDeadline(new Promise(() => {}), 1, () => {
      expired += 1
    })
    await expect(late).rejects.toMatchObject({ kind: 'unknown', code: 'DEADLINE' })
    expect(expired).toBe(1)
  })
})

describe('JSON for the server', () => {
  it('holds no character that jsonb refuses', () => {
    expect(JSON.parse(jsonText({ text: 'a\0\ud800b😀', list: ['\udfff'] }))).toEqual({
      text: 'a\ufffd\ufffdb😀',
      list: ['\ufffd'],
    })
  })

  it('keeps every other character, those that look like an escape too', () => {
    const value = { text: '\\u0000 \\ud800 \u0001 \ue000 😀 "', list: ['\uffff', 1.5, null, true] }
    expect(JSON.parse(jsonText(value))).toEqual(value)
  })

  it('holds none, wherever in a text it stands', () => {
    const piece = fc.constantFrom(
      '\0',
      '\ud800',
      '\udfff',
      '\ud83d',
      '\ude00',
      '\\',
      'u0000',
      'é',
      '"',
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('')
        const clean = text.replaceAll(/[\0\p{Surrogate}]/gu, '\ufffd')
        expect(JSON.parse(jsonText([text, { text }]))).toEqual([clean, { text: clean }])
      }),
    )
  })

  it.each([
    [
      'a cycle',
      () => {
        const cycle: { self?: unknown } = {}
        cycle.self = cycle
        return cycle
      },
    ],
    ['a bigint', () => ({ value: 1n })],
    ['nothing', () => undefined],
  ])('is refused for %s, as a failure of the store', (_case, make) => {
    expect(() => jsonText(make())).toThrow(StoreError)
  })
})
