/**
 * The facts of a verification as one jsonb expression: what the request said, and what the store knows
 * of it. A part of the one statement, not a statement: it stands where `given` and `charge` and
 * `released` are in scope. Every read is by key or capped.
 */
import type { Fragment, Sql } from 'postgres'

export const factsDocument = (sql: Sql): Fragment => sql`
    jsonb_build_object(
      'decided_at', floor(extract(epoch from now())),
      'request', given.request,
      'store', jsonb_build_object(
        'profile', (
          select jsonb_strip_nulls(jsonb_build_object(
            'n', profile.n,
            'first_at', floor(extract(epoch from profile.first_at)),
            'last_at', floor(extract(epoch from profile.last_at)),
            'median_rtt_ms', profile.median_rtt_ms,
            'last_latitude', profile.last_latitude,
            'last_longitude', profile.last_longitude
          )) || jsonb_build_object('hist', profile.hist)
          from user_profile as profile
          where profile.tenant = given.tenant and profile.user_key = given.user_key
        ),
        'lists', (
          select coalesce(jsonb_agg(to_jsonb(hit) order by hit.kind, hit.action), '[]')
          from (
            select distinct listed.kind, listed.action
            from (values
              ('user', given.user_key::text),
              ('address', given.token_address::text),
              ('address', given.visit_address::text),
              ('device', given.device::text),
              ('country', given.request #>> '{token_network,country}'),
              ('country', given.request #>> '{visit_network,country}'),
              ('asn', given.request #>> '{token_network,asn}'),
              ('asn', given.request #>> '{visit_network,asn}'),
              ('client', given.request #>> '{token,client_id}')
            ) as asked (kind, value)
            join entity_list as listed
              on listed.tenant = given.tenant
              and listed.kind = asked.kind and listed.value = asked.value
            where listed.expires_at is null or listed.expires_at > now()
          ) as hit
        ),
        'velocity', jsonb_strip_nulls(jsonb_build_object(
          'user', (select debt from charge where bucket = 'user'),
          'token_address', (
            select debt from charge where bucket = 'address' and key = given.token_address
          ),
          'visit_address', (
            select debt from charge where bucket = 'address' and key = given.visit_address
          )
        )),
        'unconfirmed_recent', exists (
          select from (
            select recent.outcome, recent.confirmed_at
            from assessment as recent
            where recent.tenant = given.tenant and recent.user_key = given.user_key
              and recent.opened_at > now() - interval '5 days' and recent.opened_at <= now()
            order by recent.opened_at desc
            limit 100
          ) as capped
          where capped.outcome in ('step_up', 'deny') and capped.confirmed_at is null
        )
      )
      || coalesce((select '{"released": true}'::jsonb from released), '{}')
      || coalesce((
        select jsonb_build_object('ranges', jsonb_strip_nulls(jsonb_build_object(
          'loaded', jsonb_agg(list.kind order by list.bit),
          'token', case when given.raw_token_address is not null then coalesce(
            jsonb_agg(list.kind order by list.bit) filter (where token.mask >> list.bit & 1 = 1), '[]'
          ) end,
          'visit', case when given.raw_visit_address is not null then coalesce(
            jsonb_agg(list.kind order by list.bit) filter (where visit.mask >> list.bit & 1 = 1), '[]'
          ) end
        )))
        from (select * from range_list where range_list.tenant = given.tenant) as list
        left join lateral (
          select below.mask from (
            select high, mask from ip_range
            where ip_range.tenant = given.tenant and low <= given.raw_token_address
            order by low desc
            limit 1
          ) as below
          where below.high >= given.raw_token_address
        ) as token on true
        left join lateral (
          select below.mask from (
            select high, mask from ip_range
            where ip_range.tenant = given.tenant and low <= given.raw_visit_address
            order by low desc
            limit 1
          ) as below
          where below.high >= given.raw_visit_address
        ) as visit on true
        having count(*) > 0
      ), '{}')
    )`
