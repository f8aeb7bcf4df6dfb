/**
 * The records behind `api.cache`, per trigger: shared by all its Actions and all users (contract 4.3).
 * A leg gets a copy at its start and hands back what it wrote; what two legs do at once may be lost, as
 * it may be on Auth0.
 */
import type { TriggerId } from './execution.ts'
import { CACHE_MAX_LIFETIME_MS } from './limits.ts'
import type { CacheRecord, CacheWrite } from './protocol.ts'

export interface TriggerCaches {
  /** The records alive at this time; dead ones are forgotten. */
  read(trigger: TriggerId, nowMs: number): readonly (readonly [string, CacheRecord])[]
  apply(trigger: TriggerId, writes: readonly CacheWrite[], nowMs: number): void
  drop(trigger: TriggerId): void
  clear(): void
}

interface StoredRecord {
  readonly record: CacheRecord
  /** However late the Action put the expiry, the record is evicted then. */
  readonly evictedAtMs: number
}

export function createTriggerCaches(): TriggerCaches {
  const caches = new Map<TriggerId, Map<string, StoredRecord>>()
  return {
    read(trigger, nowMs) {
      const cache = caches.get(trigger) ?? new Map<string, StoredRecord>()
      for (const [key, { record, evictedAtMs }] of cache) {
        if (Math.min(record.expires_at, evictedAtMs) < nowMs) cache.delete(key)
      }
      return [...cache].map(([key, { record }]) => [key, record])
    },
    apply(trigger, writes, nowMs) {
      const cache = caches.get(trigger) ?? new Map<string, StoredRecord>()
      caches.set(trigger, cache)
      for (const write of writes) {
        if (write.type === 'delete') cache.delete(write.key)
        else {
          const evictedAtMs = nowMs + CACHE_MAX_LIFETIME_MS
          cache.set(write.key, { record: write.record, evictedAtMs })
        }
      }
    },
    drop: (trigger) => {
      caches.delete(trigger)
    },
    clear: () => caches.clear(),
  }
}
