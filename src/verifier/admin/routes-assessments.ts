/** Records of verifications: finding them, explaining them, releasing a person. */
import * as z from 'zod'
import { ok, refuse } from '../domain/result.ts'
import type { AssessmentLine, AssessmentRecord, Page } from '../ports-admin.ts'
import {
  assessmentPage,
  assessmentParams,
  assessmentQuery,
  assessmentRecord,
  assessmentSearch,
  explanation,
  releaseAnswer,
  releaseRequest,
  summary,
  summaryQuery,
} from '../schema/admin-assessments.ts'
import { tenantId } from '../schema/admin-common.ts'
import { explainRecord } from './explanation.ts'
import { explanationDocument } from './explanation-document.ts'
import type { Problem } from './problem.ts'
import { type AdminRoute, route } from './route.ts'
import { userKeys } from './subject-keys.ts'

const tenantParams = z.strictObject({ tenant: tenantId })
const recordParams = z.strictObject({ tenant: tenantId, ...assessmentParams })

const NO_RECORD: Problem = { code: 'not_found', detail: 'There is no such record.' }

const pageDocument = ({ items, next }: Page<AssessmentLine>) => ({
  items: items.map((line) => ({ ...line, codes: [...line.codes] })),
  next: next ?? null,
})

/** The most buckets that anybody can see on a chart. */
const MOST_BUCKETS = 2000

export const ASSESSMENT_ROUTES: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/tenants/{tenant}/summary',
    id: 'summarise',
    tag: 'assessments',
    role: 'viewer',
    summary: 'Decisions over time, and reasons by how often they counted',
    params: tenantParams,
    query: summaryQuery,
    answer: { description: 'Buckets with at least one record.', schema: summary },
    async handle({ store }, { params, query }) {
      const { since, until, bucket_seconds: bucketSeconds, flow } = query
      if (until <= since || (until - since) / bucketSeconds > MOST_BUCKETS) {
        return refuse({
          code: 'invalid',
          detail: `until must be after since, by at most ${MOST_BUCKETS} times bucket_seconds.`,
        })
      }
      const range = { since, until, bucketSeconds, ...(flow === undefined ? {} : { flow }) }
      const { buckets, reasons, ...counts } = await store.summarise(params.tenant, range)
      return ok({ buckets: [...buckets], reasons: [...reasons], ...counts })
    },
  }),
  route({
    method: 'get',
    path: '/tenants/{tenant}/assessments',
    id: 'listAssessments',
    tag: 'assessments',
    role: 'viewer',
    summary: 'Records, newest first',
    params: tenantParams,
    query: assessmentQuery,
    answer: { description: 'A page of them.', schema: assessmentPage },
    async handle({ store }, { params, query: { user, ...filter } }) {
      const users = user === undefined ? {} : { users: [user] }
      return ok(pageDocument(await store.listAssessments(params.tenant, { ...filter, ...users })))
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/assessments/search',
    id: 'searchAssessments',
    tag: 'assessments',
    role: 'operator',
    summary: 'Records of one person, by their user_id',
    description: 'A post, because addresses are kept in logs and a user_id names a person.',
    params: tenantParams,
    body: assessmentSearch,
    answer: { description: 'A page of them.', schema: assessmentPage },
    async handle({ store, identifiers }, { params, body: { subject, ...filter } }) {
      const users = userKeys(identifiers, params.tenant, subject)
      return ok(pageDocument(await store.listAssessments(params.tenant, { ...filter, users })))
    },
  }),
  route({
    method: 'get',
    path: '/tenants/{tenant}/assessments/{id}',
    id: 'readAssessment',
    tag: 'assessments',
    role: 'viewer',
    summary: 'One record with its facts, its decision and the policy that judged it',
    params: recordParams,
    answer: { description: 'The record.', schema: assessmentRecord },
    async handle({ store }, { params }) {
      const record = await store.readAssessment(params.tenant, params.id)
      if (record === undefined) return refuse(NO_RECORD)
      return ok(recordDocument(record))
    },
  }),
  route({
    method: 'get',
    path: '/tenants/{tenant}/assessments/{id}/explain',
    id: 'explainAssessment',
    tag: 'assessments',
    role: 'viewer',
    summary: 'Why it was answered so, reason by reason and signal by signal',
    params: recordParams,
    answer: { description: 'The explanation.', schema: explanation },
    problems: ['conflict'],
    async handle({ store }, { params }) {
      const record = await store.readAssessment(params.tenant, params.id)
      if (record === undefined) return refuse(NO_RECORD)
      const explained = explainRecord(record)
      if (explained !== undefined) return ok(explanationDocument(explained))
      return refuse({ code: 'conflict', detail: 'The record is not settled yet: ask again.' })
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/assessments/{id}/release',
    id: 'releaseAssessment',
    tag: 'assessments',
    role: 'operator',
    summary: 'Let the next attempt of this person pass, once',
    description:
      'Only for who was stopped for want of a second factor. Be sure who is on the phone: it is exactly what a thief would ask for.',
    params: recordParams,
    body: releaseRequest,
    answer: { description: 'The person may try again.', schema: releaseAnswer },
    problems: ['conflict'],
    async handle({ store }, { params: { tenant, id }, body: { seconds }, actor }) {
      const record = await store.readAssessment(tenant, id)
      if (record === undefined) return refuse(NO_RECORD)
      if (record.outcome !== 'deny' || record.assessed !== 'step_up') {
        return refuse({
          code: 'conflict',
          detail: `The record says ${record.outcome ?? 'nothing yet'}: a release helps only who was stopped for want of a second factor.`,
        })
      }
      const done = await store.releaseAssessment(tenant, id, seconds, actor)
      return done ? ok({ released: true as const, seconds }) : refuse(NO_RECORD)
    },
  }),
]

const recordDocument = (record: AssessmentRecord) => ({
  ...record,
  codes: [...record.codes],
  facts: { ...record.facts },
})
