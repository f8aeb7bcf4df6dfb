/**
 * The evidence of the default policies, in natural-log odds on the scale of keycloak-adaptive-authn
 * (0.1, 0.4, 0.8, 1.5, 2.5); each signal's own source stands in its definition. Rules of one group are
 * one fact seen several times, and only the strongest counts. Unknown adds nothing anywhere here:
 * evidence accuses, and not knowing is no accusation.
 */
import type { Condition, EvidenceRule } from '../domain/policy.ts'

const is = (signal: string): Condition => ({ signal, op: 'eq', value: true })
const from = (signal: string, value: number): Condition => ({ signal, op: 'gte', value })
const above = (signal: string, value: number): Condition => ({ signal, op: 'gt', value })
const below = (signal: string, value: number): Condition => ({ signal, op: 'lt', value })

function rule(
  id: string,
  when: Condition,
  evidence: number,
  reason: string,
  group?: string,
): EvidenceRule {
  const grouped = group === undefined ? {} : { group }
  return { id, when, evidence, on_unknown: 0, reason, ...grouped }
}

export const DEFAULT_RULES: readonly EvidenceRule[] = [
  // The browser that came is not where the one was that Auth0 sent. Catalogue: 1.5 and 0.8.
  rule('country_mismatch', is('country_mismatch'), 1.5, 'browser_changed', 'mismatch'),
  rule('asn_mismatch', is('asn_mismatch'), 0.8, 'browser_changed', 'mismatch'),

  // One novelty, seen by the model and by its plain parts, which speak before the model has a history.
  // Abroad, only a device that vouches for itself keeps it below the threshold: that is a traveller.
  rule(
    'new_country_unrecognised',
    { all: [is('new_country'), { signal: 'recognised_device', op: 'eq', value: false }] },
    2.5,
    'unfamiliar',
    'novelty',
  ),
  rule('new_device', is('new_device'), 0.8, 'unfamiliar', 'novelty'),
  rule('new_country', is('new_country'), 0.8, 'unfamiliar', 'novelty'),
  rule('new_asn', is('new_asn'), 0.4, 'unfamiliar', 'novelty'),
  rule('new_address', is('new_address'), 0.1, 'unfamiliar', 'novelty'),
  rule('new_language', is('new_language'), 0.3, 'unfamiliar'),

  // Auth0 and Entra call it impossible above the speed of an airliner; 500 km forgive bad geography.
  rule(
    'impossible_travel',
    { all: [above('travel_kmh', 900), above('travel_km', 500)] },
    1.5,
    'unfamiliar',
  ),

  // One address on several lists is one address.
  rule('tor_ip', is('tor_ip'), 2.5, 'anonymous_network', 'network'),
  rule('untrusted_ip', is('untrusted_ip'), 1.5, 'anonymous_network', 'network'),
  rule('datacenter_ip', is('datacenter_ip'), 1.0, 'anonymous_network', 'network'),
  rule('vpn_ip', is('vpn_ip'), 0.8, 'anonymous_network', 'network'),

  // A program instead of a person, by whichever trace it left.
  rule('automation', is('automation'), 1.5, 'automated', 'automation'),
  rule('bot_user_agent', is('bot_user_agent'), 1.5, 'automated', 'automation'),
  rule('client_hint_mismatch', is('client_hint_mismatch'), 1.0, 'automated', 'automation'),
  rule('timezone_mismatch', is('timezone_mismatch'), 0.4, 'automated'),
  rule(
    'human_challenge_passed',
    { signal: 'human_challenge', op: 'eq', value: 'passed' },
    -0.3,
    'check_passed',
  ),

  // Nobody needs six new passwords in an hour, or ten in a day; neither locks anybody out.
  rule('velocity_user', above('velocity_user', 0), 1.5, 'frequent', 'user_volume'),
  rule('velocity_user_flood', from('resets_per_day', 10), 2.5, 'frequent', 'user_volume'),
  // Below the threshold by themselves: forty colleagues behind one address are no attack.
  rule('velocity_address', above('velocity_address', 0), 0.8, 'frequent', 'address_volume'),
  rule('users_per_address', from('users_per_address', 5), 1.5, 'frequent', 'address_volume'),
  // Two others: a family shares a computer, three accounts on one device are Castle's farm.
  rule('users_per_device', from('users_per_device', 2), 1.5, 'frequent'),
  rule('multi_source_reset', from('multi_source_reset', 2), 1.5, 'frequent'),
  rule('recent_failures', from('recent_failures', 6), 0.4, 'frequent', 'failures'),
  rule('recent_failures_many', from('recent_failures', 15), 0.8, 'frequent', 'failures'),

  rule('recent_sensitive_change', is('recent_sensitive_change'), 1.5, 'account_changed'),
  rule('dormant', from('dormant_days', 90), 0.4, 'account_state', 'dormant'),
  rule('dormant_year', from('dormant_days', 365), 0.8, 'account_state', 'dormant'),
  rule('new_account', below('account_age_days', 1), 0.3, 'account_state'),
  rule('email_unverified', is('email_unverified'), 0.4, 'account_state', 'mailbox'),
  rule('disposable_email', is('disposable_email'), 0.8, 'account_state', 'mailbox'),

  // The strongest trust of the scale; it outweighs evidence and lowers no floor.
  rule('allow_list', is('listed_allow'), -2.5, 'permitted'),
]

export const LEAKED_CREDENTIAL = rule(
  'leaked_credential',
  is('leaked_credential'),
  1.5,
  'account_state',
)

/** Watched until a site's own records show what they are worth: both are weak alone (Wiefling 2021). */
export const SHADOW_RULES: readonly EvidenceRule[] = [
  { ...rule('rtt_ratio', above('rtt_ratio', 4), 0.8, 'unfamiliar'), shadow: true },
  { ...rule('unusual_time', below('hour_share', 0.02), 0.3, 'unfamiliar'), shadow: true },
]
