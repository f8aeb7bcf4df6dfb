/** The catalogue of signals by its numbers against those there are: none forgotten, none from nowhere. */
import { describe, expect, it } from 'vitest'
import { publicAnswer } from '../../src/verifier/domain/rejection.ts'
import { SIGNALS } from '../../src/verifier/domain/signals/registry.ts'
import { FAMILIES } from '../../src/verifier/domain/signals/signal.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'

/** Number → what was catalogued, and the signals that it became. */
const CATALOGUE: Readonly<Record<number, readonly [what: string, ...signals: string[]]>> = {
  1: ['token_replay: refused before any decision, hence no signal'],
  2: [
    'token_context_mismatch',
    'context_mismatch',
    'country_mismatch',
    'asn_mismatch',
    'strange_token_address',
  ],
  3: ['new_device', 'new_device', 'recognised_device'],
  4: ['new_browser, new_os', 'new_browser', 'new_os'],
  5: ['rba_llr', 'rba_llr'],
  6: ['new_country', 'new_country'],
  7: ['new_asn', 'new_asn'],
  8: ['new_ip', 'new_address'],
  9: ['impossible_travel', 'travel_km', 'travel_kmh'],
  10: ['rtt_mismatch', 'rtt_ratio'],
  11: ['tor_ip', 'tor_ip'],
  12: ['proxy_ip, vpn_ip', 'vpn_ip'],
  13: ['datacenter_ip', 'datacenter_ip'],
  14: ['relay_ip', 'relay_ip'],
  15: ['untrusted_ip', 'untrusted_ip'],
  16: ['listed_deny, listed_allow', 'listed_deny', 'listed_allow'],
  17: ['bot_user_agent', 'bot_user_agent'],
  18: ['client_hint_mismatch', 'client_hint_mismatch'],
  19: ['automation', 'automation'],
  20: ['timezone_mismatch', 'timezone_mismatch'],
  21: ['new_language', 'new_language'],
  22: ['unusual_time', 'hour_share'],
  23: ['velocity_user', 'velocity_user', 'resets_per_day', 'attempts_user'],
  24: ['velocity_ip', 'velocity_address'],
  25: ['users_per_ip', 'users_per_address'],
  26: ['users_per_device', 'users_per_device'],
  27: ['multi_source_reset', 'multi_source_reset'],
  28: ['recent_failures', 'recent_failures'],
  29: ['recent_sensitive_change', 'recent_sensitive_change'],
  30: ['dormant_account', 'dormant_days'],
  31: ['new_account', 'account_age_days'],
  32: ['mfa_enrolled', 'mfa_enrolled'],
  33: ['privileged_account', 'privileged_account'],
  34: ['email_unverified, disposable_email', 'email_unverified', 'disposable_email'],
  35: ['leaked_credential', 'leaked_credential'],
  36: ['human_challenge', 'human_challenge'],
  37: ['agent_detected', 'agent_detected'],
}

/** Not of the catalogue: whoever is not satisfied with an answer must not get another one by asking again. */
const OUR_OWN = ['unconfirmed_recent']

/** Catalogued as a tenant's own matter, or replaced as evidence by what is beside it. */
const WITHOUT_A_DEFAULT_RULE = [
  'agent_detected',
  'attempts_user',
  'new_browser',
  'new_os',
  'rba_llr',
  'relay_ip',
]

describe('the catalogue of signals', () => {
  const numbered = Object.values(CATALOGUE).flatMap(([, ...signals]) => signals)

  it('is there from 1 to 37; 38, events shared between systems, is left out', () => {
    expect(Object.keys(CATALOGUE).map(Number)).toEqual(Array.from({ length: 37 }, (_, i) => i + 1))
    for (const [number, [, ...signals]] of Object.entries(CATALOGUE)) {
      expect([number, signals.filter((name) => !SIGNALS.has(name))]).toEqual([number, []])
      if (number !== '1') expect([number, signals.length]).not.toEqual([number, 0])
    }
  })

  it('accounts for each signal once', () => {
    expect([...numbered, ...OUR_OWN].sort()).toEqual([...SIGNALS.keys()].sort())
  })

  it('has a family for each, and no family is empty', () => {
    const families = new Set([...SIGNALS.values()].map(({ family }) => family))
    expect([...families].sort()).toEqual([...FAMILIES].sort())
  })

  it('refuses a replayed token, whatever its signals would say', () => {
    expect(publicAnswer('token_spent')).toMatchObject({ status: 400, code: 'token_not_usable' })
  })

  it('is what the default policies read, but for what is said to have no default', () => {
    const text = JSON.stringify(
      defaultPolicies('enforce').map(({ floors, rules }) => [floors, rules]),
    )
    const unread = [...SIGNALS.keys()].filter((name) => !text.includes(`"signal":"${name}"`))
    expect(unread.sort()).toEqual(WITHOUT_A_DEFAULT_RULE)
  })
})
