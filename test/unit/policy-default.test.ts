/**
 * Every default rule earns its place: for each there is a case in which the decision differs without it.
 * Observations are given directly; that the signals observe rightly is tested beside them.
 */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import {
  type Decision,
  OUTCOMES,
  type Outcome,
  type SignalValue,
} from '../../src/verifier/domain/decision.ts'
import type { Facts } from '../../src/verifier/domain/facts.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import type { Flow } from '../../src/verifier/domain/session.ts'
import { SIGNALS } from '../../src/verifier/domain/signals/registry.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { ABROAD, factsOf, PROFILE } from './support/facts.ts'
import { registryOf } from './support/policies.ts'

const QUIET_NUMBERS: Record<string, number> = {
  account_age_days: 900,
  dormant_days: 1,
  hour_share: 0.4,
  rtt_ratio: 1,
}

/** Everything is known and nothing is strange. */
const quiet = (): Record<string, SignalValue> =>
  Object.fromEntries(
    [...SIGNALS.values()].map(({ name, kind }) => [
      name,
      kind === 'boolean' ? name === 'recognised_device' : kind === 'number' ? 0 : 'none',
    ]),
  )

const QUIET = { ...quiet(), ...QUIET_NUMBERS }

const policyFor = (flow: Flow): PolicyDocument => {
  const found = defaultPolicies('enforce').find((policy) => policy.flow === flow)
  if (found === undefined) throw new Error(`no default policy for ${flow}`)
  return found
}

function without(policy: PolicyDocument, rule: string): PolicyDocument {
  const { model, ...rest } = policy
  const less = {
    ...rest,
    floors: rest.floors.filter(({ id }) => id !== rule),
    rules: rest.rules.filter(({ id }) => id !== rule),
  }
  return model === undefined || rule === 'model' ? less : { ...less, model }
}

/** A user with an eligible factor and without history, so that the model stays out of it. */
const PLAIN = factsOf({ token: { factors: ['otp'] }, store: { profile: null } })

function decide(
  policy: PolicyDocument,
  observations: Record<string, SignalValue | undefined>,
  facts: Facts = PLAIN,
): Decision {
  return compilePolicy(policy, registryOf({ ...QUIET, ...observations })).decide(facts)
}

interface Case {
  readonly rule: string
  readonly observed: Record<string, SignalValue | undefined>
  readonly outcome: Outcome
  readonly otherwise: Outcome
  readonly flow?: Flow
}

const DENY_LISTED: Case = {
  rule: 'deny_list',
  observed: { listed_deny: true },
  outcome: 'deny',
  otherwise: 'allow',
}

const stepsUp = (rule: string, observed: Case['observed'], flow?: Flow): Case => ({
  rule,
  observed,
  outcome: 'step_up',
  otherwise: 'allow',
  ...(flow === undefined ? {} : { flow }),
})

