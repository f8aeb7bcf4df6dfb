/**
 * People, and what the default policy answers them. Each is tried with every kind of history a user may
 * have: little or much of it, with device cookies or as a log stream leaves it, with global counts or
 * without, and on a platform that knows places and one that does not.
 */
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import type { Decision } from '../../src/verifier/domain/decision.ts'
import type {
  Facts,
  NetworkFacts,
  ProfileFacts,
  StoreFacts,
} from '../../src/verifier/domain/facts.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import type { TokenFacts } from '../../src/verifier/domain/session.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { ABROAD, factsOf, HOME, NOW, PROFILE, TODAY, without } from './support/facts.ts'

const [reset] = defaultPolicies('enforce')
const { decide } = compilePolicy(reset as PolicyDocument)

const MOBILE: NetworkFacts = { ...HOME, address: '2001', asn: 15659 }
const HOME_V6: NetworkFacts = { ...HOME, address: '1006', family: 6 }

/** As often as asked for: a PC at home, and now and then a phone on the mobile network. */
function profileOf(events: number): ProfileFacts {
  const rare = Math.max(1, Math.floor(events / 5))
  const often = events - rare
  const seen = (often_: string, rare_: string): Record<string, readonly [number, number]> => ({
    [often_]: [often, TODAY - 2],
    [rare_]: [rare, TODAY - 9],
  })
  return {
    ...PROFILE,
    n: events,
    last_at: NOW - 2 * 86_400,
    hist: {
      device: { '7001': [events, TODAY - 2] },
      country: { NO: [events, TODAY - 2] },
      asn: seen('29695', '15659'),
      address: { '1001': [often, TODAY - 2], '2002': [rare, TODAY - 9] },
      device_type: seen('desktop', 'mobile'),
      os: seen('Windows', 'iOS'),
      browser: seen('Chrome', 'Safari'),
      agent: seen('Windows/Chrome', 'iOS/Safari'),
      language: { nb: [events, TODAY - 2] },
    },
  }
}

/** Log-stream logins know addresses and browsers, and nothing of our cookie. */
const fromLogs = (profile: ProfileFacts): ProfileFacts => ({
  ...profile,
  hist: without(profile.hist, 'device'),
})

/** Most of everybody is in Norway, half of it on Windows. */
const GLOBAL: StoreFacts['global'] = {
  n: 100_000,
  counts: {
    country: { NO: 90_000, BR: 50 },
    asn: { '29695': 30_000, '15659': 20_000, '14061': 100 },
    device_type: { desktop: 60_000, mobile: 40_000 },
    os: { Windows: 50_000, iOS: 25_000 },
    agent: { 'Windows/Chrome': 30_000, 'iOS/Safari': 22_000 },
  },
}

interface History {
  readonly name: string
  readonly store: Partial<StoreFacts>
  readonly cookies: boolean
}

const HISTORIES: readonly History[] = [6, 20, 500].flatMap((events) =>
  [true, false].flatMap((cookies) =>
    [true, false].map((counted) => ({
      name: `${events} events, ${cookies ? 'with' : 'without'} cookies, ${counted ? 'with' : 'without'} global counts`,
      cookies,
      store: {
        profile: cookies ? profileOf(events) : fromLogs(profileOf(events)),
        ...(counted && GLOBAL !== undefined ? { global: GLOBAL } : {}),
      },
    })),
  ),
)

const PC = { os: 'Windows', browser: 'Chrome', device_type: 'desktop' } as const
const PHONE = { os: 'iOS', browser: 'Safari', device_type: 'mobile' } as const
const STRANGE_PC = { os: 'Linux', browser: 'Firefox', device_type: 'desktop' } as const

interface Person {
  readonly history: History
  readonly browser: typeof PC | typeof PHONE | typeof STRANGE_PC
  readonly device?: string
  readonly token: NetworkFacts
  readonly visit?: NetworkFacts
  readonly store?: Partial<StoreFacts>
  readonly clock?: string
  readonly language?: string
}

