/**
 * Whether something was seen before for this user. Only confirmed events count as seen, and a user
 * (or a feature) without any past is unknown: everybody is new once.
 */
import type { Facts, NetworkFacts } from '../facts.ts'
import { known, type Signal, type SignalDefinition, unknown, worseOf } from './signal.ts'

export const newDevice: SignalDefinition = {
  name: 'new_device',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'The browser brought no device cookie that this user was confirmed with before.',
  unknownWhen: 'the user was never confirmed with a device cookie',
  byDefault: 'floor step_up together with a new country or a context mismatch; evidence 0.8',
  source: 'Auth0 NewDevice, Okta, Castle; NIST SP 800-63B: a remembered browser proves nothing',
  observe: ({ facts }) => isNew(facts, 'device', facts.request.device, 'absent_is_new'),
}

export const newCountry: SignalDefinition = {
  name: 'new_country',
  family: 'novelty',
  kind: 'boolean',
  meaning:
    'The country of the address that Auth0 saw, or of the one that came to us, is new for this user.',
  unknownWhen: 'the user has no confirmed country, or neither country is known',
  byDefault: 'floor step_up together with a new device; evidence 0.8',
  source: 'Okta behaviour detection, Entra newCountry',
  observe: ({ facts }) => ofBoth(facts, 'country', (network) => network.country),
}

/** The worse of both addresses, so that a familiar browser never mutes a strange token address. */
function ofBoth(
  facts: Facts,
  feature: string,
  placeOf: (network: NetworkFacts) => string | undefined,
): Signal {
  const { token_network, visit_network } = facts.request
  return worseOf(
    isNew(facts, feature, placeOf(token_network)),
    isNew(facts, feature, placeOf(visit_network)),
  )
}

function isNew(
  { store }: Facts,
  feature: string,
  value: string | undefined,
  absent: 'absent_is_unknown' | 'absent_is_new' = 'absent_is_unknown',
): Signal {
  const seen = store.profile?.hist[feature]
  if (seen === undefined || Object.keys(seen).length === 0) return unknown('no_history')
  if (value === undefined) return absent === 'absent_is_new' ? known(true) : unknown('not_seen')
  return known(!Object.hasOwn(seen, value))
}
