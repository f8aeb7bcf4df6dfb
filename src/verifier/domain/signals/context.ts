/** Whether the browser that reached us can be the one that Auth0 sent. Places are compared, never addresses. */
import type { Facts, NetworkFacts } from '../facts.ts'
import { known, type Signal, type SignalDefinition, unknown } from './signal.ts'

export const contextMismatch: SignalDefinition = {
  name: 'context_mismatch',
  family: 'context',
  kind: 'boolean',
  meaning:
    'Auth0 signed the token for one country or network (ASN), and the browser came from another.',
  unknownWhen:
    'the addresses are of different families, one of them is a relay, or no place of both is known',
  byDefault: 'floor step_up together with a new device; evidence 1.5',
  source: 'ASVS 5.0 6.3.4: a forwarded link or a relaying attacker',
  observe: ({ facts }) => mismatch(facts),
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

/** Addresses of two families are never a change: a dual-stack browser has one of each. */
function strange(facts: Facts): Signal {
  const { token_network: token, visit_network: visit, same_address } = facts.request
  if (same_address === undefined) return unknown('not_seen')
  if (same_address || token.family !== visit.family || isUsers(facts, token)) return known(false)
  const place = mismatch(facts)
  const samePlace = place.known && place.value === false
  return known(!samePlace || isUsers(facts, visit))
}

/** A user without history has no address of their own, which here is the careful reading. */
const isUsers = ({ store }: Facts, { address }: NetworkFacts): boolean =>
  address !== undefined && Object.hasOwn(store.profile?.hist.address ?? {}, address)

function mismatch({ request }: Facts): Signal {
  const { token_network: token, visit_network: visit } = request
  if (request.same_address === true) return known(false)
  if (token.family !== undefined && visit.family !== undefined && token.family !== visit.family)
    return unknown('not_comparable')
  const compared = [differs(token, visit, 'country'), differs(token, visit, 'asn')].filter(
    (result) => result !== undefined,
  )
  return compared.length === 0 ? unknown('not_seen') : known(compared.includes(true))
}

function differs(
  token: NetworkFacts,
  visit: NetworkFacts,
  place: 'country' | 'asn',
): boolean | undefined {
  if (token[place] === undefined || visit[place] === undefined) return undefined
  return token[place] !== visit[place]
}
