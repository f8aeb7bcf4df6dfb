/** `api.cache` of both triggers (contract 4.3): it answers with a code and never throws for a limit. */
import {
  CACHE_KEY_BYTES,
  CACHE_LIFETIME_MS,
  CACHE_RECORDS,
  CACHE_TOTAL_BYTES,
  CACHE_VALUE_BYTES,
} from '../limits.ts'
import type { CacheRecord } from '../protocol.ts'
import type { LegContext } from '../thread/leg-context.ts'

export type CacheErrorCode =
  | 'CacheKeySizeExceeded'
  | 'CacheValueSizeExceeded'
  | 'CacheSizeExceeded'
  | 'InvalidExpiry'
  | 'ItemAlreadyExpired'
  | 'CacheKeyDoesNotExist'

export type CacheWriteError = { readonly type: 'error'; readonly code: CacheErrorCode }

export interface CacheSetOptions {
  /** Milliseconds. */
  readonly ttl?: number
  /** Epoch milliseconds. With `ttl`, the earlier one counts. */
  readonly expires_at?: number
}

export interface CacheApi {
  get(key: string): CacheRecord | undefined
  set(
    key: string,
    value: string,
    options?: CacheSetOptions,
  ): { readonly type: 'success'; readonly record: CacheRecord } | CacheWriteError
  delete(key: string): { readonly type: 'success' } | CacheWriteError
}

export function cacheApi(context: LegContext): CacheApi {
  const { cache } = context
  return {
    get(key) {
      const record = cache.get(key)
      return record !== undefined && record.expires_at >= context.now() ? record : undefined
    },

    set(key, value, options) {
      const sizeFault = checkSize(cache, key, value)
      if (sizeFault !== undefined) return failure(sizeFault)
      const expiry = expiryOf(options, context.now())
      if (typeof expiry === 'string') return failure(expiry)
      const record = { value, expires_at: expiry }
      cache.set(key, record)
      context.writeCache({ type: 'set', key, record })
      return { type: 'success', record }
    },

    delete(key) {
      if (!cache.delete(key)) return failure('CacheKeyDoesNotExist')
      context.writeCache({ type: 'delete', key })
      return { type: 'success' }
    },
  }
}

function failure(code: CacheErrorCode): CacheWriteError {
  return { type: 'error', code }
}

/** A value already under the key counts as well as the new one: Auth0 does not subtract it. */
function checkSize(
  cache: ReadonlyMap<string, CacheRecord>,
  key: string,
  value: string,
): CacheErrorCode | undefined {
  const keyBytes = Buffer.byteLength(key, 'utf8')
  const valueBytes = Buffer.byteLength(value, 'utf8')
  if (keyBytes > CACHE_KEY_BYTES) return 'CacheKeySizeExceeded'
  if (valueBytes > CACHE_VALUE_BYTES) return 'CacheValueSizeExceeded'
  let total = keyBytes + valueBytes
  for (const [otherKey, record] of cache) {
    total += Buffer.byteLength(otherKey, 'utf8') + Buffer.byteLength(record.value, 'utf8')
  }
  if (total > CACHE_TOTAL_BYTES) return 'CacheSizeExceeded'
  // The number of records is documented, the code for one too many is assumed.
  return cache.size >= CACHE_RECORDS && !cache.has(key) ? 'CacheSizeExceeded' : undefined
}

function expiryOf(
  options: CacheSetOptions | undefined,
  now: number,
): number | 'InvalidExpiry' | 'ItemAlreadyExpired' {
  const { ttl, expires_at: at } = options ?? {}
  for (const given of [ttl, at]) {
    if (given !== undefined && !Number.isFinite(given)) return 'InvalidExpiry'
  }
  const wanted = [
    ...(ttl === undefined ? [] : [now + Math.floor(ttl)]),
    ...(at === undefined ? [] : [Math.floor(at)]),
  ]
  const expiry = wanted.length === 0 ? now + CACHE_LIFETIME_MS : Math.min(...wanted)
  if (expiry <= now) return 'ItemAlreadyExpired'
  return Number.isSafeInteger(expiry) ? expiry : 'InvalidExpiry'
}
