/**
 * What an isolate keeps from one request to the next: the tenants' settings, whether Postgres answered,
 * when the shadow policies were read. Values alone and no promise, because a promise of one request must
 * not be awaited by another.
 */
import { attempt, logFailure } from './verifier/http/background.ts'
import type { Log } from './verifier/log.ts'
import type { createPolicies } from './verifier/policies.ts'
import {
  type Clock,
  DEFAULT_SETTINGS,
  type Store,
  StoreError,
  type TenantSettings,
} from './verifier/ports.ts'

export interface IsolateMemory {
  /** What was read last; without a reading the defaults. */
  settings(tenantId: string): TenantSettings
  /** Before a page: see to it that there are settings. `store` makes one for the case that it is needed. */
  keepSettings(store: () => Store, waitUntil: (work: Promise<unknown>) => void): Promise<void>
  /** After an answer and before its record is written back. Never rejects. */
  keepShadows(store: Store): Promise<void>
  isReady(store: () => Store): Promise<boolean>
}

export interface MemoryParts {
  readonly clock: Clock
  readonly log: Log
  readonly policies: ReturnType<typeof createPolicies>
  /** Whether the service can be told to be ready with this store. */
  readonly check: (store: Store) => Promise<boolean>
  /** After so long a request that asked is taken to be gone. */
  readonly forgetSeconds: number
}

const REFRESH_SECONDS = 30
/** How long an isolate that could not read the settings serves without before it asks again. */
const RETRY_SECONDS = 5
const READY_SECONDS = 1

export function createMemory(parts: MemoryParts): IsolateMemory {
  const { clock, log, policies, check, forgetSeconds } = parts
  let shadowsAskedAt = Number.NEGATIVE_INFINITY
  let settings: ReadonlyMap<string, TenantSettings> | undefined
  let settingsAskedAt = Number.NEGATIVE_INFINITY
  let settingsFailedAt = Number.NEGATIVE_INFINITY
  let readiness: { readonly at: number; readonly ready: boolean } | undefined
  let readinessAskedAt = Number.NEGATIVE_INFINITY
  const since = (at: number) => Math.abs(clock() - at)

  async function readSettings(store: Store): Promise<void> {
    try {
      settings = await store.readSettings()
      settingsAskedAt = clock()
    } catch (error) {
      // Refused for its number says nothing of Postgres: the next request may ask.
      if (error instanceof StoreError && error.kind === 'overloaded') return
      settingsFailedAt = clock()
      logFailure(log, 'settings', error)
    }
  }

  return {
    settings: (tenantId) => settings?.get(tenantId) ?? DEFAULT_SETTINGS,

    /**
     * The first requests of an isolate read the tenants' names and wishes before they are answered, each
     * for itself: without them pages have no name, and a tenant's wish for a click would be ignored
     * wherever isolates are short-lived. Later they are refreshed beside an answer, on a connection of
     * its own.
     */
    async keepSettings(store, waitUntil) {
      if (settings === undefined) {
        if (since(settingsFailedAt) >= RETRY_SECONDS) await readSettings(store())
      } else if (since(settingsAskedAt) >= REFRESH_SECONDS) {
        settingsAskedAt = clock()
        waitUntil(readSettings(store()))
      }
    },

    /** So that an isolate of one request watches too. */
    async keepShadows(store) {
      if (since(shadowsAskedAt) < REFRESH_SECONDS) return
      await attempt(log, 'shadow', async () => {
        const unusable = await policies.refreshShadows(store)
        if (unusable > 0) log('failure', { where: 'shadow', error_class: 'PolicyUnusable' })
      })
      shadowsAskedAt = clock()
    },

    /** While one request asks, the others hear the last answer: anybody may send them, as many as they like. */
    async isReady(store) {
      if (readiness !== undefined) {
        if (since(readiness.at) < READY_SECONDS) return readiness.ready
        if (since(readinessAskedAt) < forgetSeconds) return readiness.ready
      }
      readinessAskedAt = clock()
      const ready = await check(store())
      readiness = { at: clock(), ready }
      readinessAskedAt = Number.NEGATIVE_INFINITY
      return ready
    },
  }
}
