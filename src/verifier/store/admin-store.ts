/**
 * The operator's store: what their pages and their API ask of Postgres, on connections of its own and
 * under a role of its own (db/grants.sql). Each change and its line in the audit are one. Not on the
 * request path of a verification.
 */
import * as versions from '../../../db/policy-versions.ts'
import { countReplay, countShadow, replay } from '../../../db/record-replay.ts'
import { StoreError } from '../ports.ts'
import type { Actor, AdminStore } from '../ports-admin.ts'
import * as access from './admin-access.ts'
import { listRecords, readRecord } from './admin-assessments.ts'
import {
  ADMIN_LIMITS,
  type AdminConnection,
  type AdminLimits,
  connectAdmin,
} from './admin-connection.ts'
import { UUID } from './admin-cursor.ts'
import { summariseRecords } from './admin-summary.ts'
import { putEntry, readEntries, readFeeds, removeEntry } from './lists-entries.ts'
import { eraseSubject, exportSubject } from './subjects.ts'
import { releaseUser } from './subjects-records.ts'

export interface PoolAdminStore extends AdminStore {
  /** Lets statements under way finish, for at most five seconds. */
  close(): Promise<void>
}

/** Of a long-running process. Nothing is connected before the first question. */
export function createAdminStore(url: string, limits: Partial<AdminLimits> = {}): PoolAdminStore {
  const connection = connectAdmin(url, { ...ADMIN_LIMITS, ...limits })
  return { ...adminStoreOver(connection), close: connection.close }
}

/**
 * Of one request on Workers, where a connection belongs to the request that opened it. Never ended: the
 * runtime closes it with the request. `url`: Hyperdrive's, for the role of the operator's store, which
 * has the limits on time (db/grants.sql).
 */
export const createRequestAdminStore = (url: string): AdminStore =>
  adminStoreOver(connectAdmin(url, { ...ADMIN_LIMITS, connections: 1 }, 'role'))

const LARGEST_PAGE = 200

function adminStoreOver({ run, runLong }: AdminConnection): AdminStore {
  return {
    listPolicies: (tenant) => run((sql) => versions.readVersions(sql, tenant)),
    readPolicy: (key) => run((sql) => versions.readVersion(sql, key)),
    addPolicy: (tenant, document, status, actor) =>
      run(async (sql) => {
        const added = await versions.addVersion(sql, tenant, document, status, actor.name)
        return added === 'taken' ? added : 'added'
      }),
    activatePolicy: (key, actor) => run((sql) => versions.activateVersion(sql, key, actor.name)),
    shadowPolicy: (key, actor) => run((sql) => versions.shadowVersion(sql, key, actor.name)),
    retireShadow: (key, actor) => run((sql) => versions.retireShadow(sql, key, actor.name)),
    countShadow: (selection, version) => run((sql) => countShadow(sql, selection, version)),
    async replay(selection, take, signal) {
      const whole = await runLong((sql) => replay(sql, selection, take, signal))
      if (!whole) throw new StoreError('unknown', 'STOPPED')
    },
    countReplay: (selection) => runLong((sql) => countReplay(sql, selection)),

    listAssessments: (tenant, filter) => run((sql) => listRecords(sql, tenant, paged(filter))),
    readAssessment: (tenant, id) => run((sql) => readRecord(sql, tenant, id)),
    releaseAssessment: async (tenant, id, seconds, actor) =>
      UUID.test(id) && (await run((sql) => releaseUser(sql, operator(tenant, actor), id, seconds))),
    summarise: (tenant, range) => run((sql) => summariseRecords(sql, tenant, range)),

    readEntries: (tenant) => run((sql) => readEntries(sql, tenant)),
    readFeeds: (tenant) => run((sql) => readFeeds(sql, tenant)),
    putEntry: (tenant, entry, actor) => run((sql) => putEntry(sql, operator(tenant, actor), entry)),
    removeEntry: (tenant, entry, actor) =>
      run((sql) => removeEntry(sql, operator(tenant, actor), entry)),

    exportSubject: async (tenant, keys, actor) => ({
      ...(await run((sql) => exportSubject(sql, operator(tenant, actor), keys))),
    }),
    eraseSubject: async (tenant, keys, actor) => ({
      ...(await run((sql) => eraseSubject(sql, operator(tenant, actor), keys))),
    }),

    listAudit: (tenant, filter) => run((sql) => access.listAudit(sql, tenant, paged(filter))),
    listTokens: () => run(access.listTokens),
    addToken: (token, actor) => run((sql) => access.addToken(sql, token, actor)),
    revokeToken: (id, actor) => run((sql) => access.revokeToken(sql, id, actor)),
    findToken: (hash) => run((sql) => access.findToken(sql, hash)),
    addSession: (session) => run((sql) => access.addSession(sql, session)),
    findSession: (hash) => run((sql) => access.findSession(sql, hash)),
    endSession: (hash) => run((sql) => access.endSession(sql, hash)),
  }
}

const operator = (tenantId: string, { name }: Actor) => ({ tenantId, actor: name })

const paged = <Filter extends { readonly limit: number }>(filter: Filter): Filter => ({
  ...filter,
  limit: Math.min(Math.max(Math.trunc(filter.limit) || 1, 1), LARGEST_PAGE),
})
