/**
 * What the operators' part may be in, beside being well: the store away, the provider away, a fault of its
 * own. Each is another set of what it is built from, and every fake stands at one of its ports.
 */
import { EventEmitter, once } from 'node:events'
import { type AdminDeps, ProviderError, type SignIn } from '../../src/verifier/admin/admin-deps.ts'
import { createAdminAttempts } from '../../src/verifier/admin/attempts.ts'
import { StoreError } from '../../src/verifier/ports.ts'
import type { AdminStore } from '../../src/verifier/ports-admin.ts'

export type Condition = 'well' | 'no_provider' | keyof ReturnType<typeof conditionsOf>

/** A provider that knows everybody as somebody without a role. */
export const ROLELESS: SignIn = {
  start: async (redirectUri) => ({ url: `${redirectUri}?code=good`, transaction: 'kept' }),
  complete: async () => ({ subject: 'auth0|nobody', displayName: 'Nobody in particular' }),
  endUrl: async (returnTo, state) => `${returnTo}?${new URLSearchParams({ state })}`,
}

/** Of what a well one is built from, what is otherwise. */
export function conditionsOf(store: AdminStore, gate: Gate) {
  const away = new StoreError('unavailable', 'ECONNREFUSED')
  return {
    store_away: { store: failing(store, away) },
    /** Who is signed in was still found. */
    records_away: { store: { ...failing(store, away), findSession: store.findSession } },
    fault: {
      store: { ...failing(store, new Error('a fault of ours')), findSession: store.findSession },
    },
    provider_away: {
      signIn: {
        ...ROLELESS,
        start: async () => {
          throw new ProviderError()
        },
      },
    },
    too_many: {
      attempts: {
        ...createAdminAttempts(() => 0),
        signIns: { permits: () => false, count: () => {} },
      },
    },
    /** A backtest is cut short. */
    hurried: { backtestLimits: { records: 50, seconds: 60 } },
    /** A backtest goes on until the gate opens. */
    judging: {
      store: {
        ...store,
        replay: async (...given) => {
          await gate.passing()
          await store.replay(...given)
        },
      },
    },
    demonstration: {
      notice: 'Demonstration: the records before 2026-11-20 12:00:05 UTC are made up.',
    },
  } as const satisfies Record<string, Partial<AdminDeps>>
}

const failing = (store: AdminStore, error: Error) =>
  Object.fromEntries(
    Object.keys(store).map((method) => [
      method,
      async () => {
        throw error
      },
    ]),
  ) as unknown as AdminStore

/** Where whoever comes waits until it is opened; it is closed again at once. */
export interface Gate {
  /** Settles when it is opened next. */
  passing(): Promise<void>
  /** Settles when somebody comes next. */
  arrival(): Promise<void>
  open(): void
}

export function createGate(): Gate {
  const events = new EventEmitter()
  const next = async (event: 'arrival' | 'opening') => {
    await once(events, event)
  }
  return {
    passing: () => {
      events.emit('arrival')
      return next('opening')
    },
    arrival: () => next('arrival'),
    open: () => {
      events.emit('opening')
    },
  }
}