function facts(person: Person, token: Partial<TokenFacts> = {}): Facts {
  const { history, browser, device, token: seen, visit = seen } = person
  const base = factsOf({
    at: seen,
    token,
    request: {
      ...browser,
      token_network: seen,
      visit_network: visit,
      same_address: seen.address === visit.address,
      language: person.language ?? 'nb',
      client: { script: true, webdriver: false, time_zone: person.clock ?? 'Europe/Oslo' },
    },
    store: { ...history.store, ...person.store },
  })
  const request = without(base.request, 'device')
  return { ...base, request: device === undefined ? request : { ...request, device } }
}

/** Without a factor and with one. */
function answers(person: Person): { readonly none: Decision; readonly otp: Decision } {
  return {
    none: decide(facts(person, { factors: [] })),
    otp: decide(facts(person, { factors: ['otp'] })),
  }
}

function expectAllowed(person: Person): void {
  expect(answers(person).none).toMatchObject({ outcome: 'allow', assessed: 'allow' })
}

/** Stopped for a person to release, or asked for the factor there is. */
function expectStopped(person: Person): void {
  const { none, otp } = answers(person)
  expect(none).toMatchObject({ outcome: 'deny', assessed: 'step_up', needs_review: true })
  expect(otp).toMatchObject({ outcome: 'step_up' })
}

describe.each(HISTORIES)('with a history of $name', (history) => {
  it('the user, at home on the usual browser, is allowed', () =>
    expectAllowed({ history, browser: PC, device: '7001', token: HOME }))

  it('a thief abroad, on a browser of another make, is stopped', () =>
    expectStopped({ history, browser: STRANGE_PC, token: ABROAD, clock: 'America/Sao_Paulo' }))

  it('a thief abroad with the same browser, language and clock as the user is stopped', () =>
    expectStopped({ history, browser: PC, token: ABROAD }))

  it('a thief abroad with a cookie of another user is stopped', () =>
    expectStopped({ history, browser: PC, device: '7777', token: ABROAD }))

  it('a thief abroad is stopped where only the token tells the country', () => {
    const { country = '' } = ABROAD
    expectStopped({
      history,
      browser: PC,
      token: { address: '9001', family: 4, country },
      visit: { address: '9001', family: 4 },
    })
  })

  it('Tor is stopped, also in the user’s own country and on the known browser', () =>
    expectStopped({
      history,
      browser: PC,
      device: '7001',
      token: { ...HOME, address: '9100', asn: 60729 },
      store: { ranges: { loaded: ['tor'], token: ['tor'], visit: ['tor'] } },
    }))

  it('a victim on the known device, lured to a stranger’s token, is stopped', () => {
    expectStopped({ history, browser: PC, device: '7001', token: ABROAD, visit: HOME })
    // The stranger may be a neighbour, and the platform may know no places.
    expectStopped({
      history,
      browser: PC,
      device: '7001',
      token: { ...HOME, address: '9300' },
      visit: HOME,
    })
    expectStopped({
      history,
      browser: PC,
      device: '7001',
      token: { address: '9300', family: 4 },
      visit: { address: '5500', family: 4 },
    })
    // The stranger picks the address family, which must not be the way out of being compared.
    expectStopped({
      history,
      browser: PC,
      device: '7001',
      token: { ...ABROAD, family: 6 },
      visit: HOME,
    })
  })

  it('a new phone at home is allowed', () =>
    expectAllowed({ history, browser: PHONE, token: HOME }))

  it('a new phone of a make the user never had, at home, is allowed', () =>
    expectAllowed({
      history: {
        ...history,
        store: {
          ...history.store,
          profile: { ...PROFILE, hist: { ...PROFILE.hist, device_type: { desktop: [20, 1] } } },
        },
      },
      browser: PHONE,
      token: HOME,
    }))

  it('a request on the PC that is opened on the phone is allowed', () =>
    // Auth0 and we both see the phone alone, on the mobile network, without our cookie.
    expectAllowed({ history, browser: PHONE, token: MOBILE }))

  it('IPv4 at Auth0 and IPv6 here is allowed', () => {
    expectAllowed({ history, browser: PC, device: '7001', token: HOME, visit: HOME_V6 })
    expectAllowed({ history, browser: PC, device: '7001', token: HOME_V6, visit: HOME })
    // Another cookie jar, and a first time on IPv6, change nothing about it.
    expectAllowed({ history, browser: PC, token: HOME, visit: HOME_V6 })
  })

  it('forty colleagues behind one address are allowed', () =>
    expectAllowed({
      history,
      browser: PC,
      device: '7001',
      token: HOME,
      store: {
        // Forty events at 120 s each, and no past of this network to excuse them.
        velocity: { user: 720, token_address: 4800, visit_address: 4800 },
        users_per_address: { token: { users: 39 }, visit: { users: 39 } },
      },
    }))
})

