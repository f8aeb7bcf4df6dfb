/**
 * What an operator looks up or enters by hand, from the command line: a record by the code that a
 * person read out, an entry of a list, a profile. Not on the request path.
 */
import postgres, { type Sql } from 'postgres'
import type { Decision } from '../src/verifier/domain/decision.ts'
import type { Facts, ListFact, ProfileFacts } from '../src/verifier/domain/facts.ts'

/** One stored verification. Times are ISO 8601 in UTC. */
export interface StoredRecord {
  readonly tenant: string
  readonly id: string
  readonly reference: string
  readonly flow: string
  readonly opened_at: string
  readonly settled_at: string | null
  readonly facts: Facts
  /** Null while nobody has settled it. */
  readonly decision: Decision | null
  /** The policy that judged it, as stored. */
  readonly policy: unknown
}

export type RecordKey = { readonly reference: string } | { readonly id: string }

/** Newest first. A reference may belong to several records, though that is very unlikely. */
export async function findRecords(url: string, key: RecordKey): Promise<readonly StoredRecord[]> {
  const [reference, id] = 'id' in key ? [null, key.id] : [key.reference, null]
  // By tenant first, because that is how the table's indexes begin.
  const rows = await once(
    url,
    (sql) => sql<StoredRecord[]>`
      select a.tenant, a.id, a.reference, a.flow,
        to_char(a.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as opened_at,
        to_char(a.settled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as settled_at,
        a.facts, a.decision, p.body as policy
      from (select distinct tenant from policy) t
      join assessment a on a.tenant = t.tenant
        and (a.reference = ${reference}::text or a.id = ${id}::text::uuid)
      left join policy p on p.tenant = a.tenant and p.id = a.policy_id
      order by a.opened_at desc`,
  )
  return rows
}

/** How many verifications were recorded for a tenant. */
export async function countRecords(url: string, tenant: string): Promise<number> {
  const [row] = await once(
    url,
    (sql) => sql<{ n: number }[]>`
      select count(*)::integer as n from assessment where tenant = ${tenant}`,
  )
  return row?.n ?? 0
}

export interface ListEntry extends ListFact {
  readonly tenant: string
  /** A pseudonym for users, addresses and devices; plain for the other kinds. */
  readonly value: string
  readonly note?: string
}

/** Puts an entry on a list, in place of the one that was there for the same value. */
export async function putListEntry(url: string, entry: ListEntry): Promise<void> {
  const { tenant, kind, value, action, note = null } = entry
  await once(
    url,
    (sql) => sql`
      insert into entity_list (tenant, kind, value, action, note)
      values (${tenant}, ${kind}, ${value}, ${action}, ${note})
      on conflict (tenant, kind, value) do update
      set action = excluded.action, note = excluded.note, expires_at = null`,
  )
}

/** Stores what a user's confirmed history looks like, in place of what was there. `user` is a pseudonym. */
export async function putProfile(
  url: string,
  { tenant, user, profile }: { tenant: string; user: string; profile: ProfileFacts },
): Promise<void> {
  await once(
    url,
    (sql) => sql`
      insert into user_profile
        (tenant, user_key, n, hist, last_latitude, last_longitude, first_at, last_at)
      values (${tenant}, ${user}::text::bigint, ${`${profile.n}`}::text::integer,
        ${JSON.stringify(profile.hist)}::text::jsonb,
        ${textOf(profile.last_latitude)}::text::double precision,
        ${textOf(profile.last_longitude)}::text::double precision,
        to_timestamp(${`${profile.first_at}`}::text::double precision),
        to_timestamp(${`${profile.last_at}`}::text::double precision))
      on conflict (tenant, user_key) do update
      set n = excluded.n, hist = excluded.hist, last_latitude = excluded.last_latitude,
        last_longitude = excluded.last_longitude, first_at = excluded.first_at,
        last_at = excluded.last_at`,
  )
}

const textOf = (value: number | undefined) => (value === undefined ? null : `${value}`)

async function once<Row>(url: string, statement: (sql: Sql) => PromiseLike<Row>): Promise<Row> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 5 })
  try {
    return await statement(sql)
  } finally {
    await sql.end()
  }
}
