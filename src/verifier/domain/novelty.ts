/**
 * How unlike this user's past an event is: nested Dirichlet back-off over counters, a monotone relative
 * of Freeman et al. (NDSS 2016, doi 10.14722/ndss.2016.23240). Each level of a feature is scored given
 * the level above it, so a new country with its new network and new address is one fact and not three.
 * Evidence is a log likelihood ratio: positive speaks for an attacker, and parts add up.
 */
import type { Facts, NetworkFacts, StoreFacts } from './facts.ts'
import { type Feature, type FeatureValues, featuresOf } from './history.ts'

/** Levels from coarse to fine; a value of a finer level belongs to one value of the coarser. */
const CHAINS = {
  network: ['country', 'asn', 'address'],
  browser: ['device_type', 'os', 'agent'],
} as const satisfies Record<string, readonly Feature[]>

export interface NoveltyParameters {
  /** Strength of the prior, in events. */
  readonly beta: number
  /** Confirmed events below which nothing is said. */
  readonly min_history: number
}

export const DEFAULT_NOVELTY: NoveltyParameters = { beta: 5, min_history: 5 }

export interface Novelty {
  /** Sum over features, in natural-log odds. */
  readonly evidence: number
  /** The same per feature. */
  readonly features: Readonly<Record<string, number>>
  /** `feature.level` → its part, for the record; levels that could not be scored are absent. */
  readonly parts: Readonly<Record<string, number>>
}

/** Undefined when the user has too little history, or none of its features. */
export function noveltyOf(
  facts: Facts,
  { beta, min_history }: NoveltyParameters = DEFAULT_NOVELTY,
): Novelty | undefined {
  const { profile } = facts.store
  if (profile === null || profile.n < min_history) return undefined
  const { token_network, visit_network } = facts.request
  const scored = [
    worst(
      chainOf('network', facts, token_network, beta),
      chainOf('network', facts, visit_network, beta),
    ),
    chainOf('browser', facts, visit_network, beta),
  ].filter((chain) => chain !== undefined)
  if (scored.length === 0) return undefined
  const parts = Object.fromEntries(scored.flatMap(({ levels }) => levels))
  const features = Object.fromEntries(scored.map(({ name, evidence }) => [name, evidence]))
  return { evidence: scored.reduce((sum, chain) => sum + chain.evidence, 0), features, parts }
}

interface Chain {
  readonly name: string
  readonly evidence: number
  readonly levels: readonly (readonly [string, number])[]
}

/** The address that Auth0 saw and the one that came to us: the stranger of the two counts. */
const worst = (a: Chain | undefined, b: Chain | undefined): Chain | undefined =>
  a === undefined || (b !== undefined && b.evidence > a.evidence) ? b : a

function chainOf(
  name: keyof typeof CHAINS,
  { request, store, decided_at }: Facts,
  network: NetworkFacts,
  beta: number,
): Chain | undefined {
  const values: FeatureValues = featuresOf(request, network, decided_at)
  const levels: (readonly [string, number])[] = []
  let parent: Counts | undefined
  let evidence = 0
  for (const feature of CHAINS[name]) {
    const value = values[feature]
    const counts = value === undefined ? undefined : countsOf(store, feature, value)
    // A level that is unknown now, or never was known of this user, says nothing: the next one is
    // then scored against the level above.
    if (counts === undefined) continue
    parent ??= counts.total
    const level = levelEvidence(counts.here, parent, beta)
    evidence += level.evidence
    levels.push([`${name}.${feature}`, Math.round(level.evidence * 1e6) / 1e6 + 0])
    parent = level.counts
  }
  return parent === undefined ? undefined : { name, evidence, levels }
}

/** Events of the user and, where they are counted, of everybody. */
export interface Counts {
  readonly user: number
  readonly global?: number
}

/**
 * Evidence of one level given its parent: ln of how common the value is among everybody, less ln of how
 * common it is for the user. Child counts are held below their parent's, because a network may lie in
 * two countries: without that a value known elsewhere would vouch for a new place.
 */
export function levelEvidence(
  here: Counts,
  parent: Counts,
  beta: number,
): { readonly evidence: number; readonly counts: Counts } {
  const user = Math.min(here.user, parent.user)
  if (here.global === undefined || parent.global === undefined)
    return { evidence: evidenceAlone(user, parent.user, beta), counts: { user } }
  const global = Math.min(here.global, parent.global)
  // Half an event for a value nobody had, and for a parent that nobody had.
  const share = Math.min(1, Math.max(global, 0.5) / Math.max(parent.global, 0.5))
  // One logarithm of the whole ratio: of a value new to the user the share divides out, however small.
  const evidence = Math.log((share * (parent.user + beta)) / (user + beta * share))
  return { evidence, counts: { user, global } }
}

/**
 * Without global counts nothing tells what is rare, so everybody is taken to be like the user: a known
 * value says nothing either way, and a new one costs what it costs with them.
 */
const evidenceAlone = (user: number, parent: number, beta: number): number =>
  user > 0 ? 0 : Math.log((parent + beta) / beta)

function countsOf(
  { profile, global }: StoreFacts,
  feature: Feature,
  value: string,
): { readonly here: Counts; readonly total: Counts } | undefined {
  const seen = profile?.hist[feature]
  if (seen === undefined) return undefined
  let user = 0
  for (const key in seen) user += seen[key]?.[0] ?? 0
  if (user === 0) return undefined
  const mine = Object.hasOwn(seen, value) ? (seen[value]?.[0] ?? 0) : 0
  if (global === undefined) return { here: { user: mine }, total: { user } }
  const counted = global.counts[feature]
  const everybody =
    counted !== undefined && Object.hasOwn(counted, value) ? (counted[value] ?? 0) : 0
  return {
    here: { user: mine, global: everybody },
    total: { user, global: global.totals?.[feature] ?? global.n },
  }
}
