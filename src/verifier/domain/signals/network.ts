/**
 * What range lists say of the two addresses. An address is known to be off a list only where that list
 * is loaded; a private or unknown address is on nobody's list, and never counts against anyone.
 */
import type { Facts, RangeKind } from '../facts.ts'
import {
  known,
  type Side,
  type Signal,
  type SignalDefinition,
  unknown,
  worseSide,
} from './signal.ts'

const listed = (
  kind: RangeKind,
  texts: Pick<SignalDefinition, 'name' | 'meaning' | 'byDefault' | 'source'>,
): SignalDefinition => ({
  ...texts,
  family: 'network',
  kind: 'boolean',
  unknownWhen: 'the list is not loaded, or neither address is public',
  observe: ({ facts }) => worseSide(facts, (_network, side) => onList(facts, side, kind)),
})

export const torIp = listed('tor', {
  name: 'tor_ip',
  meaning: 'One of both addresses is a Tor exit.',
  byDefault: 'evidence 2.5, which reaches the threshold by itself',
  source: 'Entra anonymizedIPAddress; tirreno I01; Keycloak adaptive authentication: extreme',
})

export const vpnIp = listed('vpn', {
  name: 'vpn_ip',
  meaning: 'One of both addresses belongs to a VPN or proxy service.',
  byDefault: 'evidence 0.8',
  source: 'Castle proxy_ip; tirreno I05',
})

export const datacenterIp = listed('hosting', {
  name: 'datacenter_ip',
  meaning: 'One of both addresses belongs to a hosting provider.',
  byDefault: 'evidence 1.0',
  source: 'Castle datacenter_ip; tirreno I06; OWASP: tell residential from hosting',
})

export const relayIp = listed('relay', {
  name: 'relay_ip',
  meaning: 'One of both addresses is the egress of a privacy relay.',
  byDefault: 'no evidence; makes address, network, travel and mismatch signals unknown',
  source: 'Apple publishes its relay’s egress ranges; tirreno I07',
})

export const untrustedIp = listed('untrusted', {
  name: 'untrusted_ip',
  meaning: 'One of both addresses is on a reputation list.',
  byDefault: 'evidence 1.5',
  source: 'Auth0 UntrustedIP; Okta ThreatInsight; authentik reputation',
})

export function onList({ store: { ranges } }: Facts, side: Side, kind: RangeKind): Signal {
  if (ranges === undefined || !ranges.loaded.includes(kind)) return unknown('not_kept')
  const kinds = ranges[side]
  return kinds === undefined ? unknown('not_seen') : known(kinds.includes(kind))
}

export function isRelay(facts: Facts, side: Side): boolean {
  const relay = onList(facts, side, 'relay')
  return relay.known && relay.value === true
}
