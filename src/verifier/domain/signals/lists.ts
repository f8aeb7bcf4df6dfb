/** What the operator said in advance about a user, an address, a device, a country, an ASN or an application. */
import { known, type SignalDefinition } from './signal.ts'

export const listedDeny: SignalDefinition = {
  name: 'listed_deny',
  family: 'lists',
  kind: 'boolean',
  meaning: 'The user, an address, the device or another attribute is on the deny list.',
  unknownWhen: 'never',
  byDefault: 'floor deny',
  source: 'common to all engines; an entry should have an expiry',
  observe: ({ facts }) => known(facts.store.lists.some(({ action }) => action === 'deny')),
}

export const listedAllow: SignalDefinition = {
  name: 'listed_allow',
  family: 'lists',
  kind: 'boolean',
  meaning:
    'The user, both addresses, their country or network, or the device at the address that Auth0 saw, is on the allow list.',
  unknownWhen: 'never',
  byDefault: 'evidence -2.5; lowers no floor',
  source: 'keycloak-adaptive-authn: the strongest trust level of its scale',
  observe: ({ facts }) => known(facts.store.lists.some(({ action }) => action === 'allow')),
}
