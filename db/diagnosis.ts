/**
 * What `doctor` asks a database: is it there, is it ours, and is it set up for what the service promises.
 * Read only. Errors come out as codes: messages of the driver may hold what was asked.
 */
import postgres, { type Sql } from 'postgres'
import { MIGRATIONS_TABLE } from './schema-version.ts'

export interface DatabaseLook {
  /** Such as 150018 for 15.18. */
  readonly serverVersion: number
  readonly epochSeconds: number
  readonly encrypted: boolean
  readonly readOnly: boolean
  /** A crash of the server may lose what was answered. */
  readonly forgetful: boolean
  /** The role may create tables in our schema, or is allowed everything. */
  readonly mayChangeTables: boolean
  /** Migrations that were run; undefined where none ever was. */
  readonly schema?: number
  /** Absent with the schema. */
  readonly records?: RecordsLook
}

export interface RecordsLook {
  /** Records opened more than five minutes ago that nobody settled. */
  readonly unsettled: number
  /** Records that no weekly partition had room for. */
  readonly strays: number
  /** There is room for the records of next week. */
  readonly roomAhead: boolean
  /** Tenant → age of the newest event of its log stream. */
  readonly streamAgeSeconds: ReadonlyMap<string, number>
}

export type Looked =
  | { readonly ok: true; readonly look: DatabaseLook }
  | { readonly ok: false; readonly code: string }

export async function lookAtDatabase(url: string): Promise<Looked> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 5 })
  try {
    return { ok: true, look: await look(sql) }
  } catch (error) {
    const { code } = Object(error) as { readonly code?: unknown }
    return { ok: false, code: typeof code === 'string' ? code : 'UNKNOWN' }
  } finally {
    await sql.end({ timeout: 2 })
  }
}

async function look(sql: Sql): Promise<DatabaseLook> {
  const [server] = await sql<
    {
      version: number
      epoch: number
      encrypted: boolean
      read_only: boolean
      forgetful: boolean
      may_change: boolean
      migrated: boolean
    }[]
  >`
    select current_setting('server_version_num')::integer as version,
      extract(epoch from clock_timestamp())::double precision as epoch,
      coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
      current_setting('transaction_read_only') = 'on' as read_only,
      current_setting('fsync') = 'off' or current_setting('synchronous_commit') = 'off' as forgetful,
      has_schema_privilege('public', 'create') as may_change,
      to_regclass(${`public.${MIGRATIONS_TABLE}`}) is not null as migrated`
  if (server === undefined) throw new Error('a select without a table gives one row')
  return {
    serverVersion: server.version,
    epochSeconds: server.epoch,
    encrypted: server.encrypted,
    readOnly: server.read_only,
    forgetful: server.forgetful,
    mayChangeTables: server.may_change,
    ...(server.migrated ? await lookInside(sql) : {}),
  }
}

async function lookInside(sql: Sql): Promise<Pick<DatabaseLook, 'schema' | 'records'>> {
  const [count] = await sql<{ n: number }[]>`
    select count(*)::integer as n from ${sql(MIGRATIONS_TABLE)}`
  const schema = count?.n ?? 0
  const [tables] = await sql<{ whole: boolean }[]>`
    select to_regclass('public.assessment_default') is not null
      and to_regclass('public.learning_state') is not null as whole`
  if (!tables?.whole) return { schema }
  const [records] = await sql<{ unsettled: number; strays: number; room: boolean }[]>`
    select
      (select count(*)::integer from assessment
        where decision is null and opened_at < now() - interval '5 minutes'
          and opened_at > now() - interval '14 days') as unsettled,
      (select count(*)::integer from (select from assessment_default limit 1000) s) as strays,
      to_regclass('public.assessment_' || to_char(
        date_trunc('week', now() at time zone 'utc') + interval '7 days', 'YYYYMMDD'))
        is not null as room`
  const streams = await sql<{ tenant: string; age: number }[]>`
    select tenant, extract(epoch from now() - stream_last_at)::double precision as age
    from learning_state where stream_last_at is not null`
  return {
    schema,
    records: {
      unsettled: records?.unsettled ?? 0,
      strays: records?.strays ?? 0,
      roomAhead: records?.room ?? false,
      streamAgeSeconds: new Map(streams.map(({ tenant, age }) => [tenant, age])),
    },
  }
}
