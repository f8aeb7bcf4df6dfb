/**
 * What earlier events say of a verification, as jsonb expressions for the facts document. Parts of the
 * one statement: they stand where `given` is in scope. Every read is by key or capped, and a count says
 * "at least so many".
 */
import type { Fragment, Sql } from 'postgres'

/** The user under the current secret, and under the previous one while a rotation lasts. */
export const userKeys = (sql: Sql): Fragment => sql`(given.user_key, given.previous_user)`

/**
 * The user's newest records that meet the condition, a hundred at most. One key is asked for at a time:
 * where both stand in one condition the index of users gives no order by time, and a planner that has no
 * figures yet, on a new database or in a new week, walks everybody's records instead.
 */
const ownRecords = (sql: Sql, condition: Fragment): Fragment => sql`
  select record.*
  from unnest(array[given.user_key, given.previous_user]) as own (user_key)
  cross join lateral (
    select opened_at, outcome, assessed, confirmed_at, device, facts from assessment
    where assessment.tenant = given.tenant and assessment.user_key = own.user_key
      and opened_at <= now() and ${condition}
    order by opened_at desc
    limit 100
  ) as record
  order by record.opened_at desc
  limit 100`

/** `facts.store.profile`: null for a user without history. */
export const profileExpression = (sql: Sql): Fragment => sql`(
  select jsonb_strip_nulls(jsonb_build_object(
    'n', profile.n,
    'first_at', floor(extract(epoch from profile.first_at)),
    'last_at', floor(extract(epoch from profile.last_at)),
    'median_rtt_ms', profile.median_rtt_ms,
    'last_latitude', profile.last_latitude,
    'last_longitude', profile.last_longitude,
    'last_place_at', floor(extract(epoch from profile.last_place_at)),
    -- What a list said that was taken away since is nothing known.
    'disposable_email', case
      when profile.disposable_email is not null
        and exists (select from domain_list where domain_list.tenant = given.tenant)
      then profile.disposable_email
    end
  )) || jsonb_build_object('hist', case
    when given.previous_user is null then profile.hist
    else profile.hist
      || ${renamed(sql, sql`'device'`, [{ now: sql`given.device`, before: sql`given.previous_device` }])}
      || ${renamed(sql, sql`'address'`, [
        { now: sql`given.token_address`, before: sql`given.previous_token_address` },
        { now: sql`given.visit_address`, before: sql`given.previous_visit_address` },
      ])}
  end)
  from user_profile as profile
  where profile.tenant = given.tenant and profile.user_key in ${userKeys(sql)}
  order by profile.user_key = given.user_key desc
  limit 1
)`

interface Pseudonyms {
  readonly now: Fragment
  readonly before: Fragment
}

/**
 * One feature of the history with this request's own values under their current pseudonyms: a browser
 * that was learned under the previous secret is not a new one.
 */
const renamed = (sql: Sql, feature: Fragment, values: readonly Pseudonyms[]): Fragment => {
  const seen = sql`profile.hist -> ${feature}`
  const moves = values.map(
    ({ now, before }) => sql`
      - coalesce(${before}::text, '')
      || case
        when ${seen} -> ${before}::text is null then '{}'
        else jsonb_build_object(
          ${now}::text, coalesce(${seen} -> ${now}::text, ${seen} -> ${before}::text)
        )
      end`,
  )
  return sql`case
    when ${seen} is null then '{}'
    else jsonb_build_object(${feature}, (${seen}) ${joined(sql, moves)})
  end`
}

const joined = (sql: Sql, parts: readonly Fragment[]): Fragment =>
  parts.reduce((all, part) => sql`${all} ${part}`, sql``)

/** `{"unconfirmed_recent": …}`, with `unconfirmed_automated` where a program may have made them all. */
export const unconfirmedExpression = (sql: Sql): Fragment => sql`(
  select jsonb_build_object('unconfirmed_recent', count(*) > 0) || case
    when bool_and(
      capped.assessed = 'step_up'
      and capped.device is distinct from given.device
      and (given.previous_device is null or capped.device is distinct from given.previous_device)
      -- Unknown is a person's: bool_and would pass over a null.
      and coalesce(
        capped.facts @> '{"request": {"bot": true}}'
        or capped.facts @> '{"request": {"client": {"webdriver": true}}}'
        or capped.facts @> '{"store": {"ranges": {"visit": ["hosting"]}}}',
        false
      )
    ) then '{"unconfirmed_automated": true}'::jsonb
    else '{}'
  end
  from (
    ${ownRecords(sql, sql`opened_at > now() - interval '5 days'`)}
  ) as capped
  where capped.outcome in ('step_up', 'deny') and capped.confirmed_at is null
)`

/**
 * `facts.store.users_per_address`. An address is counted as either side saw it, once where both are the
 * same; the baseline is what completed events made of it, never attempts.
 */
export const addressUsersExpression = (sql: Sql): Fragment => sql`(
  select jsonb_strip_nulls(jsonb_build_object(
    'token', by_address -> given.token_address::text,
    'visit', by_address -> given.visit_address::text
  ))
  from (
    select coalesce(jsonb_object_agg(address::text, jsonb_strip_nulls(jsonb_build_object(
      'users', (
        select count(distinct others.user_key) from (
          (${othersSince(sql, sql`token_address = asked.address`, sql`interval '1 hour'`)})
          union all
          (${othersSince(sql, sql`visit_address = asked.address`, sql`interval '1 hour'`)})
        ) as others
      ),
      'baseline', (
        select users from address_baseline as usual
        where usual.tenant = given.tenant and usual.address = asked.address
      )
    ))), '{}') as by_address
    from (
      select distinct address from unnest(array[given.token_address, given.visit_address]) as address
      where address is not null
    ) as asked
  ) as counted
)`

