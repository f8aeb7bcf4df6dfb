/**
 * People at the service: they arrive at a steady rate whatever happens, most verify once, some click
 * twice, come again, or are followed by a thief. Everything that they see is recorded.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Kind, Operation, Transaction } from './history.ts'
import type { Client } from './http-client.ts'
import { MARK, type StandIn, spellings } from './tenant.ts'

export interface Crowd {
  readonly operations: readonly Operation[]
  /** Not started because too many were waiting already: the client's limit and not the service's. */
  readonly turnedAway: () => number
  /** People per second, from now on; 0 lets nobody in. */
  arrive(perSecond: number): void
  /** Nobody arrives any more; resolves when everybody has left. */
  leave(): Promise<void>
  /** Everybody who was told to try again, or heard nothing, tries again. Answers who still was not served. */
  tryAgain(): Promise<readonly Operation[]>
  /** One operation out of turn. */
  act(
    kind: Kind,
    transaction: Transaction,
    browser: string,
    more?: Partial<Attempt>,
  ): Promise<Operation>
}

interface Attempt {
  readonly state: string
  readonly token: string
}

const MOST_AT_ONCE = 600
const TICK_MILLISECONDS = 10
/** People try again one after the other, so that the retries are no storm of their own. */
const RETRIES_AT_ONCE = 8
const MOST_TRIES = 10
const PAUSE_MILLISECONDS = 300

export const newBrowser = () => `${MARK}${randomBytes(32).toString('base64url')}`.slice(0, 43)

/** `dice` answers numbers from 0 to 1, the same for the same seed. */
export function createCrowd(client: Client, tenant: StandIn, dice: () => number): Crowd {
  const operations: Operation[] = []
  const present = new Set<Promise<void>>()
  const unserved = new Map<string, { transaction: Transaction; browser: string }>()
  let perSecond = 0
  let owed = 0
  let away = 0
  let timer: ReturnType<typeof setInterval> | undefined

  const act: Crowd['act'] = async (kind, transaction, browser, more = {}) => {
    const { state, token } = { ...transaction, ...more }
    const start = performance.now()
    const result = await client.post({ ...transaction, token }, state, browser)
    const operation: Operation = {
      kind,
      transaction,
      state,
      browser,
      start,
      end: performance.now(),
      result: taken(transaction, state, result),
    }
    operations.push(operation)
    return operation
  }

  /** Carries the answer to the tenant, whose word on it counts as well. */
  function taken(
    transaction: Transaction,
    state: string,
    result: Operation['result'],
  ): Operation['result'] {
    if (result.kind !== 'ok' || state !== transaction.state) return result
    if (tenant.continueWith(transaction, result.answer.token)) return result
    return { kind: 'broken', what: 'the tenant refused the answer' }
  }

  async function visit(): Promise<void> {
    const transaction = tenant.begin()
    const browser = newBrowser()
    if (dice() < 0.05) {
      const token = `${transaction.token.slice(0, -43)}${randomBytes(32).toString('base64url')}`
      await act('forged', transaction, browser, { token })
      return
    }
    const clicks = dice() < 0.1 ? (['double', 'double'] as const) : (['verify'] as const)
    const ended = await Promise.all(clicks.map((kind) => act(kind, transaction, browser)))
    if (!ended.some(({ result }) => result.kind === 'ok')) {
      if (ended.some(({ result }) => result.kind !== 'refused')) {
        unserved.set(transaction.tokenId, { transaction, browser })
      }
      return
    }
    if (dice() < 0.2) await follow(transaction, browser)
  }

  async function follow(transaction: Transaction, browser: string): Promise<void> {
    const [again, stolen, otherState, otherText] = [0.4, 0.6, 0.8, 1]
    const throwOf = dice()
    const state = tenant.begin().state
    if (throwOf < again) await act('again', transaction, browser)
    else if (throwOf < stolen) await act('stolen', transaction, newBrowser())
    else if (throwOf < otherState) await act('other state', transaction, browser, { state })
    else if (throwOf < otherText) {
      const texts = spellings(transaction.token)
      const token = texts[Math.floor(dice() * texts.length)] as string
      await act('other text', transaction, newBrowser(), { state, token })
    }
  }

  function tick(): void {
    owed += (perSecond * TICK_MILLISECONDS) / 1000
    for (; owed >= 1; owed -= 1) {
      if (present.size >= MOST_AT_ONCE) {
        away += 1
        continue
      }
      const person = visit().finally(() => present.delete(person))
      present.add(person)
    }
  }

  return {
    operations,
    turnedAway: () => away,
    arrive(rate) {
      perSecond = rate
      timer ??= setInterval(tick, TICK_MILLISECONDS)
    },
    async leave() {
      clearInterval(timer)
      timer = undefined
      await Promise.all(present)
    },
    async tryAgain() {
      const waiting = [...unserved.values()]
      unserved.clear()
      const still: Operation[] = []
      const persist = async (transaction: Transaction, browser: string): Promise<void> => {
        for (let tries = 1; ; tries += 1) {
          const operation = await act('again', transaction, browser)
          const { kind } = operation.result
          if (kind === 'ok') return
          if (kind === 'refused' || kind === 'broken' || tries === MOST_TRIES) {
            still.push(operation)
            return
          }
          await delay(PAUSE_MILLISECONDS)
        }
      }
      const next = async (): Promise<void> => {
        for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
          await persist(one.transaction, one.browser)
        }
      }
      await Promise.all(Array.from({ length: RETRIES_AT_ONCE }, next))
      return still
    },
    act,
  }
}

/** Mulberry32: small, and the same for the same seed. */
export function createDice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
