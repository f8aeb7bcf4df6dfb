/** What each signal says of facts: its value, its unknown, and that the worse of both addresses counts. */
import { describe, expect, it } from 'vitest'
import type { SignalValue } from '../../src/verifier/domain/decision.ts'
import type { Facts, NetworkFacts, RangeFacts } from '../../src/verifier/domain/facts.ts'
import { SIGNALS } from '../../src/verifier/domain/signals/registry.ts'
import type { UnknownWhy } from '../../src/verifier/domain/signals/signal.ts'
import { ABROAD, type Changes, factsOf, HOME, NOW, PROFILE, without } from './support/facts.ts'

const LIMITS = { user: { per_hour: 5, burst: 5 }, address: { per_hour: 30, burst: 10 } }
const DAY = 86_400

function observe(name: string, facts: Facts): SignalValue | { readonly unknown: UnknownWhy } {
  const signal = SIGNALS.get(name)?.observe({ facts, limits: LIMITS })
  if (signal === undefined) throw new Error(`no signal ${name}`)
  return signal.known ? signal.value : { unknown: signal.why }
}

/** Auth0 saw one network, and another came to us. */
const split = (token: NetworkFacts, visit: NetworkFacts, more: Changes = {}): Facts =>
  factsOf({
    ...more,
    request: {
      token_network: token,
      visit_network: visit,
      same_address: token.address === visit.address,
      ...more.request,
    },
  })

const withProfile = (changes: Partial<typeof PROFILE>): Facts =>
  factsOf({ store: { profile: { ...PROFILE, ...changes } } })

const NO_HISTORY: Changes = { store: { profile: null } }
const HOME_V6: NetworkFacts = { ...HOME, address: '1006', family: 6 }
const NEIGHBOUR: NetworkFacts = { ...HOME, address: '1002' }
/** As on Node: an address and nothing else. */
const BARE = { address: '9001', family: 4 } as const
const BARE_HOME = { address: '1001', family: 4 } as const
const ranges = (changes: Partial<RangeFacts>): Changes => ({
  store: { ranges: { loaded: ['tor', 'vpn', 'hosting', 'relay', 'untrusted'], ...changes } },
})
const relayed = (side: 'token' | 'visit' | 'both'): Changes =>
  ranges({
    token: side === 'visit' ? [] : ['relay'],
    visit: side === 'token' ? [] : ['relay'],
  })

type Row = readonly [
  name: string,
  what: string,
  facts: Facts,
  expected: SignalValue | { readonly unknown: UnknownWhy },
]

const noHistory = { unknown: 'no_history' } as const
const notSeen = { unknown: 'not_seen' } as const
const notTold = { unknown: 'not_told' } as const
const notKept = { unknown: 'not_kept' } as const
const notComparable = { unknown: 'not_comparable' } as const

/** Resets that were completed so many seconds ago. */
const resetsAgo = (...seconds: number[]) =>
  factsOf({ store: { completed_resets_at: seconds.map((ago) => NOW - ago) } })
const six = (ago: number) => Array.from({ length: 6 }, () => ago)