const CASES: readonly Case[] = [
  DENY_LISTED,
  { ...DENY_LISTED, rule: 'human_challenge_failed', observed: { human_challenge: 'failed' } },
  stepsUp('mfa_enrolled', { mfa_enrolled: true }),
  stepsUp('mfa_enrolled', { mfa_enrolled: undefined }),
  stepsUp('privileged_account', { privileged_account: true }),
  stepsUp('unconfirmed_recent', { unconfirmed_recent: true }),
  stepsUp('unfamiliar_device_and_place', { new_device: true, context_mismatch: true }),
  // On the allow list, so that evidence alone would let it pass.
  stepsUp('unfamiliar_device_and_place', {
    new_device: true,
    recognised_device: false,
    new_country: true,
    listed_allow: true,
  }),
  stepsUp('strange_token_address', { strange_token_address: true }),
  stepsUp('country_mismatch', { country_mismatch: true, datacenter_ip: true }),
  stepsUp('asn_mismatch', { asn_mismatch: true, datacenter_ip: true, new_device: true }),
  stepsUp('new_country_unrecognised', { new_country: true, recognised_device: false }),
  stepsUp('new_device', { new_device: true, datacenter_ip: true, velocity_address: 1 }),
  stepsUp('new_country', { new_country: true, datacenter_ip: true, velocity_address: 1 }),
  stepsUp('new_asn', {
    new_asn: true,
    velocity_user: 1,
    vpn_ip: true,
  }),
  stepsUp('new_address', {
    new_address: true,
    datacenter_ip: true,
    velocity_address: 1,
    new_language: true,
    account_age_days: 0,
  }),
  stepsUp('new_language', {
    new_language: true,
    datacenter_ip: true,
    disposable_email: true,
    timezone_mismatch: true,
  }),
  stepsUp('impossible_travel', { travel_kmh: 5000, travel_km: 9000, datacenter_ip: true }),
  stepsUp('tor_ip', { tor_ip: true }),
  stepsUp('untrusted_ip', { untrusted_ip: true, automation: true }),
  stepsUp('datacenter_ip', { datacenter_ip: true, automation: true }),
  stepsUp('vpn_ip', { vpn_ip: true, automation: true, new_language: true }),
  stepsUp('automation', { automation: true, datacenter_ip: true }),
  stepsUp('bot_user_agent', { bot_user_agent: true, datacenter_ip: true }),
  stepsUp('client_hint_mismatch', { client_hint_mismatch: true, untrusted_ip: true }),
  stepsUp('timezone_mismatch', {
    timezone_mismatch: true,
    automation: true,
    disposable_email: true,
  }),
  {
    rule: 'human_challenge_passed',
    observed: { human_challenge: 'passed', tor_ip: true },
    outcome: 'allow',
    otherwise: 'step_up',
  },
  stepsUp('velocity_user', { velocity_user: 0.5, untrusted_ip: true }),
  stepsUp('velocity_user_flood', { resets_per_day: 10 }),
  stepsUp('velocity_address', { velocity_address: 0.5, datacenter_ip: true, new_device: true }),
  stepsUp('users_per_address', { users_per_address: 5, datacenter_ip: true }),
  stepsUp('users_per_device', { users_per_device: 2, datacenter_ip: true }),
  stepsUp('multi_source_reset', { multi_source_reset: 2, datacenter_ip: true }),
  stepsUp('recent_failures', { recent_failures: 6, automation: true, vpn_ip: true }),
  stepsUp('recent_failures_many', {
    recent_failures: 15,
    automation: true,
    new_language: true,
  }),
  stepsUp('recent_sensitive_change', { recent_sensitive_change: true, datacenter_ip: true }),
  stepsUp('dormant', { dormant_days: 90, automation: true, vpn_ip: true }),
  stepsUp('dormant_year', { dormant_days: 365, automation: true, new_language: true }),
  stepsUp('new_account', { account_age_days: 0, automation: true, vpn_ip: true }),
  stepsUp('email_unverified', { email_unverified: true, automation: true, vpn_ip: true }),
  stepsUp('disposable_email', { disposable_email: true, automation: true, new_language: true }),
  {
    rule: 'allow_list',
    observed: { listed_allow: true, tor_ip: true },
    outcome: 'allow',
    otherwise: 'step_up',
  },
  stepsUp('leaked_credential', { leaked_credential: true, datacenter_ip: true }, 'login'),
]

describe('each default rule changes an outcome', () => {
  it.each(CASES)('$rule: $outcome with it, $otherwise without it', (each) => {
    const policy = policyFor(each.flow ?? 'password_reset')
    expect(decide(policy, each.observed).outcome).toBe(each.outcome)
    expect(decide(without(policy, each.rule), each.observed).outcome).toBe(each.otherwise)
  })

  it('model: a new system on a new network is step_up with it, allow without it', () => {
    const policy = policyFor('password_reset')
    const network = { ...ABROAD, country: 'NO' }
    const facts = factsOf({
      at: network,
      token: { factors: ['otp'] },
      request: { os: 'Linux', browser: 'Firefox' },
    })
    expect(decide(policy, {}, facts).outcome).toBe('step_up')
    expect(decide(without(policy, 'model'), {}, facts).outcome).toBe('allow')
  })

  it.each([
    ['rtt_ratio', { rtt_ratio: 5 }],
    ['unusual_time', { hour_share: 0.01 }],
  ])('%s, a shadow rule, changes the shadow alone', (rule, observed) => {
    const policy = policyFor('password_reset')
    const decision = decide(policy, observed)
    expect(decision.outcome).toBe('allow')
    expect(decision.shadow?.map((reason) => reason.rule)).toEqual([rule])
    expect(decide(without(policy, rule), observed).shadow).toBeUndefined()
  })

  it('and none is left out of this file', () => {
    const tested = new Set([...CASES.map(({ rule }) => rule), 'rtt_ratio', 'unusual_time'])
    const shipped = defaultPolicies('enforce').flatMap(({ floors, rules }) =>
      [...floors, ...rules].map(({ id }) => id),
    )
    expect([...new Set(shipped)].filter((id) => !tested.has(id))).toEqual([])
  })
})

