/**
 * Policy versions as an operator handles them: what there is, adding one, making it the active one or
 * watching it as a shadow. Bodies are immutable and every change of a version's part is audited. Nothing
 * is validated here: the caller parsed the document. Not on the request path.
 *
 * A change that does not apply is answered, not thrown, and leaves no line in the audit.
 */
import type { Sql, TransactionSql } from 'postgres'
import type { PolicyDocument } from '../src/verifier/domain/policy.ts'
import type {
  PolicyKey,
  PolicyStatus,
  PolicyVersion,
} from '../src/verifier/domain/policy-version.ts'

const columns = (sql: Sql) => sql`
  tenant, id, flow, version, status,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at, body`

/** Of one tenant, or of all; by tenant, flow and falling version. */
export const readVersions = (sql: Sql, tenant?: string) => sql<PolicyVersion[]>`
  select ${columns(sql)} from policy
  ${tenant === undefined ? sql`` : sql`where tenant = ${tenant}::text`}
  order by tenant, flow, version desc`

export async function readVersion(sql: Sql, key: PolicyKey): Promise<PolicyVersion | undefined> {
  const [version] = await sql<PolicyVersion[]>`
    select ${columns(sql)} from policy where ${named(sql, key)}`
  return version
}

export interface Added {
  readonly id: number
  /** The version that was the active one before; null when there was none or another part was given. */
  readonly replaced: number | null
}

/** Stores the document as a new version with a part to play; `taken` when its number is in use. */
export const addVersion = (
  sql: Sql,
  tenant: string,
  document: PolicyDocument,
  status: Exclude<PolicyStatus, 'retired'>,
  actor: string,
): Promise<Added | 'taken'> => {
  const { flow, version } = document
  const key = { tenant, flow, version }
  return changing(sql, key, async (sql) => {
    const [row] = await sql<{ readonly id: number }[]>`
      insert into policy (tenant, flow, version, status, body)
      values (${tenant}, ${flow}, ${`${version}`}::text::integer, 'draft',
        ${JSON.stringify(document)}::text::jsonb)
      on conflict (tenant, flow, version) do nothing
      returning id`
    if (row === undefined) return 'taken'
    if (status === 'active') return { id: row.id, replaced: await activate(sql, key, actor) }
    if (status === 'shadow') await setStatus(sql, key, 'shadow')
    await record(sql, key, actor, status === 'shadow' ? 'policy.shadow' : 'policy.add')
    return { id: row.id, replaced: null }
  })
}

/**
 * Makes a stored version the active one in one step; answers the version it took the place of (null:
 * there was none), which is itself when it was active already: then nothing changed.
 */
export const activateVersion = (
  sql: Sql,
  key: PolicyKey,
  actor: string,
): Promise<{ readonly replaced: number | null } | 'absent'> =>
  changing(sql, key, async (sql) => {
    const before = await statusOf(sql, key)
    if (before === undefined) return 'absent'
    if (before === 'active') return { replaced: key.version }
    return { replaced: await activate(sql, key, actor, { from: before }) }
  })

/** Watches a stored version; `active`: it decides, so there is nothing to watch it beside. */
export const shadowVersion = (
  sql: Sql,
  key: PolicyKey,
  actor: string,
): Promise<'shadowed' | 'active' | 'absent'> =>
  changing(sql, key, async (sql) => {
    const before = await statusOf(sql, key)
    if (before === undefined) return 'absent'
    if (before === 'active') return 'active'
    if (before === 'shadow') return 'shadowed'
    await setStatus(sql, key, 'shadow')
    await record(sql, key, actor, 'policy.shadow', { from: before })
    return 'shadowed'
  })

/** Ends the watch over a shadow version; answers whether it was one. */
export const retireShadow = (sql: Sql, key: PolicyKey, actor: string): Promise<boolean> =>
  changing(sql, key, async (sql) => {
    if ((await statusOf(sql, key)) !== 'shadow') return false
    await setStatus(sql, key, 'retired')
    await record(sql, key, actor, 'policy.retire', { from: 'shadow' })
    return true
  })

async function activate(
  sql: TransactionSql,
  key: PolicyKey,
  actor: string,
  more: object = {},
): Promise<number | null> {
  const { tenant, flow } = key
  const [before] = await sql<{ readonly version: number }[]>`
    update policy set status = 'retired'
    where tenant = ${tenant} and flow = ${flow} and status = 'active'
    returning version`
  const replaced = before?.version ?? null
  await setStatus(sql, key, 'active')
  await record(sql, key, actor, 'policy.activate', { replaced, ...more })
  return replaced
}

async function statusOf(sql: TransactionSql, key: PolicyKey): Promise<PolicyStatus | undefined> {
  const [row] = await sql<{ readonly status: PolicyStatus }[]>`
    select status from policy where ${named(sql, key)}`
  return row?.status
}

const setStatus = (sql: TransactionSql, key: PolicyKey, status: PolicyStatus) =>
  sql`update policy set status = ${status} where ${named(sql, key)}`

const named = (sql: Sql | TransactionSql, { tenant, flow, version }: PolicyKey) =>
  sql`tenant = ${tenant} and flow = ${flow} and version = ${`${version}`}::text::integer`

const record = (
  sql: TransactionSql,
  { tenant, flow, version }: PolicyKey,
  actor: string,
  action: string,
  more: object = {},
) => sql`
  insert into audit (tenant, actor, action, subject, detail)
  values (${tenant}, ${actor}, ${action}, ${`${flow} ${version}`},
    ${JSON.stringify({ flow, version, ...more })}::text::jsonb)`

/** One operator at a time per tenant and flow, all or nothing: requests see the one version or the other. */
async function changing<Result>(
  sql: Sql,
  { tenant, flow }: PolicyKey,
  change: (sql: TransactionSql) => Promise<Result>,
): Promise<Result> {
  const done = await sql.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(
      hashtext('redirect_verifier.policy'), hashtext(${`${flow} ${tenant}`}))`
    return { value: await change(sql) }
  })
  return done.value as Result
}