const ROWS: readonly Row[] = [
  ['new_device', 'the known cookie', factsOf(), false],
  ['new_device', 'another cookie', factsOf({ request: { device: '7002' } }), true],
  [
    'new_device',
    'no cookie, of a user who had one',
    { ...factsOf(), request: without(factsOf().request, 'device') },
    true,
  ],
  ['new_device', 'a user without history', factsOf(NO_HISTORY), noHistory],
  [
    'new_device',
    'a user whose history has no cookie, as a log stream leaves it',
    withProfile({ hist: without(PROFILE.hist, 'device') }),
    noHistory,
  ],
  ['recognised_device', 'the known cookie', factsOf(), true],
  ['recognised_device', 'another cookie', factsOf({ request: { device: '7002' } }), false],
  ['recognised_device', 'a user without history', factsOf(NO_HISTORY), false],

  ['new_country', 'home', factsOf(), false],
  ['new_country', 'abroad', factsOf({ at: ABROAD }), true],
  ['new_country', 'a user without history', factsOf({ at: ABROAD, ...NO_HISTORY }), noHistory],
  ['new_country', 'the token abroad, the known browser at home', split(ABROAD, HOME), true],
  ['new_country', 'the browser abroad, the token at home', split(HOME, ABROAD), true],
  ['new_country', 'no geography of the browser', split(HOME, BARE), false],
  ['new_country', 'no geography at all', split(BARE, BARE), notSeen],
  [
    'new_country',
    'a relay abroad: relays keep the country',
    factsOf({ at: ABROAD, ...relayed('both') }),
    true,
  ],
  ['new_asn', 'home', factsOf(), false],
  ['new_asn', 'abroad', factsOf({ at: ABROAD }), true],
  ['new_asn', 'a relay', factsOf({ at: ABROAD, ...relayed('both') }), notComparable],
  ['new_asn', 'no network known', split(BARE, BARE), notSeen],
  ['new_address', 'home', factsOf(), false],
  ['new_address', 'another address', factsOf({ at: NEIGHBOUR }), true],
  ['new_address', 'a relay', factsOf({ at: NEIGHBOUR, ...relayed('both') }), notComparable],
  ['new_browser', 'the known one', factsOf(), false],
  ['new_browser', 'another one', factsOf({ request: { browser: 'Firefox' } }), true],
  [
    'new_browser',
    'an unreadable User-Agent',
    { ...factsOf(), request: without(factsOf().request, 'browser') },
    notSeen,
  ],
  ['new_os', 'the known one', factsOf({ request: { os: 'Windows' } }), false],
  ['new_os', 'another one', factsOf({ request: { os: 'Linux' } }), true],
  ['new_os', 'a value that every object has', factsOf({ request: { os: 'constructor' } }), true],
  ['new_language', 'the known one', factsOf(), false],
  ['new_language', 'another one', factsOf({ request: { language: 'pt' } }), true],

  ['rba_llr', 'a user without history', factsOf(NO_HISTORY), noHistory],
  ['rba_llr', 'a user with too little of it', withProfile({ n: 4 }), noHistory],
  ['rba_llr', 'everything as ever', factsOf(), 0],
  // ln(1 + 20/5): all of a new place is one fact.
  ['rba_llr', 'a new country', factsOf({ at: ABROAD }), 1.609438],

  [
    'hour_share',
    'the usual hour',
    withProfile({ hist: { hour: { '11': [15, 1], '23': [5, 1] } } }),
    0.75,
  ],
  [
    'hour_share',
    'an hour before midnight is near one after',
    { ...withProfile({ hist: { hour: { '23': [20, 1] } } }), decided_at: NOW + 12 * 3600 },
    1,
  ],
  ['hour_share', 'too few events', withProfile({ hist: { hour: { '11': [19, 1] } } }), noHistory],

  ['context_mismatch', 'one address', factsOf(), false],
  ['context_mismatch', 'one address without geography', split(BARE, BARE), false],
  ['context_mismatch', 'another address of the same place', split(HOME, NEIGHBOUR), false],
  ['context_mismatch', 'another country', split(HOME, ABROAD), true],
  [
    'context_mismatch',
    'another network of the same country',
    split(HOME, { ...NEIGHBOUR, asn: 1 }),
    true,
  ],
  [
    'context_mismatch',
    'IPv4 at Auth0, IPv6 here',
    split(HOME, { ...ABROAD, family: 6 }),
    notComparable,
  ],
  ['context_mismatch', 'a relay on one side', split(HOME, ABROAD, relayed('visit')), notComparable],
  ['context_mismatch', 'no geography', split(HOME, BARE), notSeen],
  ['country_mismatch', 'another country', split(HOME, ABROAD), true],
  [
    'country_mismatch',
    'another network of the same country',
    split(HOME, { ...NEIGHBOUR, asn: 1 }),
    false,
  ],
  [
    'asn_mismatch',
    'another network of the same country',
    split(HOME, { ...NEIGHBOUR, asn: 1 }),
    true,
  ],
  ['asn_mismatch', 'no network in the token', split(without(HOME, 'asn'), ABROAD), notSeen],

  ['strange_token_address', 'one address', factsOf(), false],
  [
    'strange_token_address',
    'IPv4 at Auth0, IPv6 here',
    split({ ...NEIGHBOUR, family: 4 }, HOME_V6),
    false,
  ],
  [
    'strange_token_address',
    'IPv4 at Auth0, IPv6 here, the country of one unknown',
    split(without({ ...ABROAD, family: 4 } as const, 'country'), HOME_V6),
    false,
  ],
  [
    'strange_token_address',
    'IPv6 at Auth0, IPv4 here, in two countries',
    split({ ...ABROAD, family: 6 }, HOME),
    true,
  ],
  ['strange_token_address', 'a lured victim on a known device', split(ABROAD, HOME), true],
  [
    'strange_token_address',
    'a lured victim where no geography is known',
    split(BARE, BARE_HOME),
    true,
  ],
  [
    'strange_token_address',
    'a stranger of the same place, the victim at a known address',
    split(NEIGHBOUR, HOME),
    true,
  ],
  [
    'strange_token_address',
    'two new addresses of the same place, as mobile networks hand out',
    split(NEIGHBOUR, { ...HOME, address: '1003' }),
    false,
  ],
  ['strange_token_address', 'the token at home, the browser abroad', split(HOME, ABROAD), false],
  ['strange_token_address', 'a user without history', split(BARE, BARE_HOME, NO_HISTORY), true],
  ['strange_token_address', 'both through a relay', split(ABROAD, HOME, relayed('both')), false],
  [
    'strange_token_address',
    'only the token through a relay',
    split(ABROAD, HOME, relayed('token')),
    true,
  ],
  [
    'strange_token_address',
    'no address of the browser',
    { ...factsOf(), request: without(factsOf().request, 'same_address') },
    notSeen,
  ],

  ['travel_km', 'home', factsOf(), 0],
  ['travel_km', 'Oslo to São Paulo', factsOf({ at: ABROAD }), 10623],
  [
    'travel_km',
    'a VPN',
    factsOf({ at: ABROAD, ...ranges({ token: ['vpn'], visit: ['vpn'] }) }),
    notComparable,
  ],
  ['travel_km', 'a relay', factsOf({ at: ABROAD, ...relayed('both') }), notComparable],
  [
    'travel_km',
    'a place never confirmed',
    { ...factsOf(), store: { ...factsOf().store, profile: without(PROFILE, 'last_latitude') } },
    noHistory,
  ],
  ['travel_km', 'no coordinates', split(BARE, BARE), notSeen],
  [
    'travel_km',
    'across the date line',
    {
      ...factsOf({
        at: { ...HOME, latitude: 0, longitude: -179.9 },
        store: { profile: { ...PROFILE, last_latitude: 0, last_longitude: 179.9 } },
      }),
    },
    22,
  ],
  ['travel_kmh', 'a day for it', factsOf({ at: ABROAD }), 443],
  [
    'travel_kmh',
    'an hour for it',
    factsOf({ at: ABROAD, store: { profile: { ...PROFILE, last_at: NOW - 3600 } } }),
    10623,
  ],
  [
    'travel_kmh',
    'a later event without a place does not hurry it',
    factsOf({
      at: ABROAD,
      store: { profile: { ...PROFILE, last_place_at: PROFILE.last_at, last_at: NOW - 60 } },
    }),
    443,
  ],
  [
    'travel_kmh',
    'no time at all for it: a minute is counted',
    factsOf({ at: ABROAD, store: { profile: { ...PROFILE, last_at: NOW + 5 } } }),
    637380,
  ],
  ['rtt_ratio', 'no round trip measured', withProfile({ median_rtt_ms: 20 }), notSeen],
  [
    'rtt_ratio',
    'four times the usual',
    factsOf({ at: { ...HOME, rtt_ms: 80 }, store: { profile: { ...PROFILE, median_rtt_ms: 20 } } }),
    4,
  ],
  ['rtt_ratio', 'no usual one', factsOf({ at: { ...HOME, rtt_ms: 80 } }), noHistory],

  ...(
    [
      ['tor_ip', 'tor'],
      ['vpn_ip', 'vpn'],
      ['datacenter_ip', 'hosting'],
      ['relay_ip', 'relay'],
      ['untrusted_ip', 'untrusted'],
    ] as const
  ).flatMap(([name, kind]): Row[] => [
    [name, 'no list loaded', factsOf(), notKept],
    [name, 'another list loaded', factsOf(ranges({ loaded: [], token: [], visit: [] })), notKept],
    [name, 'the browser on it', factsOf(ranges({ token: [], visit: [kind] })), true],
    [name, 'the token’s address on it', factsOf(ranges({ token: [kind], visit: [] })), true],
    [name, 'neither on it', factsOf(ranges({ token: [], visit: [] })), false],
    [name, 'private addresses', factsOf(ranges({})), notSeen],
    [name, 'one private address', factsOf(ranges({ token: [kind] })), true],
  ]),

  ['bot_user_agent', 'not looked at', factsOf(), notSeen],
  ['bot_user_agent', 'a robot', factsOf({ request: { bot: true } }), true],
  ['client_hint_mismatch', 'no hints', factsOf(), notSeen],
  [
    'client_hint_mismatch',
    'a contradiction',
    factsOf({ request: { client_hint_mismatch: true } }),
    true,
  ],
  ['automation', 'a person', factsOf(), false],
  [
    'automation',
    'webdriver',
    factsOf({ request: { client: { script: true, webdriver: true } } }),
    true,
  ],
  ['automation', 'no script', factsOf({ request: { client: { script: false } } }), notSeen],
  ['timezone_mismatch', 'the zone of the place', factsOf(), false],
  ...(
    [
      ['another name of the same offset', 'Europe/Stockholm', false],
      ['an hour beside it', 'Europe/London', false],
      ['five hours beside it', 'America/New_York', true],
      ['half past', 'Asia/Kolkata', true],
      ['no such zone', 'Mars/Olympus', notSeen],
      ['an empty zone', '', notSeen],
    ] as const
  ).map(
    ([what, time_zone, expected]): Row => [
      'timezone_mismatch',
      what,
      factsOf({ request: { client: { script: true, time_zone } } }),
      expected,
    ],
  ),
  ['timezone_mismatch', 'no script', factsOf({ request: { client: { script: false } } }), notSeen],
  ['timezone_mismatch', 'no zone of the place', split(BARE, BARE), notSeen],
  [
    'timezone_mismatch',
    'the token’s place is another',
    split({ ...ABROAD, address: '1001' }, HOME),
    true,
  ],
  ['human_challenge', 'not asked', factsOf(), notSeen],
  ['human_challenge', 'failed', factsOf({ request: { human_challenge: 'failed' } }), 'failed'],

  // One event costs 720 s at five an hour; a burst of five is 3600 s of debt.
  ['attempts_user', 'the first', factsOf(), 0],
  ['attempts_user', 'exactly the burst', factsOf({ store: { velocity: { user: 3600 } } }), 0],
  ['attempts_user', 'one more', factsOf({ store: { velocity: { user: 4320 } } }), 1],
  ['attempts_user', 'no rate kept', factsOf({ store: { velocity: {} } }), notSeen],
  ['velocity_user', 'nothing told of completed resets', factsOf(), notKept],
  ['velocity_user', 'none completed', resetsAgo(), 0],
  ['velocity_user', 'exactly the burst at once', resetsAgo(0, 0, 0, 0, 0), 0],
  ['velocity_user', 'one more', resetsAgo(0, 0, 0, 0, 0, 0), 1],
  ['velocity_user', 'one more, and half a one paid off', resetsAgo(...six(360)), 0.5],
  ['velocity_user', 'six of an hour ago', resetsAgo(...six(3600)), 0],
  ['velocity_user', 'in whichever order they are told', resetsAgo(0, 720, 0, 0, 0, 0, 0), 1],
  [
    'velocity_user',
    'a hundred attempts that nobody completed',
    factsOf({ store: { velocity: { user: 72_000 }, completed_resets_at: [] } }),
    0,
  ],
  ['resets_per_day', 'nothing told', factsOf(), notKept],
  ['resets_per_day', 'two', resetsAgo(10, 80_000), 2],
  [
    'velocity_address',
    'the worse is the token’s',
    factsOf({ store: { velocity: { token_address: 1440, visit_address: 120 } } }),
    2,
  ],
  [
    'velocity_address',
    'the worse is the browser’s',
    factsOf({ store: { velocity: { token_address: 120, visit_address: 1440 } } }),
    2,
  ],
  [
    'velocity_address',
    'one of them unknown',
    factsOf({ store: { velocity: { visit_address: 1440 } } }),
    2,
  ],
  ['velocity_address', 'both unknown', factsOf({ store: { velocity: { user: 720 } } }), notSeen],
  ['users_per_address', 'not counted', factsOf(), notKept],
  [
    'users_per_address',
    'an office above its own past',
    factsOf({ store: { users_per_address: { visit: { users: 45, baseline: 40 } } } }),
    5,
  ],
  [
    'users_per_address',
    'an office as ever',
    factsOf({ store: { users_per_address: { visit: { users: 30, baseline: 40 } } } }),
    0,
  ],
  [
    'users_per_address',
    'a network without a past',
    factsOf({ store: { users_per_address: { token: { users: 3 }, visit: { users: 2 } } } }),
    3,
  ],
  ['users_per_address', 'no address', factsOf({ store: { users_per_address: {} } }), notSeen],
  ['users_per_device', 'not counted', factsOf(), notKept],
  ['users_per_device', 'two others', factsOf({ store: { users_per_device: 2 } }), 2],
  [
    'users_per_device',
    'no cookie',
    { ...factsOf(), request: without(factsOf().request, 'device') },
    notSeen,
  ],
  ['multi_source_reset', 'not counted', factsOf(), notKept],
  [
    'multi_source_reset',
    'three devices of two networks',
    factsOf({ store: { reset_sources: { devices: 3, asns: 2 } } }),
    3,
  ],
  ['recent_failures', 'no log stream', factsOf(), notKept],
  ['recent_failures', 'six', factsOf({ store: { recent_failures: 6 } }), 6],

  ['mfa_enrolled', 'none', factsOf(), false],
  ['mfa_enrolled', 'an authenticator', factsOf({ token: { factors: ['otp'] } }), true],
  [
    'mfa_enrolled',
    'only e-mail, after an e-mail link',
    factsOf({ token: { factors: ['email'] } }),
    false,
  ],
  [
    'mfa_enrolled',
    'e-mail, after a code by text message',
    factsOf({ token: { factors: ['email'], first_challenge: ['sms'] } }),
    true,
  ],
  [
    'mfa_enrolled',
    'the list is unknown',
    { ...factsOf(), request: { ...factsOf().request, token: { flow: 'password_reset' } } },
    notTold,
  ],
  ['privileged_account', 'not said', factsOf(), notTold],
  ['privileged_account', 'said', factsOf({ token: { privileged: true } }), true],
  ['unconfirmed_recent', 'none', factsOf(), false],
  ['unconfirmed_recent', 'one', factsOf({ store: { unconfirmed_recent: true } }), true],
  [
    'unconfirmed_recent',
    'those of a program, on a recognised device',
    factsOf({ store: { unconfirmed_recent: true, unconfirmed_automated: true } }),
    false,
  ],
  [
    'unconfirmed_recent',
    'those of a program, on another device',
    factsOf({
      request: { device: '7777' },
      store: { unconfirmed_recent: true, unconfirmed_automated: true },
    }),
    true,
  ],
  [
    'unconfirmed_recent',
    'those of a program, for a user without history',
    factsOf({ store: { profile: null, unconfirmed_recent: true, unconfirmed_automated: true } }),
    true,
  ],
  ['recent_sensitive_change', 'no log stream', factsOf(), notKept],
  [
    'recent_sensitive_change',
    'none on record',
    factsOf({ store: { sensitive_change_at: null } }),
    false,
  ],
  [
    'recent_sensitive_change',
    'six days ago',
    factsOf({ store: { sensitive_change_at: NOW - 6 * DAY } }),
    true,
  ],
  [
    'recent_sensitive_change',
    'seven days ago',
    factsOf({ store: { sensitive_change_at: NOW - 7 * DAY } }),
    false,
  ],
  ['dormant_days', 'yesterday', factsOf(), 1],
  ['dormant_days', 'no history', factsOf(NO_HISTORY), noHistory],
  ['account_age_days', 'not said', factsOf(), notTold],
  ['account_age_days', 'made today', factsOf({ token: { account_age_days: 0 } }), 0],
  ['email_unverified', 'not said', factsOf(), notTold],
  ['email_unverified', 'verified', factsOf({ token: { email_verified: true } }), false],
  ['email_unverified', 'not verified', factsOf({ token: { email_verified: false } }), true],
  ['disposable_email', 'no history', factsOf(NO_HISTORY), noHistory],
  ['disposable_email', 'no list, or no login that told an address', factsOf(), notKept],
  ...([true, false] as const).map(
    (disposable_email): Row => [
      'disposable_email',
      disposable_email ? 'listed' : 'not listed',
      factsOf({ store: { profile: { ...PROFILE, disposable_email } } }),
      disposable_email,
    ],
  ),
  ['leaked_credential', 'not said', factsOf(), notTold],
  ['leaked_credential', 'leaked', factsOf({ token: { leaked_credential: true } }), true],
  ['agent_detected', 'not said', factsOf(), notTold],
  ['agent_detected', 'an agent', factsOf({ token: { agent: true } }), true],
  ['listed_deny', 'no entry', factsOf(), false],
  [
    'listed_deny',
    'an allow entry',
    factsOf({ store: { lists: [{ kind: 'user', action: 'allow' }] } }),
    false,
  ],
  [
    'listed_deny',
    'both entries',
    factsOf({
      store: {
        lists: [
          { kind: 'user', action: 'allow' },
          { kind: 'asn', action: 'deny' },
        ],
      },
    }),
    true,
  ],
  ['listed_allow', 'no entry', factsOf(), false],
  [
    'listed_allow',
    'an allow entry',
    factsOf({ store: { lists: [{ kind: 'user', action: 'allow' }] } }),
    true,
  ],
]

