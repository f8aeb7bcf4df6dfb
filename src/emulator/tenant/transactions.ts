/**
 * One transaction is one browser's way through one reset (or login): which Action is next, what the
 * browser was sent away for, and the single-use `state` it must bring back.
 * Holds no pages and runs no Action.
 */
import type { DeployedAction, TriggerId } from '../runtime/execution.ts'
import type { TenantClock } from './clock.ts'
import type { ChallengeOptions, FactorType } from './factors.ts'
import { type Random, randomHex, randomName } from './identifiers.ts'
import type { LoginContext } from './login-context.ts'
import type { Enrolment } from './login-enrolment.ts'
import { createState, type StatePurpose } from './states.ts'
import type { ContinueRefusal, FlowFailure } from './trace.ts'

export interface AuthenticationMethod {
  readonly name: string
  readonly timestamp: string
  readonly type?: string
}

/** What one Action leg left to be done before the pipeline goes on, in order. */
export type PendingHop =
  | {
      readonly kind: 'challenge'
      readonly factors: readonly FactorType[]
      /** Show the picker first although there is a default. */
      readonly pickFirst: boolean
      readonly options?: ChallengeOptions
      /** The screen asks whether to remember this browser. */
      readonly asksToRemember?: boolean
    }
  | {
      readonly kind: 'enrol'
      readonly factors: readonly FactorType[]
      readonly pickFirst: boolean
      readonly options?: ChallengeOptions
    }
  | { readonly kind: 'redirect'; readonly url: string; readonly action: string }
  | {
      readonly kind: 'form'
      readonly action: string
      readonly promptId: string
      readonly fields: Readonly<Record<string, unknown>>
      readonly vars: Readonly<Record<string, unknown>>
    }

export type PhoneWay = 'sms' | 'voice'

/** A challenge in progress: the factor on screen and, where a code was sent, the code. */
export interface Challenge {
  readonly factor: FactorType
  readonly choices: readonly FactorType[]
  /** How a phone may be reached, the way in use first. */
  readonly ways?: readonly PhoneWay[]
  /** A push notification: whether the app's code is taken in its place. */
  readonly otpFallback?: boolean
  readonly code?: string
  readonly codeExpiresAtMs?: number
}

export type Ending =
  | { readonly kind: 'denied'; readonly action: string; readonly reason: string }
  /** `message`: what an Action threw. */
  | { readonly kind: 'failed'; readonly reason: FlowFailure; readonly message?: string }
  | { readonly kind: 'completed'; readonly resultUrl?: string }

export interface Transaction {
  readonly id: string
  readonly trigger: TriggerId
  readonly userId: string
  readonly clientId?: string
  readonly ticket?: string
  /** The result URL the ticket was created with; one set by an Action stands over it. */
  readonly ticketResultUrl?: string
  /** Host name the flow runs on; `/continue` must come back to it. */
  readonly host: string
  /** The `auth0` cookie's value of the browser it belongs to. */
  readonly browser: string
  readonly correlationId: string
  readonly locale: string
  readonly startedAtMs: number
  readonly expiresAtMs: number
  /** The versions that were deployed when the transaction began. */
  readonly actions: readonly DeployedAction[]
  methods: AuthenticationMethod[]
  /** How many of the methods were there when it began. */
  readonly methodsBefore: number
  /** Index of the Action whose leg ran last. */
  position: number
  pending: PendingHop[]
  challengeCommands: number
  failedAttempts: number
  challenge?: Challenge
  enrolment?: Enrolment
  /** What is a login's own; absent in a reset. */
  readonly login?: LoginContext
  prompt?: {
    readonly id: string
    readonly fields: Readonly<Record<string, unknown>>
    readonly vars: Readonly<Record<string, unknown>>
  }
  resultUrl?: string
  ending?: Ending
  /** The one state this transaction waits for. */
  waiting?: { readonly state: string; readonly purpose: StatePurpose }
}

