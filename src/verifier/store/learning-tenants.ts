/**
 * What learning asks of every tenant at once, so that ten thousand quiet ones cost one statement and not
 * one each. The tenants are a parameter, and every answer names its tenant. What a tenant's turn itself
 * does is in `learning-statements.ts`.
 */
import type { PendingQuery, Sql } from 'postgres'
import type { Batch } from '../ports-learning.ts'

export interface TenantRow {
  readonly tenant: string
}

/**
 * Tenants for whom a turn would find something: events or records that were not looked at, confirmed
 * records that are in no profile, or an hour to count since which anything came.
 */
export const dueTenantsStatement = (
  sql: Sql,
  tenantIds: string,
  { olderThanSeconds }: Pick<Batch, 'olderThanSeconds'>,
): PendingQuery<TenantRow[]> => sql<TenantRow[]>`
  with given as materialized (
    select
      value as tenant,
      now() - make_interval(secs => ${`${olderThanSeconds}`}::text::double precision) as until,
      date_trunc('hour', now() - interval '15 minutes') as whole_hour
    from jsonb_array_elements_text(${tenantIds}::text::jsonb)
  ),
  known as materialized (
    select
      given.tenant, until, whole_hour, stream_last_at,
      coalesce(looked_until, now() - interval '5 days') as looked_until,
      coalesce(counted_until, whole_hour - interval '1 day') as counted_until
    from given left join learning_state as state on state.tenant = given.tenant
  )
  select tenant from known
  where exists (
      select from user_event where user_event.tenant = known.tenant
        and kind in ('login', 'session', 'reset') and folded_at is null and received_at <= until
    )
    or exists (
      select from assessment where assessment.tenant = known.tenant
        and opened_at > looked_until and opened_at <= until
    )
    or exists (
      select from assessment where assessment.tenant = known.tenant
        and confirmed_at is not null and folded_at is null
    )
    or counted_until <= whole_hour - interval '1 hour' and (
      stream_last_at >= counted_until - interval '5 minutes'
      or exists (
        select from assessment where assessment.tenant = known.tenant
          and opened_at >= counted_until
      )
    )`

/** In the order of their names, so that two processes wait for each other in one direction only. */
export const noteSecretsStatement = (sql: Sql, parameter: string): PendingQuery<TenantRow[]> => sql<
  TenantRow[]
>`
  with given as materialized (
    select tenants, current, known, days from jsonb_to_record(${parameter}::text::jsonb)
      as parameter (tenants jsonb, current text, known jsonb, days integer)
  ),
  asked as materialized (
    select value as tenant from given, jsonb_array_elements_text(tenants)
  ),
  used as (
    insert into identifier_key (tenant, fingerprint)
    select tenant, current from asked, given order by tenant
    on conflict (tenant, fingerprint) do update set last_used_at = now()
    returning tenant
  )
  select tenant from asked, given
  where exists (
    select from identifier_key as other
    where other.tenant = asked.tenant
      and other.last_used_at > now() - make_interval(days => given.days)
      and not given.known @> to_jsonb(other.fingerprint)
  )`
