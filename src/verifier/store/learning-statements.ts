/** The statements of learning. Each names the tenant; parameters are text, cast in SQL. */
import type { PendingQuery, Sql } from 'postgres'
import type { Facts, ProfileFacts, RequestFacts } from '../domain/facts.ts'
import type { Batch, UserEvent } from '../ports-learning.ts'
import { type CandidateRow, candidatesExpression } from './learning-candidates.ts'

/**
 * In the order of their keys, so that two deliveries of the same events wait for each other in one
 * direction only. The stream is alive even when nothing of it is kept. What is imported is past: nothing
 * that belongs to it is still on its way, so it need not wait. Of an e-mail address it is stored whether its
 * domain is listed, and nothing where there is no list.
 */
export const recordEventsStatement = (
  sql: Sql,
  tenantId: string,
  parameter: string,
): PendingQuery<{ readonly added: number }[]> => sql<{ readonly added: number }[]>`
  with given as materialized (
    select alive, events from jsonb_to_record(${parameter}::text::jsonb) as parameter (
      alive boolean, events jsonb
    )
  ),
  added as (
    insert into user_event (
      tenant, log_key, kind, user_key, previous_user_key, at, received_at, address, request,
      disposable_email
    )
    select distinct on (log_key)
      ${tenantId}::text, decode(log_key, 'hex'), kind, user_key, previous_user_key,
      to_timestamp(at), now() - case when alive then interval '0' else interval '10 minutes' end,
      address, request,
      case when mail_domains is not null and exists (
        select from domain_list where tenant = ${tenantId}::text
      ) then exists (
        select from domain_list as listed
        where listed.tenant = ${tenantId}::text
          and listed.domain in (select jsonb_array_elements_text(mail_domains))
      ) end
    from given, jsonb_to_recordset(given.events) as event (
      log_key text, kind text, user_key bigint, previous_user_key bigint, at double precision,
      address bigint, request jsonb, mail_domains jsonb
    )
    order by log_key
    on conflict (tenant, log_key) do nothing
    returning log_key
  ),
  heard as (
    insert into learning_state as state (tenant, stream_since, stream_last_at)
    select ${tenantId}::text, now(), now() from given where alive
    on conflict (tenant) do update
      set stream_last_at = now(), stream_since = coalesce(state.stream_since, now())
    returning tenant
  )
  select count(*)::integer as added from added`

export interface EventRow {
  readonly log_key: string
  readonly kind: UserEvent['kind']
  readonly user_key: string
  readonly previous_user_key: string | null
  readonly at: number
  readonly address: string | null
  readonly request: RequestFacts | null
  readonly disposable_email: boolean | null
  readonly records: readonly CandidateRow[]
}

/** A reset completes records of its flow, a login those of the other; a session completes nothing. */
export const eventsStatement = (
  sql: Sql,
  tenantId: string,
  { limit, olderThanSeconds }: Batch,
): PendingQuery<EventRow[]> => sql<EventRow[]>`
  select
    encode(completion.log_key, 'hex') as log_key, completion.kind,
    completion.user_key::text as user_key, completion.previous_user_key::text as previous_user_key,
    extract(epoch from completion.at)::double precision as at,
    completion.address::text as address, completion.request, completion.disposable_email,
    case when completion.kind = 'session' then '[]' else ${candidatesExpression(sql)} end as records
  from (
    select
      tenant, log_key, kind, user_key, previous_user_key, at, address, request, disposable_email,
      received_at, null::uuid as id,
      case kind when 'reset' then 'password_reset' else 'login' end as flow,
      at - interval '1 hour 1 minute' as since, at + interval '1 minute' as until
    from user_event
    where tenant = ${tenantId}::text and kind in ('login', 'session', 'reset')
      and folded_at is null
      and received_at
        <= now() - make_interval(secs => ${`${olderThanSeconds}`}::text::double precision)
    order by received_at
    limit ${`${limit}`}::text::integer
  ) as completion
  order by completion.received_at`

export interface ClaimRow {
  readonly id: string
  readonly opened_at: string
  readonly at: number
  readonly last_reset_age_days: number | null
  readonly records: readonly CandidateRow[]
}

/**
 * Every record since the last time; of those whose token tells the age of the last reset, the records
 * of the day that it points to, with what clocks and a token's life may move it.
 */
