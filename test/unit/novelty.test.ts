/** The novelty model: its figures by hand, and what must hold of it whatever the counters are. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import type { Facts, NetworkFacts, ProfileFacts } from '../../src/verifier/domain/facts.ts'
import { FEATURES, learn } from '../../src/verifier/domain/history.ts'
import { levelEvidence, noveltyOf } from '../../src/verifier/domain/novelty.ts'
import { ABROAD, factsOf, HOME, NOW, PROFILE, TODAY } from './support/facts.ts'

const BETA = 5

describe('one level', () => {
  it('of a value the user always had, and half of everybody, is trust', () =>
    // ln 0.5 - ln((20 + 2.5) / 25)
    expect(
      levelEvidence({ user: 20, global: 50 }, { user: 20, global: 100 }, BETA).evidence,
    ).toBeCloseTo(Math.log(0.5) - Math.log(22.5 / 25), 12))
  it('of a new value is ln(1 + events / beta), however rare the value is', () => {
    for (const global of [0, 1, 99])
      expect(
        levelEvidence({ user: 0, global }, { user: 20, global: 100 }, BETA).evidence,
      ).toBeCloseTo(Math.log(5), 12)
    expect(levelEvidence({ user: 0 }, { user: 20 }, BETA).evidence).toBeCloseTo(Math.log(5), 12)
  })
  it('below a new one says nothing more', () => {
    const above = levelEvidence({ user: 0, global: 3 }, { user: 20, global: 100 }, BETA)
    expect(levelEvidence({ user: 7, global: 2 }, above.counts, BETA).evidence).toBeCloseTo(0, 12)
  })
  it('leaves the next one no more events than its parent had, of the user or of everybody', () => {
    const { counts } = levelEvidence({ user: 9, global: 900 }, { user: 4, global: 20 }, 5)
    expect(counts).toEqual({ user: 4, global: 20 })
  })
  it('of a known value without global counts says nothing either way', () =>
    expect(levelEvidence({ user: 3 }, { user: 20 }, BETA).evidence).toBe(0))
})

describe('an event', () => {
  const at = (token: NetworkFacts, visit: NetworkFacts): Facts =>
    factsOf({ request: { token_network: token, visit_network: visit } })
  it('is explained level by level, and a new country is one fact with all below it', () => {
    const novelty = noveltyOf(factsOf({ at: ABROAD }))
    expect(novelty?.parts).toEqual({
      'network.country': 1.609438,
      'network.asn': 0,
      'network.address': 0,
    })
    expect(novelty?.features).toEqual({ network: Math.log(5) })
  })
  it('adds its features', () => {
    const facts = factsOf({ at: ABROAD, request: { os: 'Linux', browser: 'Firefox' } })
    expect(noveltyOf(facts)?.evidence).toBeCloseTo(2 * Math.log(5), 12)
  })
  it('counts the stranger of both addresses', () => {
    expect(noveltyOf(at(ABROAD, HOME))?.evidence).toBeCloseTo(Math.log(5), 12)
    expect(noveltyOf(at(HOME, ABROAD))?.evidence).toBeCloseTo(Math.log(5), 12)
  })
  it('skips what is unknown now and scores the next level against the one above', () => {
    const { address = '', country = '' } = HOME
    const facts = at({ address: '42', country }, { address, country })
    expect(noveltyOf(facts)?.parts).toEqual({
      'network.country': 0,
      'network.address': 1.609438,
    })
  })
  it('has no novelty without history, with too little, or with none of its features', () => {
    expect(noveltyOf(factsOf({ store: { profile: null } }))).toBeUndefined()
    expect(noveltyOf(factsOf({ store: { profile: { ...PROFILE, n: 4 } } }))).toBeUndefined()
    expect(noveltyOf(factsOf({ store: { profile: { ...PROFILE, hist: {} } } }))).toBeUndefined()
  })
})

describe('for every history', () => {
  const count = fc.integer({ min: 1, max: 200 })
  const VALUES = ['v1', 'v2', 'v3', 'v4']
  const histogram = fc.dictionary(fc.constantFrom(...VALUES), count, { maxKeys: 4 })
  const CHAIN = ['country', 'asn', 'address'] as const
  const world = fc.record({
    seen: fc.tuple(histogram, histogram, histogram),
    everybody: fc.option(fc.tuple(histogram, histogram, histogram)),
    values: fc.tuple(...CHAIN.map(() => fc.constantFrom(...VALUES, 'w1', 'w2'))),
    beta: fc.double({ min: 0.5, max: 100, noNaN: true }),
  })

  function evidenceOf(
    { seen, everybody, beta }: { seen: unknown[]; everybody: unknown[] | null; beta: number },
    values: readonly string[],
  ): number {
    const hist = Object.fromEntries(
      CHAIN.map((feature, index) => [
        feature,
        Object.fromEntries(
          Object.entries(seen[index] as Record<string, number>).map(([value, n]) => [
            value,
            [n, 1],
          ]),
        ),
      ]),
    )
    const counts = Object.fromEntries(
      CHAIN.map((feature, index) => [
        feature,
        (everybody?.[index] ?? {}) as Record<string, number>,
      ]),
    )
    const [country = '', asn = '', address = ''] = values
    // The model only compares the text of values, so an ASN may be any.
    const network = { country, asn: asn as unknown as number, address }
    const facts = factsOf({
      at: network,
      request: { browser: 'B' },
      store: {
        profile: { ...PROFILE, hist: hist as unknown as ProfileFacts['hist'] },
        ...(everybody === null ? {} : { global: { n: 1000, counts } }),
      },
    })
    return noveltyOf(facts, { beta, min_history: 1 })?.evidence ?? 0
  }

  it('sharing one more value with the user’s history never raises the risk', () => {
    fc.assert(
      fc.property(world, fc.nat({ max: 2 }), fc.nat({ max: 3 }), (given, level, pick) => {
        const known = Object.keys(given.seen[level] as object)
        const value = known[pick % Math.max(1, known.length)]
        fc.pre(value !== undefined)
        const strange = given.values.map((each, index) => (index === level ? 'unseen' : each))
        const shared = given.values.map((each, index) =>
          index === level ? (value as string) : each,
        )
        expect(evidenceOf(given, shared)).toBeLessThanOrEqual(evidenceOf(given, strange) + 1e-9)
      }),
      { numRuns: 500 },
    )
  })

  it('no single feature costs more than ln(1 + events / beta)', () => {
    fc.assert(
      fc.property(world, (given) => {
        const most = Math.max(
          ...given.seen.map((each) => Object.values(each as object).reduce((a, b) => a + b, 0)),
        )
        expect(evidenceOf(given, given.values)).toBeLessThanOrEqual(
          Math.log((most + given.beta) / given.beta) + 1e-9,
        )
      }),
    )
  })

  it('another event of the same kind never makes the same event stranger', () => {
    const event = fc.record({
      country: fc.constantFrom('NO', 'SE'),
      address: fc.constantFrom('1', '2', '3'),
      os: fc.constantFrom('Windows', 'iOS'),
    })
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 15 }), event, (past, now) => {
        const factsAt = ({ country, address, os }: typeof now, profile: ProfileFacts | null) =>
          factsOf({ at: { country, address }, request: { os }, store: { profile } })
        const profile = past.reduce<ProfileFacts | null>(
          (before, each) => learn(before, factsAt(each, null)),
          null,
        )
        const again = learn(profile, factsAt(now, null))
        const before = noveltyOf(factsAt(now, profile))?.evidence ?? Number.POSITIVE_INFINITY
        expect(noveltyOf(factsAt(now, again))?.evidence).toBeLessThanOrEqual(before + 1e-9)
      }),
    )
  })

  it('the order of events within a day changes nothing', () => {
    const event = fc.record({
      country: fc.constantFrom('NO', 'SE', 'DE'),
      os: fc.constantFrom('Windows', 'iOS'),
    })
    const events = fc.array(event, { maxLength: 12 })
    fc.assert(
      fc.property(events, (past) => {
        const learned = (list: typeof past) =>
          list.reduce<ProfileFacts | null>(
            (before, { country, os }) =>
              learn(before, factsOf({ at: { country }, request: { os } })),
            null,
          )
        expect(learned([...past].reverse())).toEqual(learned(past))
      }),
    )
  })
})

describe('learning', () => {
  const first = learn(null, factsOf({ at: HOME }))
  it('begins with the first confirmed event', () =>
    expect(first).toEqual({
      n: 1,
      first_at: NOW,
      last_at: NOW,
      hist: {
        device: { '7001': [1, TODAY] },
        country: { NO: [1, TODAY] },
        asn: { '29695': [1, TODAY] },
        address: { '1001': [1, TODAY] },
        browser: { Chrome: [1, TODAY] },
        language: { nb: [1, TODAY] },
        hour: { '12': [1, TODAY] },
      },
      last_latitude: 59.9,
      last_longitude: 10.7,
      last_place_at: NOW,
    }))
  it('takes both addresses of one event, once where they are the same', () => {
    const both = factsOf({ request: { token_network: HOME, visit_network: ABROAD } })
    expect(learn(null, both).hist.country).toEqual({ NO: [1, TODAY], BR: [1, TODAY] })
  })
  it('takes an event that is told late without moving the user back to it', () => {
    const yesterday = { ...factsOf({ at: { ...ABROAD, asn: 29695 } }), decided_at: NOW - 86_400 }
    const late = learn(first, yesterday)
    expect(late).toMatchObject({
      n: 2,
      first_at: NOW - 86_400,
      last_at: NOW,
      last_latitude: 59.9,
      last_longitude: 10.7,
      last_place_at: NOW,
    })
    expect(late.hist.asn).toEqual({ '29695': [2, TODAY] })
    expect(late.hist.country).toEqual({ NO: [1, TODAY], BR: [1, TODAY - 1] })
  })
  it('leaves the profile it was given as it was', () => {
    const before = structuredClone(first)
    learn(first, factsOf({ at: ABROAD }))
    expect(first).toEqual(before)
  })
  it('keeps twenty values of a feature, the least recently seen go', () => {
    let profile: ProfileFacts | null = null
    for (let day = 0; day < 30; day += 1) {
      const facts = { ...factsOf({ at: { address: `a${day}` } }), decided_at: NOW + day * 86_400 }
      profile = learn(profile, facts)
    }
    const kept = Object.keys(profile?.hist.address ?? {})
    expect(kept).toHaveLength(20)
    expect(kept).toContain('a29')
    expect(kept).not.toContain('a9')
  })
  it('moves the median of the round trip little by little, whatever one event says', () => {
    const slow = (rtt_ms: number) => factsOf({ at: { ...HOME, rtt_ms } })
    const usual = learn(null, slow(20))
    expect(usual.median_rtt_ms).toBe(20)
    expect(learn(usual, slow(9000)).median_rtt_ms).toBe(22)
    expect(learn(usual, slow(20.5)).median_rtt_ms).toBe(20.5)
  })
  it('does not go back in time for an event that arrives late', () => {
    const late = { ...factsOf(), decided_at: NOW - 999 }
    expect(learn(first, late).last_at).toBe(NOW)
  })
  it('knows every feature that signals ask for', () =>
    expect(Object.keys(PROFILE.hist).filter((name) => !FEATURES.includes(name as never))).toEqual(
      [],
    ))
})
