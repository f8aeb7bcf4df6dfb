/**
 * A past for the demo's tenant: thirty days of made-up people with homes, phones and habits, a wave of
 * strangers one night, and somebody who asks too often. Judged by the real policies, so that every record
 * can be explained. Seeded, and no measurement of anything.
 */
import { createHash } from 'node:crypto'
import type { CompiledDocument } from '../verifier/domain/compile.ts'
import type { Decision } from '../verifier/domain/decision.ts'
import type { Facts, NetworkFacts, ProfileFacts } from '../verifier/domain/facts.ts'
import { learn } from '../verifier/domain/history.ts'
import { referenceOf } from '../verifier/domain/reference.ts'
import type { Flow } from '../verifier/domain/session.ts'
import { evaluateShadows, type ShadowVerdict } from '../verifier/domain/shadow.ts'

/** As it would stand in the store, pseudonyms in decimal. */
export interface PastRecord {
  readonly id: string
  readonly reference: string
  readonly flow: Flow
  /** Epoch seconds. */
  readonly openedAt: number
  readonly user: string
  readonly facts: Facts
  readonly decision: Decision
  readonly shadow: readonly ShadowVerdict[]
  readonly confirmed: boolean
}

export interface PastOptions {
  /** Epoch seconds: the past ends a few minutes before. */
  readonly now: number
  readonly policies: Readonly<Record<Flow, CompiledDocument>>
  /** Watched beside the policy of its flow. */
  readonly shadows: readonly CompiledDocument[]
  readonly records?: number
}

const DAYS = 30
const DAY = 86_400
const RECORDS = 420
const PEOPLE = 64
const SEED = 20_777
/** The night of the strangers: so many days ago, and so many of them. */
const WAVE = { daysAgo: 9, hour: 2, visits: 34 }

/** Oldest first. */
export function demoPast(options: PastOptions): readonly PastRecord[] {
  const { now, policies, shadows, records = RECORDS } = options
  const random = seeded(SEED)
  const people = Array.from({ length: PEOPLE }, (_, index) => personOf(index, random))
  const visits = [
    ...Array.from({ length: records }, () => usualVisit(now, people, random)),
    ...Array.from({ length: WAVE.visits }, () => strangeVisit(now, people, random)),
    ...impatientVisits(now, people),
  ]
    .filter(({ at }) => at < now - 300)
    .sort((a, b) => a.at - b.at)
  const lastStop = new Map<Person, number>()
  return visits.map((visit, index) => {
    const { person, flow, at } = visit
    const stopped = lastStop.get(person)
    const facts = factsOf(visit, stopped !== undefined && at - stopped < 5 * DAY)
    const decision = policies[flow].decide(facts)
    const own = shadows.filter(({ document }) => document.flow === flow)
    const confirmed =
      !visit.strange &&
      (decision.outcome === 'allow' || (decision.outcome === 'step_up' && random() < 0.92))
    if (confirmed) {
      person.profile = learn(person.profile, facts)
      lastStop.delete(person)
      // Support helps most of those who were stopped without being strangers.
    } else if (decision.assessed !== 'allow' && random() < 0.45) lastStop.set(person, at)
    const id = uuidOf(`${SEED} ${now} ${index}`)
    return {
      id,
      reference: referenceOf(id),
      flow,
      openedAt: at,
      user: person.key,
      facts,
      decision,
      shadow: evaluateShadows(own, facts),
      confirmed,
    }
  })
}

/** mulberry32: a 32-bit generator whose whole state is its seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Random = () => number
type Place = Omit<NetworkFacts, 'address'> & { readonly language: string }

/** Networks of the numbers for documentation (RFC 5398). */
const HOMES: readonly Place[] = [
  {
    country: 'DE',
    asn: 64496,
    time_zone: 'Europe/Berlin',
    latitude: 52.5,
    longitude: 13.4,
    family: 4,
    language: 'de',
  },
  {
    country: 'NL',
    asn: 64497,
    time_zone: 'Europe/Amsterdam',
    latitude: 52.4,
    longitude: 4.9,
    family: 4,
    language: 'nl',
  },
  {
    country: 'FR',
    asn: 64498,
    time_zone: 'Europe/Paris',
    latitude: 48.9,
    longitude: 2.4,
    family: 4,
    language: 'fr',
  },
  {
    country: 'DE',
    asn: 64499,
    time_zone: 'Europe/Berlin',
    latitude: 48.1,
    longitude: 11.6,
    family: 4,
    language: 'de',
  },
]
const TRIP: Place = {
  country: 'ES',
  asn: 64500,
  time_zone: 'Europe/Madrid',
  latitude: 39.6,
  longitude: 2.7,
  family: 4,
  language: 'de',
}
const FAR: Place = {
  country: 'BR',
  asn: 64510,
  time_zone: 'America/Sao_Paulo',
  latitude: -23.5,
  longitude: -46.6,
  family: 4,
  language: 'pt',
}
const BROWSERS = [
  ['Chrome', 'Windows', 'desktop'],
  ['Safari', 'iOS', 'mobile'],
  ['Firefox', 'Linux', 'desktop'],
  ['Chrome', 'Android', 'mobile'],
] as const