export const claimsStatement = (
  sql: Sql,
  tenantId: string,
  { limit, olderThanSeconds }: Batch,
): PendingQuery<ClaimRow[]> => sql<ClaimRow[]>`
  select
    completion.id, completion.opened_at::text as opened_at,
    extract(epoch from completion.opened_at)::double precision as at,
    completion.age as last_reset_age_days,
    case when completion.age <= 10 then ${candidatesExpression(sql)} else '[]' end as records
  from (
    select
      tenant, id, opened_at, user_key, previous_user_key, 'password_reset' as flow, age,
      opened_at - make_interval(days => age + 1, hours => 1, mins => 30) as since,
      opened_at - make_interval(days => age) + interval '5 minutes' as until
    from assessment
    cross join lateral (
      select (facts #>> '{request,token,last_reset_age_days}')::integer as age
    ) as told
    where tenant = ${tenantId}::text
      and opened_at > coalesce(
        (select looked_until from learning_state where tenant = ${tenantId}::text),
        now() - interval '5 days'
      )
      and opened_at
        <= now() - make_interval(secs => ${`${olderThanSeconds}`}::text::double precision)
    order by opened_at
    limit ${`${limit}`}::text::integer
  ) as completion
  order by completion.opened_at`

/** A confirmation is set once. A record that was confirmed or erased meanwhile is left alone. */
export const confirmStatement = (
  sql: Sql,
  tenantId: string,
  parameter: string,
): PendingQuery<object[]> => sql<object[]>`
  with given as materialized (
    select records, events, claims_read_until
    from jsonb_to_record(${parameter}::text::jsonb) as parameter (
      records jsonb, events jsonb, claims_read_until timestamptz
    )
  ),
  confirmed as (
    update assessment set confirmed_at = now()
    from given, jsonb_to_recordset(given.records) as named (opened_at timestamptz, id uuid)
    where tenant = ${tenantId}::text and assessment.opened_at = named.opened_at
      and assessment.id = named.id and confirmed_at is null
    returning assessment.id
  ),
  looked_at as (
    update user_event set folded_at = now()
    from given, jsonb_array_elements_text(given.events) as named (key)
    where tenant = ${tenantId}::text and log_key = decode(named.key, 'hex') and folded_at is null
    returning log_key
  ),
  read_until as (
    insert into learning_state as state (tenant, looked_until)
    select ${tenantId}::text, claims_read_until from given where claims_read_until is not null
    on conflict (tenant) do update
      set looked_until = greatest(state.looked_until, excluded.looked_until)
    returning tenant
  )
  select count(*)::integer as confirmed from confirmed`

export interface ConfirmedRow {
  readonly id: string
  readonly opened_at: string
  readonly user_key: string
  readonly previous_user_key: string | null
  readonly facts: Facts
}

export const confirmedStatement = (
  sql: Sql,
  tenantId: string,
  limit: number,
): PendingQuery<ConfirmedRow[]> => sql<ConfirmedRow[]>`
  select
    id, opened_at::text, user_key::text, previous_user_key::text, facts
  from assessment
  where tenant = ${tenantId}::text and confirmed_at is not null and folded_at is null
  order by opened_at
  limit ${`${limit}`}::text::integer`

export interface ProfileRow {
  readonly user_key: string
  readonly revision: number
  readonly profile: ProfileFacts
}

export const profilesStatement = (
  sql: Sql,
  tenantId: string,
  users: string,
): PendingQuery<ProfileRow[]> => sql<ProfileRow[]>`
  select user_key::text, revision, jsonb_strip_nulls(jsonb_build_object(
    'n', n,
    'first_at', floor(extract(epoch from first_at)),
    'last_at', floor(extract(epoch from last_at)),
    'median_rtt_ms', median_rtt_ms,
    'last_latitude', last_latitude,
    'last_longitude', last_longitude,
    'last_place_at', floor(extract(epoch from last_place_at)),
    'disposable_email', disposable_email
  )) || jsonb_build_object('hist', hist) as profile
  from user_profile
  where tenant = ${tenantId}::text and user_key in (
    select value::bigint from jsonb_array_elements_text(${users}::text::jsonb)
  )`
