/**
 * What lists say of a verification, as jsonb expressions for the facts document: entries that an
 * operator made, and feeds of ranges and networks. Parts of the one statement: they stand where `given`
 * is in scope. Every read is by key.
 */
import type { Fragment, Sql } from 'postgres'

/**
 * `facts.store.lists`. While a rotation lasts, entries under the previous pseudonyms count as well.
 *
 * A denied place counts whichever of the two addresses is there. A permitted one vouches only for an
 * address that is there: both have to be, as far as they are known, and Auth0's has to be known (or to be
 * the same address). Otherwise an office's good name would cover a stranger's token that somebody in the
 * office was lured into. A device stands at the browser's end alone, so a permitted one counts only
 * where both ends are one address. An application vouches for nobody: whoever begins a reset picks it.
 */
export const entriesExpression = (sql: Sql): Fragment => sql`(
  select coalesce(jsonb_agg(
    jsonb_build_object('kind', hit.kind, 'action', hit.action) order by hit.kind, hit.action
  ), '[]')
  from (
    select side.kind, said.action
    from (
      select asked.kind, asked.side,
        bool_or(listed.action = 'deny') as denied,
        coalesce(bool_or(listed.action = 'allow'), false) as allowed
      from (values
        ('user', '', given.user_key::text),
        ('user', '', given.previous_user::text),
        ('address', 'token', given.token_address::text),
        ('address', 'token', given.previous_token_address::text),
        ('address', 'visit', given.visit_address::text),
        ('address', 'visit', given.previous_visit_address::text),
        ('device', 'visit', given.device::text),
        ('device', 'visit', given.previous_device::text),
        ('country', 'token', given.request #>> '{token_network,country}'),
        ('country', 'visit', given.request #>> '{visit_network,country}'),
        ('asn', 'token', given.request #>> '{token_network,asn}'),
        ('asn', 'visit', given.request #>> '{visit_network,asn}'),
        ('client', '', given.request #>> '{token,client_id}')
      ) as asked (kind, side, value)
      left join entity_list as listed
        on listed.tenant = given.tenant
        and listed.kind = asked.kind and listed.value = asked.value
        and (listed.expires_at is null or listed.expires_at > now())
      where asked.value is not null
      group by asked.kind, asked.side
    ) as side
    cross join lateral (values ('deny', side.denied), ('allow', side.allowed)) as said (action, holds)
    group by side.kind, said.action
    having case said.action
      when 'deny' then bool_or(said.holds)
      else bool_and(said.holds) and side.kind <> 'client'
        and (bool_or(side.side <> 'visit') or given.request @> '{"same_address": true}')
    end
  ) as hit
)`

/**
 * `{"ranges": …}`, or `{}` where no feed was ever loaded. A feed of networks alone (no ranges) is named
 * among the loaded ones only where it hits: of an address whose network is unknown it says nothing.
 */
export const rangesExpression = (sql: Sql): Fragment => sql`coalesce((
  select jsonb_build_object('ranges', jsonb_strip_nulls(jsonb_build_object(
    'loaded', coalesce(
      jsonb_agg(list.kind order by list.bit)
        filter (where list.has_ranges or (token.bits | visit.bits) >> list.bit & 1 = 1),
      '[]'
    ),
    'token', case when given.raw_token_address is not null then coalesce(
      jsonb_agg(list.kind order by list.bit) filter (where token.bits >> list.bit & 1 = 1), '[]'
    ) end,
    'visit', case when given.raw_visit_address is not null then coalesce(
      jsonb_agg(list.kind order by list.bit) filter (where visit.bits >> list.bit & 1 = 1), '[]'
    ) end
  )))
  from (
    select bit, kind, has_ranges from range_list where range_list.tenant = given.tenant
  ) as list
  cross join lateral (${bits(sql, sql`given.raw_token_address`, sql`given.request #>> '{token_network,asn}'`)}) as token
  cross join lateral (${bits(sql, sql`given.raw_visit_address`, sql`given.request #>> '{visit_network,asn}'`)}) as visit
  having count(*) > 0
), '{}')`

/** One step down an index for the range, one look-up for the network. */
const bits = (sql: Sql, address: Fragment, asn: Fragment): Fragment => sql`
  select
    coalesce((
      select below.mask from (
        select high, mask from ip_range
        where ip_range.tenant = given.tenant and low <= ${address}
        order by low desc
        limit 1
      ) as below
      where below.high >= ${address}
    ), 0)
    | coalesce((
      select mask from asn_list
      where asn_list.tenant = given.tenant and asn_list.asn = (${asn})::bigint
    ), 0) as bits
  -- Asked once: the planner would write it out again wherever it is named.
  offset 0`