export interface Transactions {
  begin(
    start: Pick<Transaction, 'trigger' | 'userId' | 'host' | 'browser' | 'locale' | 'actions'> & {
      readonly clientId?: string | undefined
      readonly ticket?: string | undefined
      readonly ticketResultUrl?: string | undefined
      readonly login?: LoginContext
      readonly methods: readonly AuthenticationMethod[]
    },
  ): Transaction
  /** Makes the transaction wait under a fresh state; an earlier one no longer works. */
  suspend(transaction: Transaction, purpose: StatePurpose): string
  /** The transaction waiting under this state, if this browser may have it. Changes nothing. */
  find(search: {
    readonly state: string
    readonly purpose: StatePurpose
    readonly host: string
    readonly browser: string | undefined
    readonly boundToBrowser: boolean
  }): Transaction | Exclude<ContinueRefusal, 'state_missing' | 'body_not_urlencoded'>
  /** Takes the state away: whoever comes second finds nothing. */
  take(transaction: Transaction): void
  end(transaction: Transaction, ending: Ending): void
  all(): readonly Transaction[]
  clear(): void
}

/** Redirect transactions live at most one hour (contract 1.3.4). */
export const TRANSACTION_LIFETIME_SECONDS = 3600

/** About as many dialogs as one browser may have open before the oldest is lost (contract 1.3.6). */
const OPEN_PER_BROWSER = 10
const KEPT = 1000

export function createTransactions(clock: TenantClock, random: Random): Transactions {
  const transactions: Transaction[] = []
  const byState = new Map<string, Transaction>()

  const forget = (transaction: Transaction) => {
    if (transaction.waiting) byState.delete(transaction.waiting.state)
    delete transaction.waiting
  }

  const dropOldest = (browser: string) => {
    const open = transactions.filter((other) => other.browser === browser && other.waiting)
    for (const old of open.slice(0, Math.max(0, open.length - OPEN_PER_BROWSER + 1))) forget(old)
  }

  return {
    begin: ({ clientId, ticket, ticketResultUrl, methods, ...start }) => {
      dropOldest(start.browser)
      const startedAtMs = clock.now()
      const transaction: Transaction = {
        ...start,
        id: randomName(random, 32),
        ...(clientId === undefined ? {} : { clientId }),
        ...(ticket === undefined ? {} : { ticket }),
        ...(ticketResultUrl === undefined ? {} : { ticketResultUrl }),
        correlationId: randomHex(random, 16),
        startedAtMs,
        expiresAtMs: startedAtMs + TRANSACTION_LIFETIME_SECONDS * 1000,
        methods: [...methods],
        methodsBefore: methods.length,
        position: 0,
        pending: [],
        challengeCommands: 0,
        failedAttempts: 0,
      }
      transactions.push(transaction)
      while (transactions.length > KEPT) forget(transactions.shift() as Transaction)
      return transaction
    },
    suspend: (transaction, purpose) => {
      forget(transaction)
      const state = createState(random, purpose, transaction.id, transaction.clientId)
      transaction.waiting = { state, purpose }
      byState.set(state, transaction)
      return state
    },
    find: ({ state, purpose, host, browser, boundToBrowser }) => {
      const transaction = byState.get(state)
      if (transaction?.waiting?.purpose !== purpose) return 'state_unknown'
      if (transaction.host !== host) return 'other_host'
      if (boundToBrowser && browser === undefined) return 'cookie_missing'
      if (boundToBrowser && browser !== transaction.browser) return 'other_browser'
      if (clock.now() >= transaction.expiresAtMs) return 'transaction_expired'
      return transaction
    },
    take: forget,
    end: (transaction, ending) => {
      forget(transaction)
      transaction.pending = []
      delete transaction.challenge
      delete transaction.enrolment
      transaction.ending = ending
    },
    all: () => [...transactions],
    clear: () => {
      transactions.length = 0
      byState.clear()
    },
  }
}
