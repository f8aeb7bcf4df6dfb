/** `api.cache`, row by row of contract 4.3: it answers with a code and throws for no limit. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createRuntime } from '../../src/emulator/runtime/runtime.ts'
import { createProbe, handler, legOf, NOW_MS } from './support/action-probe.ts'

// With this switch a continue handler empties the cache: cheaper than an instance for each test.
const trigger = createProbe('password-reset-post-challenge', {
  switches: { cacheAfterRedirect: 'dropped' },
})
const CONTINUE = { entrypoint: 'onContinuePostChallenge' } as const
beforeEach(() => trigger.run('', CONTINUE))
afterAll(() => trigger.close())

const set = (key: string, value: string, options = '') =>
  `api.cache.set(${key}, ${value}${options === '' ? '' : `, ${options}`})`
const error = (code: string) => ({ type: 'error', code })
const stored = (expires_at: number, value = 'v') => ({
  type: 'success',
  record: { value, expires_at },
})
const MINUTE = 60_000

describe('api.cache', () => {
  it.each<[name: string, snippet: string, value: unknown]>([
    ['api.cache.set: lives 15 minutes by default', set("'k'", "'v'"), stored(NOW_MS + 15 * MINUTE)],
    [
      'api.cache.set: ttl in milliseconds',
      set("'k'", "'v'", '{ ttl: 1500 }'),
      stored(NOW_MS + 1500),
    ],
    [
      'api.cache.set: ttl is cut to whole milliseconds',
      set("'k'", "'v'", '{ ttl: 1500.9 }'),
      stored(NOW_MS + 1500),
    ],
    [
      'api.cache.set: expires_at in epoch milliseconds',
      set("'k'", "'v'", `{ expires_at: ${NOW_MS + 7} }`),
      stored(NOW_MS + 7),
    ],
    [
      'api.cache.set: of ttl and expires_at the earlier one counts',
      set("'k'", "'v'", `{ ttl: 9000, expires_at: ${NOW_MS + 7} }`),
      stored(NOW_MS + 7),
    ],
    ['api.cache.set: ttl NaN', set("'k'", "'v'", '{ ttl: NaN }'), error('InvalidExpiry')],
    ['api.cache.set: ttl as text', set("'k'", "'v'", "{ ttl: '5' }"), error('InvalidExpiry')],
    [
      'api.cache.set: expires_at Infinity',
      set("'k'", "'v'", '{ expires_at: Infinity }'),
      error('InvalidExpiry'),
    ],
    ['api.cache.set: ttl null', set("'k'", "'v'", '{ ttl: null }'), error('InvalidExpiry')],
    [
      'api.cache.set: an expiry that is no safe integer',
      set("'k'", "'v'", '{ expires_at: 2 ** 60 }'),
      error('InvalidExpiry'),
    ],
    ['api.cache.set: ttl 0', set("'k'", "'v'", '{ ttl: 0 }'), error('ItemAlreadyExpired')],
    [
      'api.cache.set: expires_at now',
      set("'k'", "'v'", `{ expires_at: ${NOW_MS} }`),
      error('ItemAlreadyExpired'),
    ],
    ['api.cache.set: a key of 64 bytes', `${set("'é'.repeat(32)", "'v'")}.type`, 'success'],
    [
      'api.cache.set: a key of 65 bytes',
      set("'é'.repeat(32) + 'x'", "'v'"),
      error('CacheKeySizeExceeded'),
    ],
    ['api.cache.set: a value of 4096 bytes', `${set("'k'", "'x'.repeat(4096)")}.type`, 'success'],
    [
      'api.cache.set: a value of 4097 bytes',
      set("'k'", "'x'.repeat(4097)"),
      error('CacheValueSizeExceeded'),
    ],
    [
      'api.cache.set: the key is measured before the value, the value before the expiry',
      `[${set("'k'.repeat(65)", "'x'.repeat(4097)")}.code, ${set("'k'", "'x'.repeat(4097)", '{ ttl: NaN }')}.code]`,
      ['CacheKeySizeExceeded', 'CacheValueSizeExceeded'],
    ],
    ['api.cache.get: an unknown key', "typeof api.cache.get('k')", 'undefined'],
    ['api.cache.delete: an unknown key', "api.cache.delete('k')", error('CacheKeyDoesNotExist')],
  ])('%s', async (_name, snippet, value) => {
    const probed = await trigger.run(`return ${snippet}`)
    expect(probed.error).toBeUndefined()
    expect(probed.value).toEqual(value)
  })

  it('api.cache.get: gives the record at once, value and expiry', async () => {
    const { value } = await trigger.run("api.cache.set('k', 'v'); return api.cache.get('k')")
    expect(value).toEqual({ value: 'v', expires_at: NOW_MS + 15 * MINUTE })
  })

  it('api.cache.delete: removes what was there', async () => {
    const { value } = await trigger.run(`
      api.cache.set('k', 'v')
      return [api.cache.delete('k'), typeof api.cache.get('k'), api.cache.delete('k').code]`)
    expect(value).toEqual([{ type: 'success' }, 'undefined', 'CacheKeyDoesNotExist'])
  })

  it('api.cache.set: all records together hold 16640 bytes, keys counted', async () => {
    const { value } = await trigger.run(`
      for (const key of ['a', 'b', 'c', 'd']) api.cache.set(key, 'x'.repeat(4096))
      return [api.cache.set('e', 'x'.repeat(251)).type, api.cache.set('f', '').code]`)
    // 4 × 4097 + 252 = 16640: full to the byte.
    expect(value).toEqual(['success', 'CacheSizeExceeded'])
  })

  it('api.cache.set: the value it replaces counts as well', async () => {
    const { value } = await trigger.run(`
      for (const key of ['a', 'b', 'c', 'd']) api.cache.set(key, 'x'.repeat(4096))
      return api.cache.set('a', 'x'.repeat(4096))`)
    expect(value).toEqual(error('CacheSizeExceeded'))
  })

  it('api.cache.set: at most 20 records, but each of them may be replaced', async () => {
    const { value } = await trigger.run(`
      for (let i = 0; i < 20; i += 1) api.cache.set('k' + i, 'v')
      return [api.cache.set('k20', 'v').code, api.cache.set('k0', 'w').type]`)
    expect(value).toEqual(['CacheSizeExceeded', 'success'])
  })

  it('api.cache.set: a value that is no text throws, as the size of it cannot be taken', async () => {
    const { error: thrown } = await trigger.run("api.cache.set('k', 5)")
    expect(thrown).toMatch(/^TypeError: /)
  })
})

describe('the cache between executions', () => {
  const get = "return api.cache.get('k')?.value ?? 'none'"

  it('is shared by all users and Actions of the trigger', async () => {
    await trigger.run("api.cache.set('k', 'v')")
    const { value } = await trigger.run(get, { event: { user: { user_id: 'auth0|2' } } })
    expect(value).toBe('v')
  })

  it('is kept per trigger', async () => {
    await trigger.run("api.cache.set('k', 'v')")
    const { value } = await trigger.run(get, {
      trigger: 'post-login',
      entrypoint: 'onExecutePostLogin',
    })
    expect(value).toBe('none')
  })

  it.each([
    [1000, 'v'],
    [1001, 'none'],
  ])('a record with ttl 1000 read %i ms later gives %s', async (later, value) => {
    await trigger.run("api.cache.set('k', 'v', { ttl: 1000 })")
    expect((await trigger.run(get, { nowMs: NOW_MS + later })).value).toBe(value)
  })

  it('no record outlives 24 hours, whatever its expiry says', async () => {
    const day = 24 * 60 * MINUTE
    await trigger.run(`api.cache.set('k', 'v', { ttl: ${10 * day} })`)
    expect((await trigger.run(get, { nowMs: NOW_MS + day })).value).toBe('v')
    expect((await trigger.run(get, { nowMs: NOW_MS + day + 1 })).value).toBe('none')
  })

  it('what an Action wrote before it threw is kept', async () => {
    await trigger.run("api.cache.set('k', 'v'); throw new Error('later')")
    expect((await trigger.run(get)).value).toBe('v')
  })

  it('cacheAfterRedirect: dropped gives a continue handler an empty cache', async () => {
    await trigger.run("api.cache.set('k', 'v')")
    expect((await trigger.run(get)).value).toBe('v')
    expect((await trigger.run(get, CONTINUE)).value).toBe('none')
  })

  it('cacheAfterRedirect: kept, the default, gives it the record', async () => {
    const keeping = createProbe('password-reset-post-challenge')
    await keeping.run("api.cache.set('k', 'v')")
    expect((await keeping.run(get, CONTINUE)).value).toBe('v')
    await keeping.close()
  })

  it('a reset of the runtime empties it', async () => {
    const runtime = createRuntime({ frozenClock: true })
    await runtime.run(legOf(handler("api.cache.set('k', 'v')")))
    await runtime.reset()
    const { log } = await runtime.run(legOf(handler("console.log(api.cache.get('k'))")))
    expect(log).toBe('undefined\n')
    await runtime.close()
  })
})
