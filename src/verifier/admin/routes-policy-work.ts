/** What another policy would have decided: over stored records, and beside the active one. */

import * as z from 'zod'
import { OUTCOMES } from '../domain/decision.ts'
import type { PolicyDocument } from '../domain/policy.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { AdminStore, RecordSelection, ShadowCount } from '../ports-admin.ts'
import { tenantId, timeRange } from '../schema/admin-common.ts'
import {
  backtestAnswer,
  backtestRequest,
  policyKeyParams,
  shadowReport,
} from '../schema/admin-policies.ts'
import { parsePolicy } from '../schema/policy-document.ts'
import { BACKTEST_LIMITS, runBacktest } from './backtest-run.ts'
import { usablePolicy } from './policy-named.ts'
import type { Problem } from './problem.ts'
import { type AdminRoute, route } from './route.ts'

export const POLICY_WORK_ROUTES: readonly AdminRoute[] = [
  route({
    method: 'post',
    path: '/tenants/{tenant}/policies/backtest',
    id: 'backtestPolicy',
    tag: 'policies',
    role: 'operator',
    summary: 'Judge stored records by another policy',
    description:
      'A candidate document or a stored version over the settled records of a time, oldest first. Changes nothing. Ends with the connection, and at the service’s limits: `complete` tells.',
    params: z.strictObject({ tenant: tenantId }),
    body: backtestRequest,
    answer: { description: 'The report.', schema: backtestAnswer },
    problems: ['conflict'],
    async handle({ store, backtestLimits = BACKTEST_LIMITS }, { params, body, signal }) {
      const document = await candidateOf(store, params.tenant, body.candidate)
      if (!document.ok) return document
      const selection: RecordSelection = {
        tenant: params.tenant,
        flow: document.value.flow,
        ...(body.since === undefined ? {} : { since: body.since }),
        ...(body.until === undefined ? {} : { until: body.until }),
      }
      const { complete, report, target } = await runBacktest(store, selection, document.value, {
        ...(body.target_rate === undefined ? {} : { rate: body.target_rate }),
        limits: backtestLimits,
        signal,
      })
      return ok({
        complete,
        report: { ...report, days: [...report.days], rules: [...report.rules] },
        target,
      })
    },
  }),
  route({
    method: 'get',
    path: '/tenants/{tenant}/policies/{flow}/{version}/shadow-report',
    id: 'reportShadow',
    tag: 'policies',
    role: 'viewer',
    summary: 'What a watched version found beside the active one',
    params: z.strictObject({ tenant: tenantId, ...policyKeyParams }),
    query: z.strictObject(timeRange),
    answer: { description: 'Counts by what each found.', schema: shadowReport },
    async handle({ store }, { params: { tenant, flow, version }, query }) {
      const counts = await store.countShadow({ tenant, flow, ...query }, version)
      const records = counts.reduce((sum, count) => sum + count.records, 0)
      return ok({ records, confusion: confusionOf(counts), counts: [...counts] })
    },
  }),
]

type Candidate = z.output<typeof backtestRequest>['candidate']

async function candidateOf(
  store: Pick<AdminStore, 'readPolicy'>,
  tenant: string,
  candidate: Candidate,
): Promise<Result<PolicyDocument, Problem>> {
  if ('version' in candidate) return await usablePolicy(store, { tenant, ...candidate })
  const parsed = parsePolicy(candidate.document)
  if (parsed.ok) return parsed
  return refuse({
    code: 'invalid',
    detail: 'The document is no policy; see errors.',
    errors: parsed.error.map((detail) => ({ pointer: '#/candidate/document', detail })),
  })
}

type ByOutcome = z.input<typeof shadowReport>['confusion']['allow']

function confusionOf(counts: readonly ShadowCount[]): z.input<typeof shadowReport>['confusion'] {
  const found = (then: string, now: string) =>
    counts.find(({ active, shadow }) => active === then && shadow === now)?.records ?? 0
  const row = (then: string) =>
    Object.fromEntries(OUTCOMES.map((now) => [now, found(then, now)])) as ByOutcome
  return { allow: row('allow'), step_up: row('step_up'), deny: row('deny') }
}
