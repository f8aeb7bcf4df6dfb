/** Puts what the use case tells of an assessment into the log's words. */
import type { AssessEvent } from '../assess.ts'
import { referenceOf } from '../domain/reference.ts'
import type { Log } from '../log.ts'

/** Beyond these the least severe are left out of the log; the record holds them all. */
const MOST_REASONS = 32

export const logAssessments =
  (log: Log) =>
  (event: AssessEvent): void =>
    log('assessment', {
      tenant_id: event.tenantId,
      assessment_id: event.assessmentId,
      reference: referenceOf(event.assessmentId),
      flow: event.flow,
      outcome: event.outcome,
      assessed: event.assessed,
      mode: event.mode,
      reasons: event.codes?.slice(0, MOST_REASONS).join(','),
      policy_version: event.policyVersion,
      fresh: event.fresh,
      degraded: event.degraded,
      key_index: event.keyIndex,
      token_age_seconds: event.tokenAgeSeconds,
      store_error: event.storeError,
    })
