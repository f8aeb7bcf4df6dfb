/** The release of a user's next attempt, by the record of the one that was stopped. */
import type { Sql } from 'postgres'
import { referenceOf } from '../domain/reference.ts'
import type { Operator } from './lists.ts'

/**
 * Lets the next attempt of the record's user pass where it would be stopped for want of a factor. In
 * place of a release that was given before; false when there is no such record. `id`: a UUID.
 */
export async function releaseUser(
  sql: Sql,
  { tenantId, actor }: Operator,
  id: string,
  seconds: number,
): Promise<boolean> {
  const rows = await sql`
    with record as materialized (
      select user_key, reference, now() + make_interval(secs => ${`${seconds}`}::text::double precision)
        as expires_at
      from assessment
      -- The reference comes from the id, and has an index.
      where tenant = ${tenantId}::text and reference = ${referenceOf(id)}::text
        and id = ${id}::text::uuid
    ),
    before as materialized (
      select release.expires_at from release join record using (user_key)
      where release.tenant = ${tenantId}::text and release.used_at is null
        and release.expires_at > now()
    ),
    put as (
      insert into release (tenant, user_key, expires_at)
      select ${tenantId}::text, user_key, expires_at from record
      on conflict (tenant, user_key) do update
        set expires_at = excluded.expires_at, used_at = null, used_by = null
      returning tenant
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${tenantId}::text, ${actor}::text, 'assessment.release', reference,
      jsonb_build_object('expires_at', expires_at, 'before', (select expires_at from before))
    from record
    returning id`
  return rows.length > 0
}
