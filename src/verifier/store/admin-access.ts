/**
 * Who may operate the service: tokens of machines, signed-in browsers, and the audit of what they did.
 *
 * Tokens and cookies are found by their SHA-256 in an index. How long that takes tells nothing of use:
 * they are 256 random bits, and nobody can choose what their digest begins with.
 */
import type { Sql } from 'postgres'
import type { AdminAccess, ApiTokenRow, AuditFilter, AuditRow, Page } from '../ports-admin.ts'
import { type Actor, SERVICE_TENANT } from '../ports-admin.ts'
import { instant, storable } from './admin-assessments.ts'
import { NUMBER, type Position, pageOf, positionOf, UUID } from './admin-cursor.ts'
import { jsonText } from './client.ts'

const HASH = /^[0-9a-f]{64}$/

/** Newest first. */
export async function listAudit(
  sql: Sql,
  tenant: string,
  { actor, action, since, until, cursor, limit }: AuditFilter,
): Promise<Page<AuditRow>> {
  const behind = cursor === undefined ? undefined : positionOf(cursor, NUMBER)
  const rows = await sql<(AuditRow & Position)[]>`
    select id::text as id, ${time(sql, 'at')} as at, actor, action, subject, detail,
      (extract(epoch from audit.at) * 1000000)::bigint::text as micros
    from audit
    where tenant = ${storable(tenant)}::text
      ${actor === undefined ? sql`` : sql`and actor = ${storable(actor)}::text`}
      ${action === undefined ? sql`` : sql`and action = ${storable(action)}::text`}
      ${since === undefined ? sql`` : sql`and audit.at >= ${instant(sql, since)}`}
      ${until === undefined ? sql`` : sql`and audit.at < ${instant(sql, until)}`}
      ${
        behind === undefined
          ? sql``
          : sql`and (audit.at, audit.id) < (
              timestamptz 'epoch' + ${behind.micros}::text::bigint * interval '1 microsecond',
              ${behind.id}::text::bigint)`
      }
    order by audit.at desc, audit.id desc
    limit ${`${limit + 1}`}::text::integer`
  return pageOf(rows, limit, ({ micros: _, ...row }) => row)
}

/** By name. */
export const listTokens = (sql: Sql) => sql<ApiTokenRow[]>`
  select ${tokenColumns(sql)} from admin_token order by name`

export async function addToken(
  sql: Sql,
  token: Parameters<AdminAccess['addToken']>[0],
  actor: Actor,
): Promise<ApiTokenRow | 'taken'> {
  const [row] = await sql<ApiTokenRow[]>`
    with given as materialized (
      select * from jsonb_to_record(${jsonText(token)}::text::jsonb) as token (
        name text, role text, hash text, "expiresInSeconds" double precision
      )
    ),
    added as (
      insert into admin_token (name, role, hash, expires_at)
      select name, role, hash, now() + make_interval(secs => "expiresInSeconds") from given
      on conflict (name) do nothing
      returning *
    ),
    noted as (
      insert into audit (tenant, actor, action, subject, detail)
      select ${SERVICE_TENANT}, ${actor.name}::text, 'token.create', name,
        jsonb_build_object('id', id, 'role', role, 'expires_at', expires_at)
      from added
      returning id
    )
    select ${tokenColumns(sql)} from added`
  return row ?? 'taken'
}

export async function revokeToken(sql: Sql, id: string, actor: Actor): Promise<boolean> {
  if (!UUID.test(id)) return false
  const rows = await sql`
    with gone as (
      update admin_token set revoked_at = now()
      where id = ${id}::text::uuid and revoked_at is null
      returning id, name, role
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${SERVICE_TENANT}, ${actor.name}::text, 'token.revoke', name,
      jsonb_build_object('id', id, 'role', role)
    from gone
    returning id`
  return rows.length > 0
}

export async function findToken(sql: Sql, hash: string): Promise<Actor | undefined> {
  if (!HASH.test(hash)) return undefined
  const [row] = await sql<Actor[]>`
    with found as materialized (
      select id, name, role from admin_token
      where hash = ${hash}::text and revoked_at is null
        and (expires_at is null or expires_at > now())
    ),
    used as (
      update admin_token as token set last_used_at = date_trunc('hour', now(), 'UTC')
      from found
      where token.id = found.id
        and token.last_used_at is distinct from date_trunc('hour', now(), 'UTC')
      returning token.id
    )
    select 'token:' || name as name, role from found`
  return row
}

export async function addSession(
  sql: Sql,
  session: Parameters<AdminAccess['addSession']>[0],
): Promise<void> {
  const { hash, actor, displayName, seconds } = session
  const given = { hash, actor: actor.name, role: actor.role, displayName, seconds }
  await sql`
    with given as materialized (
      select * from jsonb_to_record(${jsonText(given)}::text::jsonb) as session (
        hash text, actor text, role text, "displayName" text, seconds double precision
      )
    ),
    added as (
      insert into admin_session (hash, actor, role, display_name, expires_at)
      select hash, actor, role, "displayName", now() + make_interval(secs => seconds) from given
      returning actor, role, expires_at
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${SERVICE_TENANT}, actor, 'session.begin', actor,
      jsonb_build_object('role', role, 'expires_at', expires_at)
    from added`
}

export async function findSession(
  sql: Sql,
  hash: string,
): Promise<{ readonly actor: Actor; readonly displayName: string } | undefined> {
  if (!HASH.test(hash)) return undefined
  const [row] = await sql<(Actor & { readonly display_name: string })[]>`
    select actor as name, role, display_name from admin_session
    where hash = ${hash}::text and expires_at > now()`
  if (row === undefined) return undefined
  const { name, role, display_name: displayName } = row
  return { actor: { name, role }, displayName }
}

export async function endSession(sql: Sql, hash: string): Promise<void> {
  if (!HASH.test(hash)) return
  await sql`
    with gone as (
      delete from admin_session where hash = ${hash}::text returning actor, role
    )
    insert into audit (tenant, actor, action, subject, detail)
    select ${SERVICE_TENANT}, actor, 'session.end', actor, jsonb_build_object('role', role)
    from gone`
}

const tokenColumns = (sql: Sql) => sql`
  id::text as id, name, role, ${time(sql, 'created_at')} as created_at,
  ${time(sql, 'expires_at')} as expires_at, ${time(sql, 'last_used_at')} as last_used_at,
  ${time(sql, 'revoked_at')} as revoked_at`

const time = (
  sql: Sql,
  column: 'at' | 'created_at' | 'expires_at' | 'last_used_at' | 'revoked_at',
) => sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
