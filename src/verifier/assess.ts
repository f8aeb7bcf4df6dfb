/**
 * The use case: a verified session and a visit come in, one recorded decision and its signed answer
 * go out. Reads as the protocol: open the record, judge what is stored, sign, settle afterwards.
 * It knows nothing of HTTP and nothing of SQL.
 */
import type { Decision, Outcome } from './domain/decision.ts'
import { referenceOf } from './domain/reference.ts'
import type { Rejection, RejectionCode } from './domain/rejection.ts'
import { ok, type Result, refuse } from './domain/result.ts'
import type { Flow, Session } from './domain/session.ts'
import type { Visit } from './domain/visit.ts'
import { ENGINE_VERSION, engineChanged, judge, settlementOf, withoutPolicy } from './judge.ts'
import type { Policies } from './policies.ts'
import {
  type Identifiers,
  type OpenAssessment,
  type Opened,
  type Store,
  StoreError,
  type Tenant,
  type Tokens,
} from './ports.ts'
import { openingOf } from './request-facts.ts'
import { CONTINUE_TOKEN_SECONDS } from './token/continue-token.ts'

export interface AssessDeps {
  readonly store: Store
  readonly tokens: Pick<Tokens, 'signContinueToken'>
  readonly identifiers: Identifiers
  readonly policies: Policies
  readonly tenants: ReadonlyMap<string, Tenant>
  /** A fresh random UUID. */
  readonly newId: () => string
  /**
   * Called once the answer is on its way, for a process that does not read the shadow versions at
   * intervals. Must not reject.
   */
  readonly readShadows?: () => Promise<void>
  /** Runs work after the answer has left; a failure there is the sweep's to mend. */
  readonly defer: (work: Promise<unknown>) => void
  readonly observe: (event: AssessEvent) => void
}

/** What the log may know of an assessment. */
export interface AssessEvent {
  readonly tenantId: string
  readonly assessmentId: string
  readonly flow: Flow
  readonly outcome?: Outcome
  readonly assessed?: Outcome
  readonly mode?: Decision['mode']
  /** Most severe first. */
  readonly codes?: readonly string[]
  readonly policyVersion?: number
  readonly fresh?: boolean
  readonly degraded?: boolean
  readonly keyIndex: number
  /** Below zero where Auth0's clock is ahead of ours. */
  readonly tokenAgeSeconds: number
  readonly storeError?: string
}

export interface AssessInput {
  readonly session: Session
  readonly state: string
  /** The binding cookie's value, well-formed. */
  readonly binding: string
  readonly visit: Visit
  /** Epoch seconds. */
  readonly now: number
}

export interface Answer {
  /** Origin of the tenant's `/continue`, from the registry. */
  readonly continueOrigin: string
  readonly continueToken: string
  readonly state: string
  readonly outcome: Outcome
  readonly reference: string
  readonly assessmentId: string
  /** Signed without a record because Postgres was down; never `allow`. */
  readonly degraded: boolean
  /** Epoch seconds at which the continue token expires. */
  readonly expiresAt: number
}

export type Assess = (input: AssessInput) => Promise<Result<Answer, Rejection>>

/**
 * How long a record opened by another engine is left to that engine: longer than every deadline of a
 * request, so that an answer already on its way is not contradicted.
 */
const OTHER_ENGINE_GRACE_SECONDS = 30

