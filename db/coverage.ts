/** What `coverage` compares: verifications of resets, and the password changes that a log stream told of. */
import postgres, { type Sql } from 'postgres'

export interface ResetRecord {
  /** Pseudonyms of the user, the current one first. */
  readonly users: readonly string[]
  readonly epochSeconds: number
  readonly outcome: 'allow' | 'step_up' | 'deny' | null
  /** The Action said that it acts on answers. */
  readonly enforced: boolean
  readonly clientId: string | null
}

export interface StreamedChange {
  readonly users: readonly string[]
  readonly epochSeconds: number
}

export interface CoverageRows {
  readonly records: readonly ResetRecord[]
  readonly changes: readonly StreamedChange[]
  /** When the tenant's first reset still on record was verified. */
  readonly firstRecord: number | null
}

/** From `sinceSeconds` (epoch) on. */
export async function readCoverage(
  url: string,
  tenant: string,
  sinceSeconds: number,
): Promise<CoverageRows> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 5 })
  const since = `${sinceSeconds}`
  try {
    return {
      records: await records(sql, tenant, since),
      changes: await changes(sql, tenant, since),
      firstRecord: await firstRecord(sql, tenant),
    }
  } finally {
    await sql.end()
  }
}

async function records(sql: Sql, tenant: string, since: string): Promise<readonly ResetRecord[]> {
  const rows = await sql<
    {
      user: string
      previous: string | null
      at: number
      outcome: ResetRecord['outcome']
      enforced: boolean
      client: string | null
    }[]
  >`
    select user_key::text as user, previous_user_key::text as previous,
      extract(epoch from opened_at)::double precision as at, outcome,
      coalesce((facts #>> '{request,token,enforced}')::boolean, true) as enforced,
      facts #>> '{request,token,client_id}' as client
    from assessment
    where tenant = ${tenant} and flow = 'password_reset'
      and opened_at >= to_timestamp(${since}::text::double precision)
    order by opened_at`
  return rows.map(({ user, previous, at, outcome, enforced, client }) => ({
    users: previous === null ? [user] : [user, previous],
    epochSeconds: at,
    outcome,
    enforced,
    clientId: client,
  }))
}

async function changes(
  sql: Sql,
  tenant: string,
  since: string,
): Promise<readonly StreamedChange[]> {
  const rows = await sql<{ user: string; previous: string | null; at: number }[]>`
    select user_key::text as user, previous_user_key::text as previous,
      extract(epoch from at)::double precision as at
    from user_event
    where tenant = ${tenant} and kind = 'reset'
      and at >= to_timestamp(${since}::text::double precision)
    order by at`
  return rows.map(({ user, previous, at }) => ({
    users: previous === null ? [user] : [user, previous],
    epochSeconds: at,
  }))
}

async function firstRecord(sql: Sql, tenant: string): Promise<number | null> {
  const [row] = await sql<{ at: number | null }[]>`
    select extract(epoch from min(opened_at))::double precision as at
    from assessment where tenant = ${tenant} and flow = 'password_reset'`
  return row?.at ?? null
}
