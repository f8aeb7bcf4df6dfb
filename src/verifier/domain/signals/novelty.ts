/**
 * Whether something was seen before for this user. Only confirmed events count as seen, and a user
 * (or a feature) without any past is unknown: everybody is new once.
 */
import type { Facts } from '../facts.ts'
import { type Feature, featuresOf, hourOf } from '../history.ts'
import { noveltyOf } from '../novelty.ts'
import { isRecognised } from './device.ts'
import { isRelay } from './network.ts'
import { known, type Signal, type SignalDefinition, unknown, worseSide } from './signal.ts'

export const newDevice: SignalDefinition = {
  name: 'new_device',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'The browser brought no device cookie that this user was confirmed with before.',
  unknownWhen: 'the user was never confirmed with a device cookie',
  byDefault: 'floor step_up together with a new country or a context mismatch; evidence 0.8',
  source: 'Auth0 NewDevice, Okta, Castle; NIST SP 800-63B: a remembered browser proves nothing',
  observe: ({ facts }) => {
    const { device } = facts.request
    // No cookie at all is as new as a strange one: otherwise clearing it would be the way in.
    return isNew(facts, 'device', device ?? '')
  },
}

export const recognisedDevice: SignalDefinition = {
  name: 'recognised_device',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'The browser brought a device cookie that this user was confirmed with.',
  unknownWhen: 'never: what does not vouch for itself is not recognised',
  byDefault: 'a new country without it: evidence 2.5',
  source:
    'a profile fed by a log stream knows countries and no cookies, so new_device alone would stay unknown',
  observe: ({ facts }) => known(isRecognised(facts)),
}

export const newCountry: SignalDefinition = {
  name: 'new_country',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'The country of one of both addresses is new for this user.',
  unknownWhen: 'the user has no confirmed country, or neither country is known',
  byDefault:
    'floor step_up together with a new device; evidence 2.5 on an unrecognised device, else 0.8',
  // The catalogue mutes it behind a relay. Relays keep the user's country, so muting it would only
  // help someone who is abroad.
  source: 'Okta behaviour detection, Entra newCountry',
  observe: ({ facts }) => ofBoth(facts, 'country'),
}

export const newAsn: SignalDefinition = {
  name: 'new_asn',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'The network (ASN) of one of both addresses is new for this user.',
  unknownWhen: 'the user has no confirmed network, neither network is known, or they are relays',
  byDefault: 'evidence 0.4',
  source: 'Castle new_isp, Entra',
  observe: ({ facts }) => ofBoth(facts, 'asn', 'relays_are_unknown'),
}

export const newAddress: SignalDefinition = {
  name: 'new_address',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'One of both addresses (IPv6: its /64) is new for this user.',
  unknownWhen: 'the user has no confirmed address, neither is known, or they are relays',
  byDefault: 'evidence 0.1: addresses change by themselves',
  source: 'Okta new IP',
  observe: ({ facts }) => ofBoth(facts, 'address', 'relays_are_unknown'),
}

export const newBrowser: SignalDefinition = {
  name: 'new_browser',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'The browser’s family is new for this user; a new version is not.',
  unknownWhen: 'the user has no confirmed browser, or the User-Agent is not understood',
  byDefault: 'part of the novelty model',
  source: 'Freeman et al. 2016; Okta',
  observe: ({ facts }) => isNew(facts, 'browser', facts.request.browser),
}

export const newOs: SignalDefinition = {
  name: 'new_os',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'The operating system’s family is new for this user; a new version is not.',
  unknownWhen: 'the user has no confirmed system, or the User-Agent is not understood',
  byDefault: 'part of the novelty model',
  source: 'Freeman et al. 2016; Okta',
  observe: ({ facts }) => isNew(facts, 'os', facts.request.os),
}

export const newLanguage: SignalDefinition = {
  name: 'new_language',
  family: 'novelty',
  kind: 'boolean',
  meaning: 'The browser’s first language is new for this user.',
  unknownWhen: 'the user has no confirmed language, or the browser sent none',
  byDefault: 'evidence 0.3',
  source: 'Castle new_language, tirreno A08',
  observe: ({ facts }) => isNew(facts, 'language', facts.request.language),
}

export const rbaLlr: SignalDefinition = {
  name: 'rba_llr',
  family: 'novelty',
  kind: 'number',
  unit: 'natural-log odds',
  meaning: 'How unlike this user’s past the event is, by the novelty model, before its cap.',
  unknownWhen: 'the user has fewer confirmed events than the model asks for',
  byDefault: 'added as the model’s evidence, capped; find the site’s threshold in the backtest',
  source: 'Freeman et al., NDSS 2016; Wiefling et al., ACM TOPS 2023',
  observe: ({ facts, novelty }) => {
    const result = noveltyOf(facts, novelty)
    return result === undefined
      ? unknown('no_history')
      : known(Math.round(result.evidence * 1e6) / 1e6)
  },
}

export const unusualTime: SignalDefinition = {
  name: 'hour_share',
  family: 'novelty',
  kind: 'number',
  unit: 'share of the user’s events, 0 to 1',
  meaning:
    'The share of this user’s confirmed events that fell within two hours of this time of day.',
  unknownWhen: 'the user has fewer than 20 confirmed events with a time',
  byDefault: 'shadow: below 0.02, evidence 0.3',
  source: 'Wiefling et al. 2021: the hour qualified as a feature, weak alone',
  observe: ({ facts }) => hourShare(facts),
}

/** Fewer events than this say nothing about habits. */
const EVENTS_FOR_HABITS = 20

function hourShare({ store, decided_at }: Facts): Signal {
  const now = hourOf(decided_at)
  let all = 0
  let near = 0
  for (const [hour, [count]] of Object.entries(store.profile?.hist.hour ?? {})) {
    const apart = Math.abs(Number(hour) - now)
    all += count
    if (Math.min(apart, 24 - apart) <= 2) near += count
  }
  if (all < EVENTS_FOR_HABITS) return unknown('no_history')
  return known(Math.round((near / all) * 1e6) / 1e6)
}

/** The worse of both addresses. */
function ofBoth(facts: Facts, feature: Feature, relays?: 'relays_are_unknown'): Signal {
  return worseSide(facts, (network, side) => {
    if (relays !== undefined && isRelay(facts, side)) return unknown('not_comparable')
    return isNew(facts, feature, featuresOf(facts.request, network, facts.decided_at)[feature])
  })
}

function isNew({ store }: Facts, feature: Feature, value: string | undefined): Signal {
  const seen = store.profile?.hist[feature]
  if (seen === undefined || Object.keys(seen).length === 0) return unknown('no_history')
  return value === undefined ? unknown('not_seen') : known(!Object.hasOwn(seen, value))
}
