/**
 * One user of a tenant: all that is stored of them, and its end. For an operator; each is one statement
 * and leaves a line in the audit, which itself never goes: reading personal data is noted too.
 */
import type { Sql } from 'postgres'
import type { SubjectKeys } from '../ports-admin.ts'
import { jsonText } from './client.ts'
import type { Operator } from './lists.ts'

/** Everything under a user's keys, as it is stored. Absent parts are empty. */
export interface SubjectExport {
  readonly profile: readonly unknown[]
  readonly verifications: readonly unknown[]
  readonly events: readonly unknown[]
  readonly list_entries: readonly unknown[]
  readonly releases: readonly unknown[]
  readonly velocity: readonly unknown[]
}

export async function exportSubject(
  sql: Sql,
  { tenantId, actor }: Operator,
  { users }: SubjectKeys,
): Promise<SubjectExport> {
  const [row] = await sql<{ readonly export: SubjectExport }[]>`
    with given as materialized (
      select value::bigint as user_key from jsonb_array_elements_text(${jsonText(users)}::text::jsonb)
    ),
    noted as (
      insert into audit (tenant, actor, action, subject)
      select ${tenantId}::text, ${actor}::text, 'user.export', min(user_key)::text from given
      returning tenant
    )
    select jsonb_build_object(
      'profile', (
        select coalesce(jsonb_agg(to_jsonb(p) - 'tenant' - 'revision'), '[]') from user_profile as p
        where p.tenant = ${tenantId}::text and p.user_key in (select user_key from given)
      ),
      'verifications', (
        select coalesce(jsonb_agg(to_jsonb(a) - 'tenant' order by a.opened_at), '[]')
        from assessment as a
        where a.tenant = ${tenantId}::text and a.user_key in (select user_key from given)
      ),
      'events', (
        select coalesce(jsonb_agg(to_jsonb(e) - 'tenant' - 'log_key' order by e.at), '[]')
        from user_event as e
        where e.tenant = ${tenantId}::text and e.user_key in (select user_key from given)
      ),
      'list_entries', (
        select coalesce(jsonb_agg(to_jsonb(l) - 'tenant'), '[]') from entity_list as l
        where l.tenant = ${tenantId}::text and l.kind = 'user'
          and l.value in (select user_key::text from given)
      ),
      'releases', (
        select coalesce(jsonb_agg(to_jsonb(r) - 'tenant'), '[]') from release as r
        where r.tenant = ${tenantId}::text and r.user_key in (select user_key from given)
      ),
      'velocity', (
        select coalesce(jsonb_agg(to_jsonb(v) - 'tenant'), '[]') from rate_gcra as v
        where v.tenant = ${tenantId}::text and v.bucket = 'user'
          and v.key in (select user_key from given)
      )
    ) as export`
  if (row === undefined) throw new Error('a statement without conditions gave no row')
  return row.export
}

export interface Erased {
  readonly profiles: number
  readonly verifications: number
  readonly events: number
  readonly list_entries: number
  readonly releases: number
  readonly velocity: number
}

/**
 * Deletes every row under the user's keys. Tokens that were spent stay spent, without saying by whom:
 * a replay guard that forgets is none, and these rows go by themselves within hours.
 */
export async function eraseSubject(
  sql: Sql,
  { tenantId, actor }: Operator,
  { users, subjectHashes }: SubjectKeys,
): Promise<Erased> {
  const [row] = await sql<{ readonly erased: Erased }[]>`
    with given as materialized (
      select value::bigint as user_key from jsonb_array_elements_text(${jsonText(users)}::text::jsonb)
    ),
    digests as materialized (
      select decode(value, 'hex') as digest
      from jsonb_array_elements_text(${jsonText(subjectHashes)}::text::jsonb)
    ),
    profiles as (
      delete from user_profile
      where tenant = ${tenantId}::text and user_key in (select user_key from given)
      returning tenant
    ),
    verifications as (
      delete from assessment
      where tenant = ${tenantId}::text and user_key in (select user_key from given)
      returning tenant
    ),
    events as (
      delete from user_event
      where tenant = ${tenantId}::text and user_key in (select user_key from given)
      returning tenant
    ),
    list_entries as (
      delete from entity_list
      where tenant = ${tenantId}::text and kind = 'user'
        and value in (select user_key::text from given)
      returning tenant
    ),
    releases as (
      delete from release
      where tenant = ${tenantId}::text and user_key in (select user_key from given)
      returning tenant
    ),
    velocity as (
      delete from rate_gcra
      where tenant = ${tenantId}::text and bucket = 'user' and key in (select user_key from given)
      returning tenant
    ),
    redemptions as (
      update redemption set subject_hash = ''
      where tenant = ${tenantId}::text and subject_hash in (select digest from digests)
      returning tenant
    ),
    erased as (
      select jsonb_build_object(
        'profiles', (select count(*) from profiles),
        'verifications', (select count(*) from verifications),
        'events', (select count(*) from events),
        'list_entries', (select count(*) from list_entries),
        'releases', (select count(*) from releases),
        'velocity', (select count(*) from velocity)
      ) as counts
    ),
    noted as (
      insert into audit (tenant, actor, action, subject, detail)
      select ${tenantId}::text, ${actor}::text, 'user.erase', (select min(user_key)::text from given),
        erased.counts
      from erased
      returning tenant
    )
    select counts as erased from erased`
  if (row === undefined) throw new Error('a statement without conditions gave no row')
  return row.erased
}