/** `facts.store.users_per_device`; null without a device cookie. */
export const deviceUsersExpression = (sql: Sql): Fragment => sql`case
  when given.device is not null then (
    select count(distinct others.user_key)
    from (${othersSince(sql, sql`device = given.device`, sql`interval '1 day'`)}) as others
  )
end`

/** Enough for every rule; a hot address has tens of thousands within the hour. */
const othersSince = (sql: Sql, match: Fragment, age: Fragment): Fragment => sql`
  select user_key from assessment
  where tenant = given.tenant and ${match}
    and opened_at > now() - ${age} and opened_at <= now()
    and user_key <> given.user_key and user_key is distinct from given.previous_user
  order by opened_at desc
  limit 200`

/**
 * What the log stream tells: `completed_resets_at`, `reset_sources`, `recent_failures`,
 * `sensitive_change_at`. Nothing on record is nothing known, unless the stream was heard within the day.
 */
export const streamExpression = (sql: Sql): Fragment => sql`(
  select jsonb_strip_nulls(jsonb_build_object(
    'completed_resets_at', case when heard or told.times || completed.times <> '[]'
      then told.times || completed.times end,
    'reset_sources', case when heard or completed.devices > 0 or completed.asns > 0
      then jsonb_build_object('devices', completed.devices, 'asns', completed.asns) end,
    'recent_failures', case when heard or failures.count > 0 then failures.count end
  )) || case
    when changed.at is not null then jsonb_build_object('sensitive_change_at', changed.at)
    when heard then '{"sensitive_change_at": null}'
    else '{}'
  end
  from (
    select exists (
      select from learning_state as state
      where state.tenant = given.tenant and state.stream_last_at > now() - interval '1 day'
    ) as heard
    -- Asked once: the planner would write it out again wherever it is named.
    offset 0
  ) as stream,
  (
    select count(distinct device) as devices,
      count(distinct facts #>> '{request,visit_network,asn}') as asns,
      -- Of a change that Auth0 told its own time stands: a record is searched for it no further than so.
      coalesce(jsonb_agg(floor(extract(epoch from opened_at))) filter (where not exists (
        select from user_event as change
        where change.tenant = given.tenant and change.user_key in ${userKeys(sql)}
          and change.kind = 'reset'
          and change.at between opened_at - interval '1 minute'
            and opened_at + interval '1 hour 1 minute'
      )), '[]') as times
    from (
      ${ownRecords(
        sql,
        sql`opened_at > now() - interval '1 day' and flow = 'password_reset'
          and confirmed_at is not null`,
      )}
    ) as recent
  ) as completed,
  (
    -- Every password change, by whichever way it came.
    select coalesce(jsonb_agg(floor(extract(epoch from at))), '[]') as times from (
      select at from user_event
      where tenant = given.tenant and user_key in ${userKeys(sql)} and kind = 'reset'
        and at > now() - interval '1 day'
      order by at desc
      limit 100
    ) as recent
  ) as told,
  (
    select count(*) as count from (
      select from user_event
      where tenant = given.tenant and user_key in ${userKeys(sql)} and kind = 'failure'
        and at > now() - interval '1 hour'
      limit 100
    ) as recent
  ) as failures,
  (
    select floor(extract(epoch from max(at))) as at from user_event
    where tenant = given.tenant and user_key in ${userKeys(sql)} and kind = 'change'
  ) as changed
)`

/**
 * `{"global": …}`, or `{}` before anything was counted. Only of this request's own values; the row
 * with no value is the sum of its feature, because not every event shows every feature. A row that was
 * halved less often than the total is read as if it had been.
 */
export const globalExpression = (sql: Sql): Fragment => sql`coalesce((
  select jsonb_build_object('global', jsonb_build_object(
    'n', total.n,
    'totals', (
      select coalesce(jsonb_object_agg(feature, halved_count(sum.n, sum.halvings, total.halvings)), '{}')
      from global_feature as sum
      where tenant = given.tenant and value = ''
        and feature in ('country', 'asn', 'device_type', 'os', 'agent')
    ),
    'counts', (
      select coalesce(jsonb_object_agg(feature, counted), '{}') from (
        select known.feature, jsonb_object_agg(
          known.value, halved_count(known.n, known.halvings, total.halvings)
        ) as counted
        from (
          select distinct feature, value from (values
            ('country', given.request #>> '{token_network,country}'),
            ('country', given.request #>> '{visit_network,country}'),
            ('asn', given.request #>> '{token_network,asn}'),
            ('asn', given.request #>> '{visit_network,asn}'),
            ('device_type', given.request ->> 'device_type'),
            ('os', given.request ->> 'os'),
            ('agent', (given.request ->> 'os') || '/' || (given.request ->> 'browser'))
          ) as shown (feature, value)
          where value <> ''
        ) as asked
        join global_feature as known
          on known.tenant = given.tenant
          and known.feature = asked.feature and known.value = asked.value
        group by known.feature
      ) as by_feature
    )
  ))
  from global_total as total
  where total.tenant = given.tenant
), '{}')`
