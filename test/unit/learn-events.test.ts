/** What of a tenant's log is kept, and that nothing else of an event is. */
import { describe, expect, it } from 'vitest'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { readEvents } from '../../src/verifier/learn-events.ts'
import { IDENTIFIER_SECRET } from '../support/tokens.ts'

const identifiers = createIdentifiers(IDENTIFIER_SECRET)
const DATE = '2026-11-04T00:15:10.706Z'
const AT = Date.parse(DATE) / 1000
const PERIOD = { from: AT - 60, until: AT + 60 }
const CHROME =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36'

const DATA = {
  date: DATE,
  type: 's',
  connection: 'Username-Password-Authentication',
  client_id: 'app',
  client_name: 'Default App',
  ip: '203.0.113.9',
  user_agent: CHROME,
  details: { prompts: [{ user_name: 'canary@example.com' }] },
  hostname: 'acme.eu.auth0.com',
  user_id: 'auth0|canary',
  user_name: 'canary@example.com',
  location_info: {
    country_code: 'NO',
    city_name: 'Canary City',
    latitude: '59.9127',
    longitude: 10.7461,
  },
}
const itemOf = (changes: Readonly<Record<string, unknown>> = {}, id = 'log-1') => ({
  log_id: id,
  data: { ...DATA, log_id: id, ...changes },
})
const read = (...items: unknown[]) => readEvents(items, 'acme', identifiers, PERIOD)
const only = (changes: Readonly<Record<string, unknown>> = {}) => read(itemOf(changes)).events[0]

describe('a login', () => {
  it('becomes pseudonyms, coarse places and families', () => {
    const address = identifiers.pseudonym('acme', 'address', '203.0.113.9')
    expect(only()).toEqual({
      key: identifiers.digest('log', 'acme', 'log-1'),
      kind: 'login',
      user: identifiers.pseudonym('acme', 'user', 'auth0|canary'),
      at: AT,
      address,
      request: {
        token: { flow: 'login' },
        token_network: {},
        visit_network: { country: 'NO', latitude: 59.9, longitude: 10.7, address, family: 4 },
        browser: 'Chrome',
        os: 'macOS',
        device_type: 'desktop',
        client: { script: false },
      },
      mailDomains: ['example.com'],
    })
  })

  it.each([
    [
      'its domain and those above it',
      'x@A.mail.Example.com',
      ['a.mail.example.com', 'mail.example.com', 'example.com'],
    ],
    ['what follows the last @ of a quoted name', '"a@b"@example.com', ['example.com']],
    ['nothing of a name that is no address', 'canary', undefined],
    ['nothing of an address without a domain', 'canary@', undefined],
    ['nothing of one with another line', 'canary@example.com\nx', undefined],
    ['nothing of a number', 47, undefined],
    ['nothing of what is far too long', `${'a'.repeat(400)}@example.com`, undefined],
  ])('tells of an e-mail address %s', (_case, user_name, domains) => {
    expect(only({ user_name })?.mailDomains).toEqual(domains)
  })

  it('alone tells a domain: what else names somebody may be what was typed', () => {
    for (const type of ['fp', 'f', 'ssa', 'scp', 'sce', 'gd_auth_succeed']) {
      expect(only({ type }), type).not.toHaveProperty('mailDomains')
    }
  })

  it('leaves no name, address or city behind', () => {
    expect(JSON.stringify(read(itemOf()))).not.toMatch(/canary|203\.0\.113|Default App|log-1/i)
  })

  it('is read from an export as well, where nothing wraps it', () => {
    expect(read({ ...DATA, log_id: 'log-1' }).events).toEqual(read(itemOf()).events)
  })

  it.each([
    ['no address', { ip: undefined }, ['address', 'request.visit_network.address']],
    ['an address that is none', { ip: 'unknown' }, ['address']],
    ['no browser', { user_agent: '' }, ['request.browser', 'request.os']],
    ['no place', { location_info: {} }, ['request.visit_network.country']],
    ['half a place', { location_info: { latitude: 1 } }, ['request.visit_network.latitude']],
    [
      'a place off the map',
      { location_info: { latitude: 91, longitude: 1 } },
      ['request.visit_network.latitude'],
    ],
    [
      'a country that is none',
      { location_info: { country_code: 'Norway' } },
      ['request.visit_network.country'],
    ],
  ])('with %s loses that alone', (_case, changes, absent) => {
    const event = only(changes)
    expect(event?.kind).toBe('login')
    for (const path of absent) expect(event).not.toHaveProperty(path)
  })

  it('under an IPv6 address is known by its network', () => {
    const [a, b] = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'].map((ip) => only({ ip })?.address)
    expect(a).toBe(b)
    expect(only({ ip: '2001:db8:1:3::1' })?.address).not.toBe(a)
  })
})

