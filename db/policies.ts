/** Policy versions for commands and arrangements that hold a URL: a connection for each call, ended after it. */
import postgres, { type Sql } from 'postgres'
import type { PolicyDocument } from '../src/verifier/domain/policy.ts'
import type { PolicyKey, PolicyVersion } from '../src/verifier/domain/policy-version.ts'
import * as versions from './policy-versions.ts'

/** All versions of one tenant, or of all; by tenant, flow and falling version. */
export const listPolicies = (url: string, tenant?: string): Promise<readonly PolicyVersion[]> =>
  once(url, (sql) => versions.readVersions(sql, tenant))

/**
 * Stores the document as a new version and makes it the active one of its tenant and flow; the one
 * before is retired and kept. Returns the new version's id. Fails when that version number is taken.
 */
export const activatePolicy = (
  url: string,
  tenant: string,
  document: PolicyDocument,
  actor = 'installer',
): Promise<number> => add(url, tenant, document, 'active', actor)

/** The same for a version that is watched: it is evaluated beside the active one and answers nobody. */
export const shadowPolicy = (
  url: string,
  tenant: string,
  document: PolicyDocument,
  actor = 'installer',
): Promise<number> => add(url, tenant, document, 'shadow', actor)

async function add(
  url: string,
  tenant: string,
  document: PolicyDocument,
  status: 'active' | 'shadow',
  actor: string,
): Promise<number> {
  const added = await once(url, (sql) => versions.addVersion(sql, tenant, document, status, actor))
  if (added !== 'taken') return added.id
  throw new Error(`${tenant} has a version ${document.version} of ${document.flow} already.`)
}

/** Makes a stored version the active one; answers the version it took the place of. */
export async function activateVersion(
  url: string,
  key: PolicyKey,
  actor: string,
): Promise<number | null> {
  const done = await once(url, (sql) => versions.activateVersion(sql, key, actor))
  if (done === 'absent')
    throw new Error(`${key.tenant} has no version ${key.version} of ${key.flow}.`)
  return done.replaced
}

/** Watches a stored version that is not the active one. */
export async function shadowVersion(url: string, key: PolicyKey, actor: string): Promise<void> {
  const done = await once(url, (sql) => versions.shadowVersion(sql, key, actor))
  if (done !== 'shadowed') {
    throw new Error(`${key.tenant} has no version ${key.version} of ${key.flow} to watch: ${done}.`)
  }
}

/** Ends the watch over a shadow version; answers whether it was one. */
export const retireShadow = (url: string, key: PolicyKey, actor: string): Promise<boolean> =>
  once(url, (sql) => versions.retireShadow(sql, key, actor))

async function once<Row>(url: string, work: (sql: Sql) => PromiseLike<Row>): Promise<Row> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 5 })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}