describe('signals', () => {
  it.each(ROWS)('%s: %s', (name, _what, facts, expected) => {
    expect(observe(name, facts)).toEqual(expected)
  })

  it('have all a row here, and every one a text for each question an operator asks', () => {
    const tested = new Set(ROWS.map(([name]) => name))
    expect([...SIGNALS.keys()].filter((name) => !tested.has(name))).toEqual([])
    for (const { kind, unit, meaning, unknownWhen, byDefault, source } of SIGNALS.values()) {
      expect(unit !== undefined).toBe(kind === 'number')
      for (const text of [meaning, unknownWhen, byDefault, source])
        expect(text.length).toBeGreaterThan(4)
    }
  })

  it('are never false or zero of facts that nobody knows', () => {
    const nothing: Facts = {
      decided_at: NOW,
      request: {
        token: { flow: 'password_reset' },
        token_network: {},
        visit_network: {},
        client: { script: false },
      },
      store: { profile: null, lists: [], velocity: {}, unconfirmed_recent: false },
    }
    const always = new Set([
      'recognised_device',
      'unconfirmed_recent',
      'listed_deny',
      'listed_allow',
    ])
    for (const name of SIGNALS.keys())
      if (!always.has(name))
        expect([name, observe(name, nothing)]).toEqual([name, { unknown: expect.anything() }])
  })
})
