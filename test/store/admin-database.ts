/** A database of its own, and the operator's store on it under the role that db/grants.sql gives it. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll } from 'vitest'
import type { Decision } from '../../src/verifier/domain/decision.ts'
import type { Opening } from '../../src/verifier/ports.ts'
import type { Actor } from '../../src/verifier/ports-admin.ts'
import type { AdminLimits } from '../../src/verifier/store/admin-connection.ts'
import { createAdminStore } from '../../src/verifier/store/admin-store.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { freshDatabase } from '../support/database.ts'
import { decisionOf, openingOf, PATIENT } from '../support/openings.ts'

export const ANN: Actor = { name: 'oidc:ann', role: 'admin' }
export const BOB: Actor = { name: 'token:ci', role: 'operator' }

/** Budgets for a machine that is busy with others. */
const UNHURRIED: Partial<AdminLimits> = {
  waitMilliseconds: 25_000,
  lockMilliseconds: 20_000,
  statementMilliseconds: 20_000,
  connectSeconds: 20,
  deadlineMilliseconds: 25_000,
}

export async function adminDatabase() {
  const database = await freshDatabase()
  const { sql, url } = database
  const prefix = `rv_${randomBytes(8).toString('hex')}_`
  const password = randomBytes(16).toString('hex')
  // Roles belong to the server, which other tests use as well: the file's names for its roles are replaced.
  const grants = readFileSync(new URL('../../db/grants.sql', import.meta.url), 'utf8')
  await sql.unsafe(grants.replaceAll('redirect_verifier_', prefix))
  await sql.unsafe(`create role ${prefix}login login password '${password}' in role ${prefix}admin`)
  const adminUrl = new URL(url)
  adminUrl.username = `${prefix}login`
  adminUrl.password = password
  const admin = createAdminStore(adminUrl.href, UNHURRIED)
  const store = createPoolStore(url, { ...PATIENT, connections: 2 })
  afterAll(async () => {
    await admin.close()
    await store.close()
    await sql.unsafe(`
      drop role ${prefix}login; drop owned by ${prefix}app, ${prefix}admin;
      drop role ${prefix}app, ${prefix}admin`)
  })

  /** A verification that was opened and settled. */
  async function verify(
    name: string,
    decision: Partial<Decision> = {},
    changes: Partial<Opening> = {},
  ) {
    const opened = await store.open(openingOf(name, changes))
    if (opened.kind !== 'opened') throw new Error(opened.kind)
    await store.settle({ ...opened.assessment, decision: decisionOf(decision) })
    return opened.assessment
  }

  /** The audit without times, oldest first. */
  const audit = async (tenant: string) => [
    ...(await sql`
      select actor, action, subject, detail from audit where tenant = ${tenant} order by id`),
  ]
  return { ...database, adminUrl: adminUrl.href, admin, store, verify, audit }
}
