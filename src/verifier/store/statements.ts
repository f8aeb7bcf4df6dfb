/**
 * The other statements of the service. Each names the tenant, or reads all tenants on purpose and
 * returns the tenant of each row. Parameters are text, cast in SQL.
 */
import type { PendingQuery, Sql } from 'postgres'
import type { Facts } from '../domain/facts.ts'
import type { Flow } from '../domain/session.ts'
import type { TenantSettings } from '../ports.ts'
import { openedAtText } from './settle-statement.ts'

export interface UnsettledRow {
  readonly tenant: string
  readonly id: string
  readonly reference: string
  readonly opened_at: string
  readonly flow: Flow
  readonly engine_version: string
  readonly policy_id: number
  readonly facts: Facts
}

/** All tenants: the sweep serves everybody. */
export const unsettledStatement = (
  sql: Sql,
  olderThanSeconds: number,
  limit: number,
  exceptPolicies: readonly number[],
): PendingQuery<UnsettledRow[]> => sql<UnsettledRow[]>`
  select tenant, id, reference, ${openedAtText(sql, sql`opened_at`)} as opened_at, flow, engine_version, policy_id, facts
  from assessment
  where decision is null
    and policy_id <> all (${`{${exceptPolicies.join(',')}}`}::text::integer[])
    and opened_at < now() - make_interval(secs => ${`${olderThanSeconds}`}::text::double precision)
  order by opened_at
  limit ${`${limit}`}::text::integer`

export interface PolicyRow {
  readonly id: number
  readonly body: unknown
}

export const policyStatement = (
  sql: Sql,
  tenantId: string,
  policyId: number,
): PendingQuery<PolicyRow[]> => sql<PolicyRow[]>`
  select id, body from policy
  where tenant = ${tenantId}::text and id = ${`${policyId}`}::text::integer`

export interface ShadowRow {
  readonly tenant: string
  readonly flow: Flow
  readonly id: number
  /** Null when the caller knows it. */
  readonly body: unknown
}

/** All tenants: read at the start and refreshed off the request path. */
export const shadowStatement = (
  sql: Sql,
  known: readonly number[],
): PendingQuery<ShadowRow[]> => sql<ShadowRow[]>`
  select tenant, flow, id,
    case when id <> all (${`{${known.join(',')}}`}::text::integer[]) then body end as body
  from policy
  where status = 'shadow'
  order by id desc`

export interface SettingsRow {
  readonly tenant: string
  readonly name: string | null
  readonly logo_url: string | null
  readonly color: string | null
  readonly support_url: string | null
  readonly restart_url: string | null
  readonly require_click: boolean
  readonly continue_method: TenantSettings['continueMethod']
}

/** All tenants: read at the start and refreshed off the request path. */
export const settingsStatement = (sql: Sql): PendingQuery<SettingsRow[]> => sql<SettingsRow[]>`
  select tenant, name, logo_url, color, support_url, restart_url, require_click, continue_method
  from tenant_settings`

export interface CheckRow {
  readonly schema: string
  readonly epoch_seconds: number
}

/** No tenant: the schema and the clock are everybody's. */
export const checkStatement = (sql: Sql): PendingQuery<CheckRow[]> => sql<CheckRow[]>`
  select count(*)::text as schema, extract(epoch from now())::double precision as epoch_seconds
  from schema_migration`
