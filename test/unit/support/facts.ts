/** Facts of a quiet case, one change away from any other: a known user at home on a known browser. */
import type {
  Facts,
  NetworkFacts,
  ProfileFacts,
  RequestFacts,
  StoreFacts,
} from '../../../src/verifier/domain/facts.ts'
import type { TokenFacts } from '../../../src/verifier/domain/session.ts'

/** 2026-11-20T12:00:00Z, day 20777. */
export const NOW = 1_795_176_000
export const TODAY = Math.floor(NOW / 86_400)

export const HOME: NetworkFacts = {
  address: '1001',
  family: 4,
  country: 'NO',
  asn: 29695,
  time_zone: 'Europe/Oslo',
  latitude: 59.9,
  longitude: 10.7,
}

export const ABROAD: NetworkFacts = {
  address: '9001',
  family: 4,
  country: 'BR',
  asn: 14061,
  time_zone: 'America/Sao_Paulo',
  latitude: -23.5,
  longitude: -46.6,
}

export const PHONE_ENROLLED: TokenFacts['factors'] = ['phone']

export const PROFILE: ProfileFacts = {
  n: 20,
  first_at: NOW - 200 * 86_400,
  last_at: NOW - 86_400,
  hist: {
    device: { '7001': [20, TODAY - 1] },
    country: { NO: [20, TODAY - 1] },
    asn: { '29695': [20, TODAY - 1] },
    address: { '1001': [20, TODAY - 1] },
    browser: { Chrome: [20, TODAY - 1] },
    os: { Windows: [20, TODAY - 1] },
    language: { nb: [20, TODAY - 1] },
  },
  last_latitude: 59.9,
  last_longitude: 10.7,
}

export const STORE: StoreFacts = {
  profile: PROFILE,
  lists: [],
  velocity: { user: 720, token_address: 120, visit_address: 120 },
  unconfirmed_recent: false,
}

export interface Changes {
  readonly token?: Partial<TokenFacts>
  readonly request?: Partial<RequestFacts>
  readonly store?: Partial<StoreFacts>
  /** Both networks at once: the browser that Auth0 saw is the one that came to us. */
  readonly at?: NetworkFacts
}

/** No enrolled factor unless a change says so: the common account. */
export function factsOf({ token, request, store, at = HOME }: Changes = {}): Facts {
  return {
    decided_at: NOW,
    request: {
      token: {
        flow: 'password_reset',
        factors: [],
        first_challenge: ['email'],
        ...(at.country === undefined ? {} : { country: at.country }),
        ...token,
      },
      token_network: at,
      visit_network: at,
      same_address: true,
      language: 'nb',
      browser: 'Chrome',
      device: '7001',
      client: { script: true, time_zone: 'Europe/Oslo', webdriver: false, elapsed_ms: 900 },
      ...request,
    },
    store: { ...STORE, ...store },
  }
}

/** The same facts without a member that may be absent. */
export function without<T extends object, K extends keyof T>(value: T, ...keys: K[]): Omit<T, K> {
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !keys.includes(key as K)),
  ) as Omit<T, K>
}
