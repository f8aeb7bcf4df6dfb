/**
 * Loading feeds, for an operator's command on a connection of its own. Each change is one statement, so
 * that a verification sees all of a list or none of it, and leaves a line in the audit. Not on the
 * request path: `lists-facts.ts` reads.
 */
import type { Sql } from 'postgres'
import type { RangeKind } from '../domain/facts.ts'
import { jsonText } from './client.ts'

/** A connection that an operator's command holds for itself. */
export type Connection = Sql

/** Tenants that have a policy, by name. */
export async function readTenants(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ readonly tenant: string }[]>`
    select distinct tenant from policy order by tenant`
  return rows.map(({ tenant }) => tenant)
}

/** Who did it, for the audit. */
export interface Operator {
  readonly tenantId: string
  readonly actor: string
}

export interface StoredRange {
  readonly low: string
  readonly high: string
  readonly mask: number
}

export interface RangeChange {
  readonly kind: RangeKind
  readonly bit: number
  readonly gone: readonly string[]
  readonly put: readonly StoredRange[]
  readonly networks: readonly number[]
  /** Absent: the list is taken away. */
  readonly loaded?: {
    readonly source: string
    readonly entries: number
    readonly hasRanges: boolean
  }
}

/**
 * Runs `work` as the only importer of the tenant: two that read the same ranges would write over each
 * other. The lock belongs to the session, so `sql` must be a single connection.
 */
export async function asOnlyImporter<Result>(
  sql: Sql,
  tenantId: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  const lock = sql`hashtext('redirect_verifier.lists'), hashtext(${tenantId}::text)`
  const [row] = await sql<
    { readonly held: boolean }[]
  >`select pg_try_advisory_lock(${lock}) as held`
  if (row?.held !== true) return undefined
  try {
    return await work()
  } finally {
    await sql`select pg_advisory_unlock(${lock})`
  }
}

export const readRanges = (sql: Sql, tenantId: string): Promise<readonly StoredRange[]> => sql<
  StoredRange[]
>`
  select host(low) as low, host(high) as high, mask from ip_range
  where tenant = ${tenantId}::text order by ip_range.low`

/** The bit of a list that is loaded, else the lowest that is free. */
export async function bitOf(sql: Sql, tenantId: string, kind: RangeKind): Promise<number> {
  const lists = await sql<{ readonly bit: number; readonly kind: string }[]>`
    select bit, kind from range_list where tenant = ${tenantId}::text`
  const own = lists.find((list) => list.kind === kind)
  if (own !== undefined) return own.bit
  const taken = new Set(lists.map(({ bit }) => bit))
  return Array.from({ length: 31 }, (_, bit) => bit).find((bit) => !taken.has(bit)) ?? 30
}

/** Ranges, networks and the list's own line at once. */
export async function writeRanges(
  sql: Sql,
  { tenantId, actor }: Operator,
  change: RangeChange,
): Promise<void> {
  const parameter = jsonText({ ...change, own: 1 << change.bit })
  await sql`
    with given as materialized (
      select * from jsonb_to_record(${parameter}::text::jsonb) as change (
        kind text, bit integer, own integer, gone jsonb, put jsonb, networks jsonb, loaded jsonb
      )
    ),
    gone as (
      delete from ip_range using given, jsonb_array_elements_text(given.gone) as range (low)
      where tenant = ${tenantId}::text and ip_range.low = range.low::inet
      returning ip_range.low
    ),
    put as (
      insert into ip_range (tenant, low, high, mask)
      select ${tenantId}::text, range.low, range.high, range.mask
      from given, jsonb_to_recordset(given.put) as range (low inet, high inet, mask integer)
      on conflict (tenant, low) do update set high = excluded.high, mask = excluded.mask
      returning low
    ),
    wanted as materialized (
      select value::bigint as asn from given, jsonb_array_elements_text(given.networks)
    ),
    networks_gone as (
      delete from asn_list using given
      where tenant = ${tenantId}::text and mask = given.own
        and asn not in (select asn from wanted)
      returning asn
    ),
    networks_cleared as (
      update asn_list set mask = mask & ~given.own from given
      where tenant = ${tenantId}::text and mask & given.own <> 0 and mask <> given.own
        and asn not in (select asn from wanted)
      returning asn
    ),
    networks_put as (
      insert into asn_list as listed (tenant, asn, mask)
      select ${tenantId}::text, wanted.asn, given.own from given, wanted
      on conflict (tenant, asn) do update set mask = listed.mask | excluded.mask
      returning asn
    ),
    list_gone as (
      delete from range_list using given
      where tenant = ${tenantId}::text and range_list.bit = given.bit and given.loaded is null
      returning range_list.bit
    ),
    list_put as (
      insert into range_list (tenant, bit, kind, source, entries, has_ranges)
      select ${tenantId}::text, bit, kind, loaded ->> 'source', (loaded ->> 'entries')::integer,
        (loaded ->> 'hasRanges')::boolean
      from given where loaded is not null
      on conflict (tenant, bit) do update set
        kind = excluded.kind, source = excluded.source, entries = excluded.entries,
        has_ranges = excluded.has_ranges, loaded_at = now()
      returning bit
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${tenantId}::text, ${actor}::text,
      case when loaded is null then 'list.remove' else 'list.import' end, kind, loaded
    from given`
}

/** In place of the domains that were there; answers how many there were. */
export async function writeDomains(
  sql: Sql,
  { tenantId, actor }: Operator,
  domains: readonly string[],
): Promise<void> {
  await sql`
    with given as materialized (
      select value as domain from jsonb_array_elements_text(${jsonText(domains)}::text::jsonb)
    ),
    gone as (
      delete from domain_list
      where tenant = ${tenantId}::text and domain not in (select domain from given)
      returning domain
    ),
    put as (
      insert into domain_list (tenant, domain) select ${tenantId}::text, domain from given
      on conflict do nothing
      returning domain
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${tenantId}::text, ${actor}::text, 'list.import', 'disposable',
      jsonb_build_object('entries', (select count(*) from given))`
}
