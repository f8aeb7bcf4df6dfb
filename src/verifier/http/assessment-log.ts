/** Puts what the use case tells of an assessment into the log's words. */
import type { AssessEvent } from '../assess.ts'
import { referenceOf } from '../domain/reference.ts'
import type { Log } from '../log.ts'

export const logAssessments =
  (log: Log) =>
  (event: AssessEvent): void =>
    log('assessment', {
      tenant_id: event.tenantId,
      assessment_id: event.assessmentId,
      reference: referenceOf(event.assessmentId),
      outcome: event.outcome,
      assessed: event.assessed,
      policy_version: event.policyVersion,
      fresh: event.fresh,
      degraded: event.degraded,
      key_index: event.keyIndex,
      store_error: event.storeError,
    })