describe('the default policies', () => {
  it('answer allow when everything is known and quiet', () => {
    for (const policy of defaultPolicies('enforce'))
      expect(decide(policy, {})).toMatchObject({ outcome: 'allow', score: -5, codes: [] })
  })

  it('answer allow when nothing at all is known but that there is no factor', () => {
    const nothing = Object.fromEntries([...SIGNALS.keys()].map((name) => [name, undefined]))
    for (const policy of defaultPolicies('enforce'))
      expect(decide(policy, { ...nothing, mfa_enrolled: false }).outcome).toBe('allow')
  })

  it('are never milder for not knowing than for knowing that all is well', () => {
    const names = [...SIGNALS.keys()]
    const loud = fc.constantFrom<SignalValue>(true, 12, 'failed')
    const observations = fc.dictionary(fc.constantFrom(...names), loud, { maxKeys: 12 })
    const valued = (seen: Readonly<Record<string, SignalValue>>) =>
      Object.fromEntries(
        Object.entries(seen).filter(
          ([name, value]) => typeof QUIET[name as keyof typeof QUIET] === typeof value,
        ),
      )
    fc.assert(
      fc.property(
        observations,
        fc.subarray(names, { minLength: 1 }),
        fc.constantFrom(...defaultPolicies('enforce')),
        (seen, hidden, policy) => {
          const quietly = { ...valued(seen) }
          for (const name of hidden) delete quietly[name]
          const unknown = Object.fromEntries(hidden.map((name) => [name, undefined]))
          const before = decide(policy, quietly)
          const after = decide(policy, { ...quietly, ...unknown })
          expect(OUTCOMES.indexOf(after.assessed)).toBeGreaterThanOrEqual(
            OUTCOMES.indexOf(before.assessed),
          )
          expect(after.score).toBeGreaterThanOrEqual(before.score)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('never sum one fact seen twice: all of a novelty is worth its strongest part', () => {
    const novel = { new_device: true, new_asn: true, new_address: true }
    expect(decide(policyFor('login'), novel).score).toBe(-4.2)
  })

  it('name no signal to the browser', () => {
    for (const { floors, rules } of defaultPolicies('enforce'))
      for (const { reason } of [...floors, ...rules]) expect(SIGNALS.has(reason)).toBe(false)
  })

  it('hold a person without a factor in enforce mode, and nobody in monitor mode', () => {
    const facts = factsOf({ token: { factors: [] }, store: { profile: PROFILE } })
    const [enforce] = defaultPolicies('enforce')
    const [monitor] = defaultPolicies('monitor')
    const observed = { unconfirmed_recent: true }
    expect(decide(enforce as PolicyDocument, observed, facts)).toMatchObject({
      outcome: 'deny',
      needs_review: true,
      codes: ['needs_review', 'attempt_open'],
    })
    expect(decide(monitor as PolicyDocument, observed, facts)).toMatchObject({
      outcome: 'allow',
      assessed: 'step_up',
    })
  })

  it('refuse what is on the deny list in monitor mode too', () => {
    const [monitor] = defaultPolicies('monitor')
    expect(decide(monitor as PolicyDocument, { listed_deny: true }).outcome).toBe('deny')
  })
})