describe('the kind', () => {
  it.each([
    ['s', 'login'],
    ['sens', 'login'],
    ['ssa', 'session'],
    ['fp', 'failure'],
    ['f', 'failure'],
    ['gd_auth_failed', 'failure'],
    ['sce', 'change'],
    ['scpn', 'change'],
    ['gd_enrollment_complete', 'change'],
    ['gd_unenroll', 'change'],
    ['gd_auth_succeed', 'factor'],
    ['scp', 'reset'],
  ])('of %s is %s', (type, kind) => {
    expect(only({ type })?.kind).toBe(kind)
  })

  it.each(['fu', 'scpr', 'fcp', 'seacft', 'sepft', 'sapi', 'ss', 'du', 'constructor', ''])(
    'of %s is none: it is left out',
    (type) => {
      expect(read(itemOf({ type }))).toEqual({ events: [], ignored: 1 })
    },
  )

  it('other than a login keeps nothing of the place but the address', () => {
    const failure = only({ type: 'fp' })
    expect(Object.keys(failure ?? {}).sort()).toEqual(['address', 'at', 'key', 'kind', 'user'])
  })
})

describe('what cannot be used is left out', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'log'],
    ['a list', []],
    ['no log id', { data: DATA }],
    ['no user', itemOf({ user_id: '' })],
    ['a user that is no text', itemOf({ user_id: { $ne: 1 } })],
    ['a user of any length', itemOf({ user_id: 'x'.repeat(256) })],
    ['no date', itemOf({ date: undefined })],
    ['a date that is none', itemOf({ date: 'yesterday' })],
    ['a type that is none', itemOf({ type: 7 })],
    ['a date before the period', itemOf({ date: new Date((AT - 61) * 1000).toISOString() })],
    ['a date in the future', itemOf({ date: new Date((AT + 62) * 1000).toISOString() })],
  ])('%s', (_case, item) => {
    expect(read(item)).toEqual({ events: [], ignored: 1 })
    expect(read(item, itemOf())).toMatchObject({ events: [{ kind: 'login' }], ignored: 1 })
  })
})

describe('the key of an event', () => {
  const keys = (...items: unknown[]) => new Set(read(...items).events.map(({ key }) => key)).size

  it('is one per log id, tenant by tenant', () => {
    expect(keys(itemOf({}, 'a'), itemOf({}, 'a'), itemOf({}, 'b'))).toBe(2)
    const [ours] = read(itemOf()).events
    const [theirs] = readEvents([itemOf()], 'globex', identifiers, PERIOD).events
    expect(ours?.key).not.toBe(theirs?.key)
    expect(ours?.user).not.toBe(theirs?.user)
  })

  it('of a session is one per user, day and place, however often the page asks', () => {
    const ssa = (id: string, changes: Readonly<Record<string, unknown>> = {}) =>
      itemOf({ type: 'ssa', ...changes }, id)
    expect(keys(ssa('a'), ssa('b'), ssa('c'))).toBe(1)
    expect(keys(ssa('a'), ssa('b', { ip: '203.0.113.10' }))).toBe(2)
    expect(keys(ssa('a'), ssa('b', { user_id: 'auth0|2' }))).toBe(2)
    expect(keys(itemOf({ type: 's' }, 'a'), itemOf({ type: 's' }, 'b'))).toBe(2)
  })
})