export function createAssess(deps: AssessDeps): Assess {
  return async function assess(input) {
    const { session } = input
    const tenant = deps.tenants.get(session.tenantId)
    const continueOrigin = tenant?.continueOrigins.get(session.host)
    // Unreachable: the session token's host was looked up in the same registry.
    if (tenant === undefined || continueOrigin === undefined) return refuse({ code: 'internal' })
    const reject = (code: RejectionCode) => refuse({ code, tenantId: tenant.id })
    const event = {
      tenantId: tenant.id,
      flow: session.spoken.flow,
      keyIndex: session.keyIndex,
      tokenAgeSeconds: input.now - session.issuedAt,
    }
    const assessmentId = deps.newId()
    const answer = (decision: Decision, id: string, degraded: boolean) =>
      signAnswer(deps.tokens, { input, continueOrigin, decision, id, degraded })

    const opened = await open(deps, input, assessmentId)
    if (opened instanceof StoreError) {
      deps.observe({ ...event, assessmentId, storeError: opened.code })
      // Unknown means it may have been recorded: only a retry can tell, so no degraded answer.
      if (opened.kind !== 'unavailable' || tenant.whenUnavailable === 'retry') {
        return reject(opened.kind === 'overloaded' ? 'overloaded' : 'unavailable')
      }
      const decision = withoutPolicy('unavailable', session.facts(), 0)
      deps.observe({ ...event, assessmentId, ...told(decision), degraded: true })
      return ok(await answer(decision, assessmentId, true))
    }
    if (opened.kind === 'token_spent') return reject('token_spent')
    if (opened.kind === 'state_conflict') return reject('state_conflict')
    if (opened.kind === 'no_policy') {
      deps.observe({ ...event, assessmentId, storeError: 'no_policy' })
      return reject('unavailable')
    }

    const { assessment } = opened
    const decision = await decisionOf(deps, opened, input.now)
    if (decision === undefined) {
      deps.observe({ ...event, assessmentId: assessment.id, storeError: 'policy_unusable' })
      return reject('unavailable')
    }
    const signed = await answer(decision, assessment.id, false)
    if (assessment.decision === undefined) deps.defer(settle(deps, assessment, decision))
    deps.observe({
      ...event,
      assessmentId: assessment.id,
      ...told(decision),
      policyVersion: decision.policy_version,
      fresh: opened.fresh,
    })
    return ok(signed)
  }
}

const told = ({ outcome, assessed, mode, codes }: Decision) => ({ outcome, assessed, mode, codes })

/** The one statement. Its failures are values here, because what they mean is decided here. */
async function open(
  { store, identifiers, policies }: AssessDeps,
  { session, state, binding, visit }: AssessInput,
  assessmentId: string,
): Promise<Opened | StoreError> {
  const opening = openingOf(
    {
      session,
      state,
      binding,
      visit,
      assessmentId,
      engineVersion: ENGINE_VERSION,
      knownPolicies: policies.known(session.tenantId, session.spoken.flow),
    },
    identifiers,
  )
  try {
    return await store.open(opening)
  } catch (error) {
    if (error instanceof StoreError) return error
    throw error
  }
}

/** Undefined when no decision may be given now: the policy does not compile, or another engine owns it. */
async function decisionOf(
  { store, policies }: AssessDeps,
  { assessment, policy: body }: Extract<Opened, { kind: 'opened' }>,
  now: number,
): Promise<Decision | undefined> {
  if (assessment.decision !== undefined) return assessment.decision
  try {
    const policy = await policies.compiled(assessment, body, store)
    if (policy === undefined) return undefined
    const decision = judge(assessment, policy)
    if (decision !== undefined) return decision
    if (now - assessment.facts.decided_at < OTHER_ENGINE_GRACE_SECONDS) return undefined
    // Settled before it is answered: the other engine may still write, and the first writer wins.
    const changed = engineChanged(assessment.facts, policy.document.version)
    return await store.settle(settlementOf(assessment, changed, policies))
  } catch (error) {
    if (error instanceof StoreError) return undefined
    throw error
  }
}

/** Shadow versions are judged once the answer is on its way: nobody waits for what is only watched. */
async function settle(
  { store, policies, readShadows }: AssessDeps,
  assessment: OpenAssessment,
  decision: Decision,
): Promise<Decision> {
  // The answer first: what is written to Postgres before it would reach the wire before it too.
  await nextTurn()
  await readShadows?.()
  return await store.settle(settlementOf(assessment, decision, policies))
}

const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

interface Signing {
  readonly input: AssessInput
  readonly continueOrigin: string
  readonly decision: Decision
  readonly id: string
  readonly degraded: boolean
}

async function signAnswer(
  tokens: Pick<Tokens, 'signContinueToken'>,
  { input, continueOrigin, decision, id, degraded }: Signing,
): Promise<Answer> {
  const { session, state, now } = input
  const reference = referenceOf(id)
  const continueToken = await tokens.signContinueToken(
    {
      tenantId: session.tenantId,
      host: session.host,
      subject: session.subject,
      state,
      ...(session.nonce === undefined ? {} : { nonce: session.nonce }),
      id,
      decision: decision.outcome,
      reasons: decision.codes,
      reference,
      flow: session.spoken.flow,
    },
    now,
  )
  return {
    continueOrigin,
    continueToken,
    state,
    outcome: decision.outcome,
    reference,
    assessmentId: id,
    degraded,
    expiresAt: now + CONTINUE_TOKEN_SECONDS,
  }
}
