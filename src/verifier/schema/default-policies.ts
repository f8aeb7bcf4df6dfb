/**
 * The policies that the seed installs, one per flow. Every number has its source beside it. They are a
 * start: thresholds of any such score are particular to a site, and the backtest finds the site's own.
 */
import type { Condition, EvidenceRule, FloorRule, PolicyDocument } from '../domain/policy.ts'
import type { Flow } from '../domain/session.ts'

export const defaultPolicies = (mode: PolicyDocument['mode']): PolicyDocument[] => [
  policyOf('password_reset', mode, [MFA, ...FLOORS]),
  // At a login the password was proven, so an enrolled factor alone is no reason to ask for it: that is
  // the tenant's own MFA policy. In a reset the inbox is all that was proven (NIST SP 800-63B, AAL2).
  policyOf('login', mode, FLOORS),
]

const policyOf = (
  flow: Flow,
  mode: PolicyDocument['mode'],
  floors: readonly FloorRule[],
): PolicyDocument => ({
  version: 1,
  flow,
  mode,
  // One attack among some 150 attempts; keycloak-adaptive-authn starts a sector with 0.1 % fraud at -6.9
  // and one with more at less, and a reset is attacked more often than a login.
  prior: -5,
  // Inclusive: one extreme fact (Tor, 2.5) reaches it alone, two strong ones (1.5) together, and no
  // single strong one. Evidence never denies: Okta and Entra step up, only hard facts lock out.
  thresholds: { step_up: -2.5, deny: null },
  // A person with no factor is stopped with a code that support can release.
  no_factor: 'hold',
  limits: {
    // OWASP: a limit per account; five an hour is bcgov's and tirreno's order of magnitude.
    user: { per_hour: 5, burst: 5 },
    // An address is an office as often as a person: 30 an hour with a burst of 10.
    address: { per_hour: 30, burst: 10 },
  },
  floors,
  rules: RULES,
})

const is = (signal: string): Condition => ({ signal, op: 'eq', value: true })
const above = (signal: string, value: number): Condition => ({ signal, op: 'gt', value })

/** Unknown counts as enrolled: not knowing must not be the way around the second factor. */
const MFA: FloorRule = {
  id: 'mfa_enrolled',
  when: is('mfa_enrolled'),
  floor: 'step_up',
  on_unknown: 'step_up',
  reason: 'second_factor',
}

const FLOORS: readonly FloorRule[] = [
  {
    // An operator's word is the one hard fact here; it refuses in monitor mode too.
    id: 'deny_list',
    when: is('listed_deny'),
    floor: 'deny',
    on_unknown: 'none',
    reason: 'not_permitted',
  },
  {
    // Most Actions do not say, and most accounts are not: unknown is no floor.
    id: 'privileged_account',
    when: is('privileged_account'),
    floor: 'step_up',
    on_unknown: 'none',
    reason: 'protected_account',
  },
  {
    id: 'unconfirmed_recent',
    when: is('unconfirmed_recent'),
    floor: 'step_up',
    on_unknown: 'none',
    reason: 'attempt_open',
  },
  {
    // The thief of a mailbox: a browser never seen, from a place never seen. A user without history is
    // unknown on both, and everybody is that once, so unknown is no floor.
    id: 'unfamiliar_device_and_place',
    when: { all: [is('new_device'), { any: [is('new_country'), is('context_mismatch')] }] },
    floor: 'step_up',
    on_unknown: 'none',
    reason: 'unfamiliar',
  },
  {
    // A lured victim brings a known device to a stranger's token, so the token's address is judged by
    // itself. Unknown means that the platform shows no addresses, which an attacker cannot bring about.
    id: 'strange_token_address',
    when: is('strange_token_address'),
    floor: 'step_up',
    on_unknown: 'none',
    reason: 'browser_changed',
  },
]

/** Evidence in natural-log odds on the scale of keycloak-adaptive-authn: 0.4, 0.8, 1.5, 2.5. */
const RULES: readonly EvidenceRule[] = [
  {
    // Catalogue: a country that differs is worth 1.5.
    id: 'context_mismatch',
    when: is('context_mismatch'),
    evidence: 1.5,
    on_unknown: 0,
    reason: 'browser_changed',
  },
  {
    // Auth0's and Okta's new device. One group with the country: both are one novelty seen twice.
    id: 'new_device',
    when: is('new_device'),
    evidence: 0.8,
    on_unknown: 0,
    group: 'novelty',
    reason: 'unfamiliar',
  },
  {
    id: 'new_country',
    when: is('new_country'),
    evidence: 0.8,
    on_unknown: 0,
    group: 'novelty',
    reason: 'unfamiliar',
  },
  {
    // Mail flooding, or somebody guessing: evidence only, because a lock-out is an attack too (OWASP).
    id: 'velocity_user',
    when: above('velocity_user', 0),
    evidence: 1.5,
    on_unknown: 0,
    group: 'velocity',
    reason: 'frequent',
  },
  {
    // Below the threshold by itself: forty colleagues behind one address are no attack.
    id: 'velocity_address',
    when: above('velocity_address', 0),
    evidence: 0.8,
    on_unknown: 0,
    group: 'velocity',
    reason: 'frequent',
  },
  {
    // The strongest trust of the scale; it outweighs evidence and lowers no floor.
    id: 'allow_list',
    when: is('listed_allow'),
    evidence: -2.5,
    on_unknown: 0,
    reason: 'permitted',
  },
]