describe.each(HISTORIES.filter(({ cookies }) => cookies))('with a history of $name', (history) => {
  /** What a mail scanner leaves that opens the link and runs the page before the user does. */
  const scanned = { unconfirmed_recent: true, unconfirmed_automated: true }
  const scanner: Person = {
    history,
    browser: STRANGE_PC,
    token: { ...HOME, address: '9200', asn: 8075, country: 'IE' },
    store: { ranges: { loaded: ['hosting'], token: ['hosting'], visit: ['hosting'] } },
  }

  it('a mail scanner that runs the page is stopped, and the user after it is allowed', () => {
    expectStopped(scanner)
    expectAllowed({ history, browser: PC, device: '7001', token: HOME, store: scanned })
  })

  it('after a scanner, or what looked like one, everybody else meets the floor', () => {
    const store = scanned
    expectStopped({ history, browser: PC, token: HOME, store })
    expectStopped({ history, browser: PC, device: '7777', token: HOME, store })
    expectStopped({ history, browser: PHONE, token: MOBILE, store })
  })

  it('after a scanner no other floor is lowered for the known device', () => {
    const known = { history, browser: PC, device: '7001' } as const
    expectStopped({ ...known, token: ABROAD, visit: HOME, store: scanned })
    expectStopped({
      ...known,
      token: HOME,
      store: { ...scanned, ranges: { loaded: ['tor'], token: ['tor'], visit: ['tor'] } },
    })
    // A person's attempt among them, and nothing is forgiven.
    expectStopped({ ...known, token: HOME, store: { unconfirmed_recent: true } })
  })

  it('a traveller on the known device is allowed', () => {
    expectAllowed({ history, browser: PC, device: '7001', token: ABROAD })
    expectAllowed({
      history,
      browser: PC,
      device: '7001',
      token: ABROAD,
      clock: 'America/Sao_Paulo',
    })
  })
})

describe('without any history', () => {
  const history: History = { name: 'none', cookies: false, store: { profile: null } }
  it('a first reset is allowed, wherever it comes from', () => {
    expectAllowed({ history, browser: PC, token: HOME })
    expectAllowed({ history, browser: PHONE, token: ABROAD, language: 'pt' })
    expectAllowed({ history, browser: PC, token: { address: '1', family: 4 } })
  })
  it('a mail scanner that runs the page in a data centre leaves the user allowed after it', () => {
    // One that only fetches leaves no record at all, and a record that was allowed taints nothing.
    const scanner: Person = {
      history,
      browser: PC,
      token: { ...HOME, address: '9200', asn: 8075 },
      store: { ranges: { loaded: ['hosting'], token: ['hosting'], visit: ['hosting'] } },
    }
    expectAllowed(scanner)
    const velocity = { user: 1440, token_address: 120, visit_address: 120 }
    expectAllowed({ history, browser: PC, token: HOME, store: { velocity } })
  })
  it('Tor is stopped', () =>
    expectStopped({
      history,
      browser: PC,
      token: ABROAD,
      store: { ranges: { loaded: ['tor'], token: ['tor'], visit: ['tor'] } },
    }))
  it('a victim lured to a stranger’s token is stopped', () =>
    expectStopped({ history, browser: PC, token: ABROAD, visit: HOME }))
})
