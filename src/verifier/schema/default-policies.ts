/**
 * The policies that the seed installs, one per flow. Every number has its source beside it. They are a
 * start: thresholds of any such score are particular to a site, and the backtest finds the site's own.
 */
import type {
  Condition,
  EvidenceRule,
  FloorRule,
  ModelSection,
  PolicyDocument,
} from '../domain/policy.ts'
import type { Flow } from '../domain/session.ts'
import { DEFAULT_RULES, LEAKED_CREDENTIAL, SHADOW_RULES } from './default-rules.ts'

export const defaultPolicies = (mode: PolicyDocument['mode']): PolicyDocument[] => [
  policyOf('password_reset', mode, [MFA, ...FLOORS], [...DEFAULT_RULES, ...SHADOW_RULES]),
  // At a login the password was proven, so an enrolled factor alone is no reason to ask for it: that is
  // the tenant's own MFA policy. In a reset the inbox is all that was proven (NIST SP 800-63B, AAL2).
  // A breached password counts here alone: a reset is its cure.
  policyOf('login', mode, FLOORS, [...DEFAULT_RULES, LEAKED_CREDENTIAL, ...SHADOW_RULES]),
]

const policyOf = (
  flow: Flow,
  mode: PolicyDocument['mode'],
  floors: readonly FloorRule[],
  rules: readonly EvidenceRule[],
): PolicyDocument => ({
  version: 1,
  flow,
  mode,
  // One attack among some 150 attempts. keycloak-adaptive-authn takes -6.9 for a sector with 0.1 %
  // fraud; a reset is attacked more often than a login.
  prior: -5,
  // Inclusive: one extreme fact (2.5) reaches it alone, two strong ones (1.5) together, no strong one by
  // itself. Evidence never denies: Okta and Entra step up, only hard facts lock out.
  thresholds: { step_up: -2.5, deny: null },
  // A person without a factor is stopped with a code that support can release.
  no_factor: 'hold',
  limits: {
    // OWASP asks for a limit per account; five completed resets an hour.
    user: { per_hour: 5, burst: 5 },
    // An address is an office as often as a person: 30 an hour with a burst of 10.
    address: { per_hour: 30, burst: 10 },
  },
  floors,
  rules,
  model: MODEL,
})

const MODEL: ModelSection = {
  use: 'nested',
  // A study on the 33 M logins of the public data set chose 5 over 10 by calibration.
  beta: 5,
  // No trust below nothing: a familiar browser must not pay for a Tor exit. 4 is the scale's end.
  cap: [0, 4],
  // ln(1 + 25 / 5): what a new value is worth after 25 events. Without it a frequent user's one trip or
  // one new phone would reach the threshold by itself; both at once still do.
  feature_cap: 1.8,
  // Entra learns for five days; below five events one change is most of the history.
  min_history: 5,
  group: 'novelty',
  reason: 'unfamiliar',
}

const is = (signal: string): Condition => ({ signal, op: 'eq', value: true })

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
    // An operator's word; with the failed human check the only hard fact, so it refuses in monitor too.
    id: 'deny_list',
    when: is('listed_deny'),
    floor: 'deny',
    on_unknown: 'none',
    reason: 'not_permitted',
  },
  {
    // Not asked for is not failed.
    id: 'human_challenge_failed',
    when: { signal: 'human_challenge', op: 'eq', value: 'failed' },
    floor: 'deny',
    on_unknown: 'none',
    reason: 'check_failed',
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
    // Opening the same link again must not be a way to shop for a better answer.
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
