/** Tenants, who the caller is, the audit, and the tokens of machines. */
import * as z from 'zod'
import { ok, refuse } from '../domain/result.ts'
import type { Tenant } from '../ports.ts'
import { type AuditRow, type Page, SERVICE_TENANT } from '../ports-admin.ts'
import {
  auditPage,
  auditQuery,
  caller,
  newToken,
  revocation,
  tenant,
  tenants,
  tokenList,
  tokenParams,
  tokenRequest,
} from '../schema/admin-access.ts'
import { tenantId } from '../schema/admin-common.ts'
import type { AdminDeps } from './admin-deps.ts'
import { hashApiToken, newApiToken } from './api-token.ts'
import { type AdminRoute, route } from './route.ts'

const tenantParams = z.strictObject({ tenant: tenantId })

const pageDocument = ({ items, next }: Page<AuditRow>) => ({
  items: [...items],
  next: next ?? null,
})

export const ACCESS_ROUTES: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/me',
    id: 'readCaller',
    tag: 'access',
    role: 'viewer',
    summary: 'Who you are here, and what you may do',
    answer: { description: 'The caller.', schema: caller },
    async handle(_deps, { actor, displayName }) {
      return ok({ name: actor.name, display_name: displayName, role: actor.role })
    },
  }),
  route({
    method: 'get',
    path: '/tenants',
    id: 'listTenants',
    tag: 'tenants',
    role: 'viewer',
    summary: 'The tenants of the configuration',
    answer: { description: 'All of them.', schema: tenants },
    async handle(deps) {
      return ok({ items: [...deps.tenants.values()].map((own) => tenantDocument(deps, own)) })
    },
  }),
  route({
    method: 'get',
    path: '/tenants/{tenant}',
    id: 'readTenant',
    tag: 'tenants',
    role: 'viewer',
    summary: 'One tenant',
    params: tenantParams,
    answer: { description: 'The tenant.', schema: tenant },
    async handle(deps, { params }) {
      const own = deps.tenants.get(params.tenant)
      if (own !== undefined) return ok(tenantDocument(deps, own))
      return refuse({ code: 'not_found', detail: 'No such tenant is configured.' })
    },
  }),
  route({
    method: 'get',
    path: '/tenants/{tenant}/audit',
    id: 'listAudit',
    tag: 'access',
    role: 'viewer',
    summary: 'Who changed what for a tenant, newest first',
    params: tenantParams,
    query: auditQuery,
    answer: { description: 'A page of it.', schema: auditPage },
    async handle({ store }, { params, query }) {
      return ok(pageDocument(await store.listAudit(params.tenant, query)))
    },
  }),
  route({
    method: 'get',
    path: '/audit',
    id: 'listServiceAudit',
    tag: 'access',
    role: 'admin',
    summary: 'Sign-ins, tokens and what else concerns the service as a whole',
    query: auditQuery,
    answer: { description: 'A page of it.', schema: auditPage },
    async handle({ store }, { query }) {
      return ok(pageDocument(await store.listAudit(SERVICE_TENANT, query)))
    },
  }),
  route({
    method: 'get',
    path: '/tokens',
    id: 'listTokens',
    tag: 'access',
    role: 'admin',
    summary: 'The tokens of machines, without the tokens',
    answer: { description: 'All of them, revoked ones too.', schema: tokenList },
    async handle({ store }) {
      return ok({ items: [...(await store.listTokens())] })
    },
  }),
  route({
    method: 'post',
    path: '/tokens',
    id: 'addToken',
    tag: 'access',
    role: 'admin',
    summary: 'Make a token for a machine',
    params: z.strictObject({}),
    body: tokenRequest,
    answer: { description: 'The token, shown this once.', schema: newToken },
    problems: ['conflict'],
    async handle({ store, random }, { body, actor }) {
      const { name, role, expires_in_seconds: seconds } = body
      const token = newApiToken(random)
      const expiry = seconds === null ? {} : { expiresInSeconds: seconds }
      const row = await store.addToken({ name, role, hash: hashApiToken(token), ...expiry }, actor)
      if (row !== 'taken') return ok({ ...row, token })
      return refuse({
        code: 'conflict',
        detail: `There is or was a token ${name}; the audit names each by it. Choose another name.`,
      })
    },
  }),
  route({
    method: 'delete',
    path: '/tokens/{id}',
    id: 'revokeToken',
    tag: 'access',
    role: 'admin',
    summary: 'Revoke a token, from the next request on',
    params: z.strictObject(tokenParams),
    answer: { description: 'Nobody can use it any more.', schema: revocation },
    async handle({ store }, { params, actor }) {
      const done = await store.revokeToken(params.id, actor)
      if (done) return ok({ revoked: true as const })
      return refuse({
        code: 'not_found',
        detail: 'There is no such token, or it is revoked already.',
      })
    },
  }),
]

function tenantDocument({ settings }: AdminDeps, own: Tenant): z.input<typeof tenant> {
  return {
    id: own.id,
    name: settings(own.id).name ?? null,
    hosts: [...own.continueOrigins.keys()],
    token_parameter: own.tokenParameter,
    when_unavailable: own.whenUnavailable,
    human_check: own.humanCheck?.kind ?? null,
  }
}