interface Person {
  readonly key: string
  readonly home: Place
  readonly browser: (typeof BROWSERS)[number]
  readonly device: string
  readonly address: string
  readonly factors: readonly ('otp' | 'push-notification')[]
  readonly ageDays: number
  readonly listed: boolean
  profile: ProfileFacts | null
}

const pick = <T>(items: readonly T[], random: Random): T =>
  items[Math.floor(random() * items.length)] as T

/** 63 bits of a digest: as wide as a pseudonym, and of nobody. */
const numberOf = (text: string) =>
  (createHash('sha256').update(`demo ${text}`).digest().readBigUInt64BE(0) >> 1n).toString()

function personOf(index: number, random: Random): Person {
  return {
    key: numberOf(`person ${index}`),
    home: pick(HOMES, random),
    browser: pick(BROWSERS, random),
    device: numberOf(`device ${index}`),
    // Some share an office.
    address: numberOf(`address ${index % 40}`),
    factors: random() < 0.22 ? ['otp'] : random() < 0.08 ? ['push-notification'] : [],
    ageDays: Math.floor(20 + random() * 1500),
    listed: index === 7,
    profile: null,
  }
}

interface Visit {
  readonly at: number
  readonly person: Person
  readonly flow: Flow
  readonly place: Place
  readonly device: string | undefined
  readonly address: string
  readonly strange: boolean
  readonly tor?: boolean
  /** Resets that this user completed shortly before, the latest a moment ago. */
  readonly resetsBefore?: number
}

/** By day rather than by night, on weekdays rather than at the weekend. */
function usualVisit(now: number, people: readonly Person[], random: Random): Visit {
  const today = Math.floor(now / DAY) * DAY
  let day = today - Math.floor(random() * DAYS) * DAY
  if ([0, 6].includes(new Date(day * 1000).getUTCDay()) && random() < 0.6) day -= 2 * DAY
  const hour = random() < 0.9 ? 6 + random() * 13 : random() * 24
  const person = pick(people, random)
  const away = random() < 0.05
  const newDevice = random() < 0.08
  return {
    at: Math.floor(day + hour * 3600),
    person,
    flow: random() < 0.7 ? 'password_reset' : 'login',
    place: away ? TRIP : person.home,
    device: newDevice ? numberOf(`new ${random()}`) : person.device,
    address: away ? numberOf('hotel') : person.address,
    strange: false,
  }
}

function strangeVisit(now: number, people: readonly Person[], random: Random): Visit {
  const night = Math.floor(now / DAY) * DAY - WAVE.daysAgo * DAY + WAVE.hour * 3600
  return {
    at: Math.floor(night + random() * 5400),
    person: pick(people.slice(0, 20), random),
    flow: 'password_reset',
    place: FAR,
    device: undefined,
    address: numberOf(`far ${Math.floor(random() * 5)}`),
    strange: true,
    tor: random() < 0.6,
  }
}

/** One person, nine times within twenty minutes, yesterday. */
function impatientVisits(now: number, people: readonly Person[]): readonly Visit[] {
  const person = people.find(({ factors, listed }) => factors.length === 0 && !listed) as Person
  return Array.from({ length: 9 }, (_, index) => ({
    at: now - 20 * 3600 + index * 120,
    person,
    flow: 'password_reset' as const,
    place: person.home,
    device: person.device,
    address: person.address,
    strange: false,
    resetsBefore: index,
  }))
}

function factsOf(visit: Visit, unconfirmed: boolean): Facts {
  const { at, person, flow, place, device, address, tor } = visit
  const { language, ...network } = place
  const [browser, os, device_type] = visit.strange ? BROWSERS[2] : person.browser
  const seen: NetworkFacts = { ...network, address }
  return {
    decided_at: at,
    request: {
      token: {
        flow,
        enforced: true,
        account_age_days: person.ageDays,
        factors: person.factors,
        first_challenge: [flow === 'login' ? 'pwd' : 'email'],
        email_verified: true,
        ...(place.country === undefined ? {} : { country: place.country }),
        language,
      },
      token_network: seen,
      visit_network: seen,
      same_address: true,
      language,
      browser,
      os,
      device_type,
      ...(device === undefined ? {} : { device }),
      client: {
        script: true,
        time_zone: place.time_zone ?? 'UTC',
        webdriver: visit.strange && tor !== true,
        elapsed_ms: 640 + (at % 900),
      },
    },
    store: {
      profile: person.profile,
      lists: person.listed ? [{ kind: 'user', action: 'deny' }] : [],
      velocity: { user: 720, token_address: 120, visit_address: 120 },
      completed_resets_at: Array.from(
        { length: visit.resetsBefore ?? 0 },
        (_, index) => at - 60 - index * 120,
      ),
      unconfirmed_recent: unconfirmed,
      ranges: {
        loaded: ['tor', 'hosting'],
        token: tor ? ['tor'] : [],
        visit: tor ? ['tor'] : [],
      },
    },
  }
}

/** A random UUID’s form, from text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
