/** Whether the browser that reached us can be the one that Auth0 sent. Places are compared, never addresses. */
import type { Facts, NetworkFacts } from '../facts.ts'
import { isRelay } from './network.ts'
import { known, type Signal, type SignalDefinition, unknown } from './signal.ts'

const MISMATCH = {
  family: 'context',
  kind: 'boolean',
  unknownWhen:
    'the addresses are of different families, one of them is a relay, or the place of one is unknown',
  source: 'ASVS 5.0 6.3.4: a forwarded link or a relaying attacker',
} as const

export const contextMismatch: SignalDefinition = {
  ...MISMATCH,
  name: 'context_mismatch',
  meaning: 'Auth0 saw one country or network (ASN), and the browser came from another.',
  byDefault: 'floor step_up together with a new device',
  observe: ({ facts }) => mismatch(facts, ['country', 'asn']),
}

export const countryMismatch: SignalDefinition = {
  ...MISMATCH,
  name: 'country_mismatch',
  meaning: 'Auth0 saw one country, and the browser came from another.',
  byDefault: 'evidence 1.5',
  observe: ({ facts }) => mismatch(facts, ['country']),
}

export const asnMismatch: SignalDefinition = {
  ...MISMATCH,
  name: 'asn_mismatch',
  meaning: 'Auth0 saw one network (ASN), and the browser came from another.',
  byDefault: 'evidence 0.8, in one group with the country',
  observe: ({ facts }) => mismatch(facts, ['asn']),
}

export const strangeTokenAddress: SignalDefinition = {
  name: 'strange_token_address',
  family: 'context',
  kind: 'boolean',
  meaning:
    'Auth0 saw an address that is neither the browser’s nor one of this user’s, and nothing shows the two to be the same place; or the browser’s address is one of the user’s and the token’s is not.',
  unknownWhen: 'either address is unknown',
  byDefault: 'floor step_up, whatever device came to us',
  source:
    'a victim lured to our page brings a known device to a stranger’s token; RFC 9700 4.7 on binding',
  observe: ({ facts }) => strange(facts),
}

/**
 * Addresses of two families are no change by themselves: a dual-stack browser has one of each, in one
 * country. In two countries they are: a stranger picks the family, and so would escape being compared.
 */
function strange(facts: Facts): Signal {
  const { token_network: token, visit_network: visit, same_address } = facts.request
  if (same_address === undefined) return unknown('not_seen')
  if (same_address || isUsers(facts, token)) return known(false)
  // One relay gives one browser two addresses; a relay on one side only is a change like any other.
  if (isRelay(facts, 'token') && isRelay(facts, 'visit')) return known(false)
  if (token.family !== visit.family)
    return known(
      token.country !== undefined && visit.country !== undefined && token.country !== visit.country,
    )
  const place = mismatch(facts, ['country', 'asn'])
  const samePlace = place.known && place.value === false
  return known(!samePlace || isUsers(facts, visit))
}

/** A user without history has no address of their own, which here is the careful reading. */
const isUsers = ({ store }: Facts, { address }: NetworkFacts): boolean =>
  address !== undefined && Object.hasOwn(store.profile?.hist.address ?? {}, address)

type Place = 'country' | 'asn'

/** One place that differs is a mismatch, whatever the others say; one that is known and equal is none. */
function mismatch(facts: Facts, places: readonly Place[]): Signal {
  const { token_network: token, visit_network: visit, same_address } = facts.request
  if (same_address === true) return known(false)
  if (token.family !== undefined && visit.family !== undefined && token.family !== visit.family)
    return unknown('not_comparable')
  if (isRelay(facts, 'token') || isRelay(facts, 'visit')) return unknown('not_comparable')
  const compared = places.filter(
    (place) => token[place] !== undefined && visit[place] !== undefined,
  )
  if (compared.length === 0) return unknown('not_seen')
  return known(compared.some((place) => token[place] !== visit[place]))
}
