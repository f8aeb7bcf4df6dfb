/**
 * Where an address is, for `event.request.geoip`. The three documentation networks (RFC 5737) stand for
 * three countries, so that a test or a demo can travel; every other address is nowhere.
 */
import type { Geoip } from './request-facts.ts'

export type GeoipLookup = (ip: string) => Geoip

const PLACES: readonly (readonly [prefix: string, place: Geoip])[] = [
  [
    '192.0.2.',
    {
      cityName: 'Berlin',
      continentCode: 'EU',
      countryCode: 'DE',
      countryCode3: 'DEU',
      countryName: 'Germany',
      latitude: 52.52,
      longitude: 13.4,
      timeZone: 'Europe/Berlin',
    },
  ],
  [
    '198.51.100.',
    {
      cityName: 'Chicago',
      continentCode: 'NA',
      countryCode: 'US',
      countryCode3: 'USA',
      countryName: 'United States of America',
      latitude: 41.88,
      longitude: -87.63,
      subdivisionCode: 'IL',
      subdivisionName: 'Illinois',
      timeZone: 'America/Chicago',
    },
  ],
  [
    '203.0.113.',
    {
      cityName: 'Auckland',
      continentCode: 'OC',
      countryCode: 'NZ',
      countryCode3: 'NZL',
      countryName: 'New Zealand',
      latitude: -36.85,
      longitude: 174.76,
      timeZone: 'Pacific/Auckland',
    },
  ],
]

export const documentationPlaces: GeoipLookup = (ip) =>
  PLACES.find(([prefix]) => ip.startsWith(prefix))?.[1] ?? {}
