/** Distance in space and time from the last confirmed event, and the round trip as a distance of its own. */
import type { Facts, NetworkFacts } from '../facts.ts'
import { isRelay, onList } from './network.ts'
import {
  known,
  type Side,
  type Signal,
  type SignalDefinition,
  unknown,
  worseSide,
} from './signal.ts'

const TRAVEL = {
  family: 'travel',
  kind: 'number',
  unknownWhen:
    'the user has no confirmed place, the address’s place is unknown, or the address is a relay or a VPN',
  source: 'Auth0 ImpossibleTravel; Okta 805 km/h; authentik 1000 km/h with 100 km of tolerance',
} as const

export const travelKm: SignalDefinition = {
  ...TRAVEL,
  name: 'travel_km',
  unit: 'km',
  meaning: 'Great-circle distance from the last confirmed place; the farther of both addresses.',
  byDefault: 'with the speed: evidence 1.5 above 500 km and 900 km/h',
  observe: ({ facts }) => worseSide(facts, (network, side) => distance(facts, network, side)),
}

export const travelKmh: SignalDefinition = {
  ...TRAVEL,
  name: 'travel_kmh',
  unit: 'km/h',
  meaning: 'The speed that the distance would have taken since the last confirmed event.',
  byDefault: 'with the distance: evidence 1.5 above 500 km and 900 km/h',
  observe: ({ facts }) =>
    worseSide(facts, (network, side) => {
      const km = distance(facts, network, side)
      const { profile } = facts.store
      const since = profile?.last_place_at ?? profile?.last_at
      if (!km.known || since === undefined) return km
      // Clocks and log streams are late by a little: within a minute counts as a minute.
      const hours = Math.max(facts.decided_at - since, 60) / 3600
      return known(Math.round(Number(km.value) / hours))
    }),
}

function distance(facts: Facts, network: NetworkFacts, side: Side): Signal {
  const { profile } = facts.store
  if (profile?.last_latitude === undefined || profile.last_longitude === undefined)
    return unknown('no_history')
  if (network.latitude === undefined || network.longitude === undefined) return unknown('not_seen')
  const vpn = onList(facts, side, 'vpn')
  if (isRelay(facts, side) || (vpn.known && vpn.value === true)) return unknown('not_comparable')
  return known(
    Math.round(
      greatCircleKm(
        profile.last_latitude,
        profile.last_longitude,
        network.latitude,
        network.longitude,
      ),
    ),
  )
}

/** Haversine on a sphere of the mean earth radius; the sphere errs by at most 0.5 %. */
function greatCircleKm(latA: number, lonA: number, latB: number, lonB: number): number {
  const radians = Math.PI / 180
  const half = (angle: number) => Math.sin((angle * radians) / 2) ** 2
  const chord =
    half(latB - latA) + Math.cos(latA * radians) * Math.cos(latB * radians) * half(lonB - lonA)
  return 2 * 6371.0088 * Math.asin(Math.min(1, Math.sqrt(chord)))
}

export const rttRatio: SignalDefinition = {
  name: 'rtt_ratio',
  family: 'travel',
  kind: 'number',
  unit: 'times the user’s median',
  meaning: 'The connection’s round-trip time against the median of this user’s confirmed events.',
  unknownWhen: 'the platform measures none (only Workers do), or none is on record for the user',
  byDefault: 'shadow: above 4, evidence 0.8',
  source: 'Wiefling et al. 2021 and 2022: round-trip time can replace the address',
  observe: ({ facts }) => {
    const now = facts.request.visit_network.rtt_ms
    const usual = facts.store.profile?.median_rtt_ms
    if (usual === undefined || usual <= 0) return unknown('no_history')
    return now === undefined ? unknown('not_seen') : known(Math.round((now / usual) * 100) / 100)
  },
}
