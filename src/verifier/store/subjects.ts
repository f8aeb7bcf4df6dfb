/**
 * One user of a tenant: all that is stored of them, and its end. For an operator; each is one statement
 * and leaves a line in the audit, which itself never goes: reading personal data is noted too.
 */
import type { Fragment, Sql } from 'postgres'
import type { SubjectKeys } from '../ports-admin.ts'
import { jsonText } from './client.ts'
import type { Operator } from './lists.ts'

/** Everything under a user's keys: rows as they are stored, whole but for the tenant. */
export interface SubjectExport {
  readonly profile: readonly unknown[]
  readonly verifications: readonly unknown[]
  readonly events: readonly unknown[]
  readonly list_entries: readonly unknown[]
  readonly releases: readonly unknown[]
  readonly velocity: readonly unknown[]
  /** Tokens that were spent, by their digests. */
  readonly redemptions: readonly unknown[]
  /** What operators did about this user, this export excepted. */
  readonly audit: readonly unknown[]
}

export async function exportSubject(
  sql: Sql,
  { tenantId, actor }: Operator,
  { users, subjectHashes }: SubjectKeys,
): Promise<SubjectExport> {
  /** Columns are never named here, so that one that is added later is not forgotten. */
  const rows = (table: string, belongs: Fragment, order = sql``) => sql`(
    select coalesce(jsonb_agg(to_jsonb(stored) - 'tenant' ${order}), '[]')
    from ${sql(table)} as stored
    where stored.tenant = ${tenantId}::text and (${belongs})
  )`
  const theirs = sql`stored.user_key in (select user_key from given)`
  const [row] = await sql<{ readonly export: SubjectExport }[]>`
    with given as materialized (
      select value::bigint as user_key from jsonb_array_elements_text(${jsonText(users)}::text::jsonb)
    ),
    digests as materialized (
      select decode(value, 'hex') as digest
      from jsonb_array_elements_text(${jsonText(subjectHashes)}::text::jsonb)
    ),
    noted as (
      insert into audit (tenant, actor, action, subject)
      select ${tenantId}::text, ${actor}::text, 'user.export', min(user_key)::text from given
      returning tenant
    )
    select jsonb_build_object(
      'profile', ${rows('user_profile', theirs)},
      'verifications', ${rows('assessment', theirs, sql`order by stored.opened_at`)},
      'events', ${rows('user_event', theirs, sql`order by stored.at`)},
      'list_entries', ${rows(
        'entity_list',
        sql`stored.kind = 'user' and stored.value in (select user_key::text from given)`,
      )},
      'releases', ${rows('release', theirs)},
      'velocity', ${rows(
        'rate_gcra',
        sql`stored.bucket = 'user' and stored.key in (select user_key from given)`,
      )},
      'redemptions', ${rows('redemption', sql`stored.subject_hash in (select digest from digests)`)},
      'audit', ${rows(
        'audit',
        sql`stored.subject in (
          select user_key::text from given
          union all select 'user ' || user_key from given
          union all select reference from assessment as a
            where a.tenant = ${tenantId}::text and a.user_key in (select user_key from given)
        )`,
        sql`order by stored.id`,
      )}
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
