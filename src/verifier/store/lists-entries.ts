/** What is loaded and entered, for an operator: read, put, removed. Not on the request path. */
import type { Sql } from 'postgres'
import type { ListEntry, ListFeed, NewListEntry } from '../ports-admin.ts'
import { jsonText } from './client.ts'
import type { Operator } from './lists.ts'

const instant = (sql: Sql, column: 'expires_at' | 'created_at' | 'loaded_at') =>
  sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

export const readEntries = (sql: Sql, tenantId: string): Promise<readonly ListEntry[]> => sql<
  ListEntry[]
>`
  select kind, value, action, note, ${instant(sql, 'expires_at')} as expires_at,
    ${instant(sql, 'created_at')} as created_at
  from entity_list
  where tenant = ${tenantId}::text order by action desc, kind, value`

export const readFeeds = (sql: Sql, tenantId: string): Promise<readonly ListFeed[]> => sql<
  ListFeed[]
>`
  select kind, source, entries, ${instant(sql, 'loaded_at')} as loaded_at,
    (
      select count(*)::integer from ip_range
      where ip_range.tenant = list.tenant and mask & (1 << list.bit) <> 0
    ) as ranges,
    (
      select count(*)::integer from asn_list
      where asn_list.tenant = list.tenant and mask & (1 << list.bit) <> 0
    ) as networks
  from range_list as list where list.tenant = ${tenantId}::text order by bit`

export async function countDomains(sql: Sql, tenantId: string): Promise<number> {
  const [row] = await sql<{ readonly domains: number }[]>`
    select count(*)::integer as domains from domain_list where tenant = ${tenantId}::text`
  return row?.domains ?? 0
}

/** In place of an entry for the same value. */
export async function putEntry(
  sql: Sql,
  { tenantId, actor }: Operator,
  entry: NewListEntry,
): Promise<void> {
  await sql`
    with given as materialized (
      select kind, value, action, note, now() + make_interval(secs => seconds) as expires_at
      from jsonb_to_record(${jsonText({ ...entry, seconds: entry.expiresInSeconds })}::text::jsonb)
        as entry (kind text, value text, action text, note text, seconds double precision)
    ),
    before as materialized (
      select jsonb_build_object('action', entry.action, 'expires_at', entry.expires_at) as entry
      from given join entity_list as entry using (kind, value)
      where entry.tenant = ${tenantId}::text
    ),
    put as (
      insert into entity_list (tenant, kind, value, action, note, expires_at)
      select ${tenantId}::text, kind, value, action, note, expires_at from given
      on conflict (tenant, kind, value) do update set
        action = excluded.action, note = excluded.note, expires_at = excluded.expires_at,
        created_at = now()
      returning kind
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${tenantId}::text, ${actor}::text, 'list.add', kind || ' ' || value,
      jsonb_build_object('action', action, 'expires_at', expires_at,
        'before', (select entry from before))
        -- A remark about a person must be erasable, and the audit is not.
        || case when kind in ('user', 'address', 'device') then '{}'
          else jsonb_build_object('note', note) end
    from given`
}

/** False when there is no such entry. */
export async function removeEntry(
  sql: Sql,
  { tenantId, actor }: Operator,
  { kind, value }: { readonly kind: string; readonly value: string },
): Promise<boolean> {
  const rows = await sql`
    with gone as (
      delete from entity_list
      where tenant = ${tenantId}::text and kind = ${kind}::text and value = ${value}::text
      returning kind, value, action, expires_at
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${tenantId}::text, ${actor}::text, 'list.remove', kind || ' ' || value,
      jsonb_build_object('before', jsonb_build_object('action', action, 'expires_at', expires_at))
    from gone
    returning id`
  return rows.length > 0
}
