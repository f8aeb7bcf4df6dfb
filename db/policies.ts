/**
 * Policy versions as an operator handles them: what there is, adding one, making it the active one or
 * watching it as a shadow. Bodies are immutable and every change of a version's part is audited. Nothing
 * is validated here: the caller parsed the document. Not on the request path.
 */
import postgres, { type Sql, type TransactionSql } from 'postgres'
import type { PolicyDocument } from '../src/verifier/domain/policy.ts'
import type { Flow } from '../src/verifier/domain/session.ts'

/** `retired`: was active or watched, and is kept because records name it. */
export type PolicyStatus = 'draft' | 'shadow' | 'active' | 'retired'

export interface PolicyVersion {
  readonly tenant: string
  readonly id: number
  readonly flow: Flow
  readonly version: number
  readonly status: PolicyStatus
  /** ISO 8601 in UTC. */
  readonly created_at: string
  /** As stored: it may be of another build. */
  readonly body: unknown
}

export interface VersionKey {
  readonly tenant: string
  readonly flow: Flow
  readonly version: number
}

/** All versions, by tenant, flow and falling version. */
export const listPolicies = (url: string): Promise<readonly PolicyVersion[]> =>
  once(
    url,
    (sql) => sql<PolicyVersion[]>`
      select tenant, id, flow, version, status,
        to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at, body
      from policy
      order by tenant, flow, version desc`,
  )

/**
 * Stores the document as a new version and makes it the active one of its tenant and flow; the one
 * before is retired and kept. Returns the new version's id. Fails when that version number is taken.
 */
export const activatePolicy = (
  url: string,
  tenant: string,
  document: PolicyDocument,
  actor = 'installer',
): Promise<number> =>
  changing(url, { tenant, ...document }, async (sql) => {
    const id = await insert(sql, tenant, document)
    await activate(sql, { tenant, ...document }, actor)
    return id
  })

/** The same for a version that is watched: it is evaluated beside the active one and answers nobody. */
export const shadowPolicy = (
  url: string,
  tenant: string,
  document: PolicyDocument,
  actor = 'installer',
): Promise<number> =>
  changing(url, { tenant, ...document }, async (sql) => {
    const id = await insert(sql, tenant, document)
    await setStatus(sql, { tenant, ...document }, 'shadow')
    await record(sql, { tenant, ...document }, actor, 'policy.shadow')
    return id
  })

/** Makes a stored version the active one in one step; answers the version it took the place of. */
export const activateVersion = (
  url: string,
  key: VersionKey,
  actor: string,
): Promise<number | undefined> => changing(url, key, (sql) => activate(sql, key, actor))

/** Watches a stored version that is not the active one. */
export const shadowVersion = (url: string, key: VersionKey, actor: string): Promise<void> =>
  changing(url, key, async (sql) => {
    await setStatus(sql, key, 'shadow')
    await record(sql, key, actor, 'policy.shadow')
  })

/** Ends the watch over a shadow version; answers whether it was one. */
export const retireShadow = (url: string, key: VersionKey, actor: string): Promise<boolean> =>
  changing(url, key, async (sql) => {
    const { tenant, flow, version } = key
    const { count } = await sql`
      update policy set status = 'retired'
      where tenant = ${tenant} and flow = ${flow} and version = ${`${version}`}::text::integer
        and status = 'shadow'`
    if (count > 0) await record(sql, key, actor, 'policy.retire')
    return count > 0
  })

async function insert(
  sql: TransactionSql,
  tenant: string,
  document: PolicyDocument,
): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into policy (tenant, flow, version, status, body)
    values (${tenant}, ${document.flow}, ${`${document.version}`}::text::integer, 'draft',
      ${JSON.stringify(document)}::text::jsonb)
    returning id`
  return (row as { id: number }).id
}

async function activate(
  sql: TransactionSql,
  key: VersionKey,
  actor: string,
): Promise<number | undefined> {
  const { tenant, flow, version } = key
  const [before] = await sql<{ version: number }[]>`
    update policy set status = 'retired'
    where tenant = ${tenant} and flow = ${flow} and status = 'active'
      and version <> ${`${version}`}::text::integer
    returning version`
  await setStatus(sql, key, 'active')
  await record(sql, key, actor, 'policy.activate', { replaced: before?.version ?? null })
  return before?.version
}

async function setStatus(
  sql: TransactionSql,
  { tenant, flow, version }: VersionKey,
  status: PolicyStatus,
): Promise<void> {
  const { count } = await sql`
    update policy set status = ${status}
    where tenant = ${tenant} and flow = ${flow} and version = ${`${version}`}::text::integer
      and (${status}::text = 'active' or status <> 'active')`
  if (count === 0)
    throw new Error(`${tenant} has no such version of ${flow} that can be ${status}.`)
}

async function record(
  sql: TransactionSql,
  { tenant, flow, version }: VersionKey,
  actor: string,
  action: string,
  more: object = {},
): Promise<void> {
  await sql`
    insert into audit (tenant, actor, action, subject, detail)
    values (${tenant}, ${actor}, ${action}, ${`${flow} ${version}`},
      ${JSON.stringify({ flow, version, ...more })}::text::jsonb)`
}

/** One operator at a time per tenant and flow, all or nothing: requests see the one version or the other. */
function changing<T>(
  url: string,
  { tenant, flow }: Pick<VersionKey, 'tenant' | 'flow'>,
  change: (sql: TransactionSql) => Promise<T>,
): Promise<T> {
  return once(url, async (sql) => {
    const done = await sql.begin(async (sql) => {
      await sql`select pg_advisory_xact_lock(
        hashtext('redirect_verifier.policy'), hashtext(${`${flow} ${tenant}`}))`
      return { value: await change(sql) }
    })
    return done.value as T
  })
}

async function once<Row>(url: string, work: (sql: Sql) => PromiseLike<Row>): Promise<Row> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 5 })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}
