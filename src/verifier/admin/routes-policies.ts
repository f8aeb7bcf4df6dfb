/** Policies: what there is, adding a version, and which part each plays. */

import * as z from 'zod'
import { describePolicy } from '../domain/policy-text.ts'
import { ok, refuse } from '../domain/result.ts'
import type { PolicyVersion } from '../ports-admin.ts'
import { tenantId } from '../schema/admin-common.ts'
import {
  activation,
  policyAddition,
  policyCheck,
  policyCheckAnswer,
  policyDiff,
  policyDiffQuery,
  policyKeyParams,
  policyList,
  policyVersionAnswer,
  watch,
} from '../schema/admin-policies.ts'
import { parsePolicy } from '../schema/policy-document.ts'
import { diffPolicies } from './policy-changes.ts'
import { NO_VERSION, policyNamed, usablePolicy } from './policy-named.ts'
import type { Problem } from './problem.ts'
import { type AdminRoute, route } from './route.ts'

const tenantParams = z.strictObject({ tenant: tenantId })
const keyParams = z.strictObject({ tenant: tenantId, ...policyKeyParams })

const invalidPolicy = (faults: readonly string[]): Problem => ({
  code: 'invalid',
  detail: 'The document is no policy; see errors.',
  errors: faults.map((detail) => ({ pointer: '#/document', detail })),
})

function summaryOf({ flow, version, status, created_at, body }: PolicyVersion) {
  const parsed = parsePolicy(body)
  const mode = parsed.ok ? parsed.value.mode : null
  return { flow, version, status, created_at, usable: parsed.ok, mode }
}

function versionOf(stored: PolicyVersion) {
  const parsed = parsePolicy(stored.body)
  return {
    ...summaryOf(stored),
    document: stored.body,
    text: parsed.ok ? describePolicy(parsed.value) : null,
    faults: parsed.ok ? [] : parsed.error,
  }
}

export const POLICY_ROUTES: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/tenants/{tenant}/policies',
    id: 'listPolicies',
    tag: 'policies',
    role: 'viewer',
    summary: 'All versions, by flow and falling number',
    params: tenantParams,
    answer: { description: 'The versions, without their documents.', schema: policyList },
    async handle({ store }, { params }) {
      return ok({ items: (await store.listPolicies(params.tenant)).map(summaryOf) })
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/policies',
    id: 'addPolicy',
    tag: 'policies',
    role: 'operator',
    summary: 'Store a new version',
    description:
      'As a draft, watched beside the active one, or active at once. Versions are never changed: sending the same document again answers the stored one, another document under its number is a conflict.',
    params: tenantParams,
    body: policyAddition,
    answer: { description: 'The version as it is stored.', schema: policyVersionAnswer },
    problems: ['conflict'],
    async handle({ store }, { params: { tenant }, body, actor }) {
      const parsed = parsePolicy(body.document)
      if (!parsed.ok) return refuse(invalidPolicy(parsed.error))
      const document = parsed.value
      const added = await store.addPolicy(tenant, document, body.status, actor)
      const { flow, version } = document
      const stored = await store.readPolicy({ tenant, flow, version })
      if (stored === undefined) return refuse(NO_VERSION)
      if (added === 'taken') {
        const own = parsePolicy(stored.body)
        if (!own.ok || diffPolicies(own.value, document).length > 0) {
          return refuse({
            code: 'conflict',
            detail: `Version ${version} of ${flow} is stored already and says something else. Give the document another version.`,
          })
        }
        if (stored.status !== body.status) {
          return refuse({
            code: 'conflict',
            detail: `Version ${version} of ${flow} is stored already, as ${stored.status}. Use activate, shadow or retire to change that.`,
          })
        }
      }
      return ok(versionOf(stored))
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/policies/validate',
    id: 'validatePolicy',
    tag: 'policies',
    role: 'viewer',
    summary: 'Check a document, and store nothing',
    params: tenantParams,
    body: policyCheck,
    answer: { description: 'Every fault, or the policy in words.', schema: policyCheckAnswer },
    async handle(_deps, { body }) {
      const parsed = parsePolicy(body.document)
      if (!parsed.ok) return ok({ valid: false, faults: parsed.error, text: null })
      return ok({ valid: true, faults: [], text: describePolicy(parsed.value) })
    },
  }),
  route({
    method: 'get',
    path: '/tenants/{tenant}/policies/diff',
    id: 'diffPolicies',
    tag: 'policies',
    role: 'viewer',
    summary: 'What differs between two policies, by meaning',
    params: tenantParams,
    query: policyDiffQuery,
    answer: { description: 'The changes; none where both say the same.', schema: policyDiff },
    problems: ['conflict'],
    async handle({ store }, { params: { tenant }, query }) {
      const before = await policyNamed(store, tenant, query.flow, query.before)
      if (!before.ok) return before
      const after = await policyNamed(store, tenant, query.flow, query.after)
      if (!after.ok) return after
      const changes = diffPolicies(before.value, after.value)
      return ok({ changes: changes.map((change) => ({ ...change, members: [...change.members] })) })
    },
  }),
  route({
    method: 'get',
    path: '/tenants/{tenant}/policies/{flow}/{version}',
    id: 'readPolicy',
    tag: 'policies',
    role: 'viewer',
    summary: 'One version with its document, and in words',
    params: keyParams,
    answer: { description: 'The version.', schema: policyVersionAnswer },
    async handle({ store }, { params }) {
      const stored = await store.readPolicy(params)
      return stored === undefined ? refuse(NO_VERSION) : ok(versionOf(stored))
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/policies/{flow}/{version}/activate',
    id: 'activatePolicy',
    tag: 'policies',
    role: 'operator',
    summary: 'Let this version decide, from the next request on',
    params: keyParams,
    answer: { description: 'Which version it took the place of.', schema: activation },
    problems: ['conflict'],
    async handle({ store }, { params, actor }) {
      // A body that no running build can compile would be an outage.
      const usable = await usablePolicy(store, params)
      if (!usable.ok) return usable
      const done = await store.activatePolicy(params, actor)
      return done === 'absent' ? refuse(NO_VERSION) : ok(done)
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/policies/{flow}/{version}/shadow',
    id: 'shadowPolicy',
    tag: 'policies',
    role: 'operator',
    summary: 'Watch this version beside the active one',
    params: keyParams,
    answer: { description: 'It is watched.', schema: watch },
    problems: ['conflict'],
    async handle({ store }, { params, actor }) {
      const usable = await usablePolicy(store, params)
      if (!usable.ok) return usable
      const done = await store.shadowPolicy(params, actor)
      if (done === 'absent') return refuse(NO_VERSION)
      if (done === 'shadowed') return ok({ status: 'shadow' as const })
      return refuse({
        code: 'conflict',
        detail: 'This version is the active one: it decides already.',
      })
    },
  }),
  route({
    method: 'post',
    path: '/tenants/{tenant}/policies/{flow}/{version}/retire',
    id: 'retirePolicy',
    tag: 'policies',
    role: 'operator',
    summary: 'Watch this version no longer',
    params: keyParams,
    answer: { description: 'It is not watched any more.', schema: watch },
    problems: ['conflict'],
    async handle({ store }, { params, actor }) {
      if (await store.retireShadow(params, actor)) return ok({ status: 'retired' as const })
      if ((await store.readPolicy(params)) === undefined) return refuse(NO_VERSION)
      return refuse({ code: 'conflict', detail: 'This version is not watched.' })
    },
  }),
]
