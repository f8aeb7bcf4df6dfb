/** Openings as the use case makes them, one accepted case to change one thing in. */
import { createHash, randomUUID } from 'node:crypto'
import type { Decision } from '../../src/verifier/domain/decision.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { referenceOf } from '../../src/verifier/domain/reference.ts'
import { ENGINE_VERSION } from '../../src/verifier/judge.ts'
import type { Opening } from '../../src/verifier/ports.ts'
import type { StoreLimits } from '../../src/verifier/store/pool-store.ts'

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * `name` makes token, state and user of its own; whatever is given replaces its member. The id is
 * random, as each request brings a new one.
 */
export function openingOf(name: string, changes: Partial<Opening> = {}): Opening {
  const assessmentId = changes.assessmentId ?? randomUUID()
  return {
    tenantId: 'acme',
    flow: 'password_reset',
    assessmentId,
    reference: referenceOf(assessmentId),
    tokenKey: sha256(`token ${name}`),
    stateHash: sha256(`state ${name}`),
    subjectHash: sha256(`subject ${name}`),
    bindingHash: sha256(`binding ${name}`),
    keepUntil: 4_102_444_800,
    engineVersion: ENGINE_VERSION,
    user: numberOf(`user ${name}`),
    tokenAddress: numberOf(`token address ${name}`),
    visitAddress: numberOf(`visit address ${name}`),
    device: numberOf(`device ${name}`),
    request: {
      token: { flow: 'password_reset', client_id: 'app', country: 'NO' },
      token_network: { country: 'NO', address: numberOf(`token address ${name}`), family: 4 },
      visit_network: { country: 'SE', asn: 64500 },
      same_address: false,
      client: { script: true },
    },
    rawTokenAddress: '192.0.2.10',
    rawVisitAddress: '2001:db8::10',
    knownPolicies: [],
    ...changes,
  }
}

/** A 64-bit pseudonym, often beyond what a JavaScript number holds. */
export const numberOf = (name: string) =>
  BigInt.asIntN(64, BigInt(`0x${sha256(name).slice(0, 16)}`)).toString()

export const decisionOf = (changes: Partial<Decision> = {}): Decision => ({
  outcome: 'allow',
  assessed: 'allow',
  score: -4.25,
  reasons: [{ rule: 'known_device', code: 'ok', evidence: -1.5, signals: { new_device: null } }],
  codes: ['ok'],
  needs_review: false,
  mode: 'enforce',
  policy_version: 1,
  ...changes,
})

/** Five visits an hour for a user and thirty for an address: steps of 720 and 120 seconds. */
export const policyOf = (changes: Partial<PolicyDocument> = {}): PolicyDocument => ({
  version: 1,
  flow: 'password_reset',
  mode: 'enforce',
  prior: -5,
  thresholds: { step_up: -2.5, deny: null },
  no_factor: 'hold',
  limits: { user: { per_hour: 5, burst: 3 }, address: { per_hour: 30, burst: 10 } },
  floors: [],
  rules: [],
  ...changes,
})

/** Budgets for tests that are about order, not about time, on a machine that is busy with others. */
export const PATIENT: Partial<StoreLimits> = {
  waiting: 1000,
  waitMilliseconds: 25_000,
  lockMilliseconds: 20_000,
  statementMilliseconds: 20_000,
  connectSeconds: 20,
  deadlineMilliseconds: 25_000,
  failuresToOpen: Number.POSITIVE_INFINITY,
}
