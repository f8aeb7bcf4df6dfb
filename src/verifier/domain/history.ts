/**
 * Which features of an event a profile remembers, under which names, and how one confirmed event is
 * added. Only confirmed events may come here: an attacker must not train the profile.
 */
import type { Facts, NetworkFacts, ProfileFacts, RequestFacts } from './facts.ts'

/** Names in `profile.hist` and in the global counts. `agent` is operating system and browser as one value. */
export const FEATURES = [
  'device',
  'country',
  'asn',
  'address',
  'device_type',
  'os',
  'browser',
  'agent',
  'language',
  'hour',
] as const
export type Feature = (typeof FEATURES)[number]

export type FeatureValues = Readonly<Record<Feature, string | undefined>>

/** The event's values as one of its two addresses shows them; `undefined` is unknown. */
export function featuresOf(
  request: RequestFacts,
  network: NetworkFacts,
  atSeconds: number,
): FeatureValues {
  const { os, browser } = request
  return {
    device: request.device,
    country: network.country,
    asn: network.asn === undefined ? undefined : String(network.asn),
    address: network.address,
    device_type: request.device_type,
    os,
    browser,
    agent: os === undefined || browser === undefined ? undefined : `${os}/${browser}`,
    language: request.language,
    hour: String(hourOf(atSeconds)),
  }
}

/** UTC, because a person's own zone is a guess; the hour of habit only has to be the same each time. */
export const hourOf = (atSeconds: number): number => Math.floor((atSeconds % 86_400) / 3600)

/** Okta remembers 20 devices, the Keystone plugin 100 entries; twenty of each keep a profile under 2 KB. */
const VALUES_KEPT = 20

/** The profile after one more confirmed event. Both addresses are learned: both were this user's. */
export function learn(
  before: ProfileFacts | null,
  { request, decided_at }: Pick<Facts, 'request' | 'decided_at'>,
): ProfileFacts {
  const { token_network, visit_network } = request
  const sides = [token_network, visit_network].map((network) =>
    featuresOf(request, network, decided_at),
  )
  const today = Math.floor(decided_at / 86_400)
  const hist: Record<string, Record<string, readonly [number, number]>> = {}
  for (const feature of FEATURES) {
    const values = new Set(
      sides.map((side) => side[feature]).filter((value) => value !== undefined),
    )
    const old = before?.hist[feature]
    if (old === undefined && values.size === 0) continue
    const merged = new Map(Object.entries(old ?? {}))
    for (const value of values) {
      const [count, day] = merged.get(value) ?? [0, today]
      merged.set(value, [count + 1, Math.max(day, today)])
    }
    hist[feature] = Object.fromEntries(kept(merged))
  }
  const place = visit_network.latitude === undefined ? token_network : visit_network
  return {
    ...before,
    n: (before?.n ?? 0) + 1,
    first_at: Math.min(before?.first_at ?? decided_at, decided_at),
    last_at: Math.max(before?.last_at ?? decided_at, decided_at),
    hist,
    // An event that was told late does not move the user back.
    ...(place.latitude === undefined ||
    place.longitude === undefined ||
    decided_at < (before?.last_place_at ?? 0)
      ? {}
      : {
          last_latitude: place.latitude,
          last_longitude: place.longitude,
          last_place_at: decided_at,
        }),
    ...medianAfter(before?.median_rtt_ms, visit_network.rtt_ms),
  }
}

/** Least recently seen values go first, the rarer of two seen on one day. */
function kept(
  values: ReadonlyMap<string, readonly [number, number]>,
): [string, readonly [number, number]][] {
  return [...values]
    .sort(([a, [countA, dayA]], [b, [countB, dayB]]) =>
      dayA !== dayB ? dayB - dayA : countA !== countB ? countB - countA : a < b ? -1 : 1,
    )
    .slice(0, VALUES_KEPT)
}

/** A running median: each event moves it a tenth towards its own side, so outliers move it no further. */
function medianAfter(
  median: number | undefined,
  rtt: number | undefined,
): Pick<ProfileFacts, 'median_rtt_ms'> {
  if (rtt === undefined) return {}
  if (median === undefined) return { median_rtt_ms: rtt }
  const step = Math.min(median * 0.1, Math.abs(rtt - median))
  return { median_rtt_ms: Math.round((median + Math.sign(rtt - median) * step) * 100) / 100 }
}
