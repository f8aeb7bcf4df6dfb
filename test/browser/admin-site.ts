/**
 * The operator's pages on a site of their own, as an entry would mount them: the real gate, the real
 * store, and a tenant with a made-up past beside others with little or none. Nobody signs in here: the
 * session is put into the store, and its cookie is what a test gives the browser.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { getRequestListener } from '@hono/node-server'
import type { BrowserContext } from 'playwright-core'
import { writePast } from '../../db/demo-past.ts'
import { activatePolicy, shadowPolicy } from '../../db/policies.ts'
import { watchedVersion } from '../../src/cli/demo-admin.ts'
import { demoPast, type PastRecord } from '../../src/cli/demo-past.ts'
import type { AdminApp, AdminDeps } from '../../src/verifier/admin/admin-deps.ts'
import { createAdminApp } from '../../src/verifier/admin/app.ts'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { DEFAULT_SETTINGS } from '../../src/verifier/ports.ts'
import type { Actor, Role } from '../../src/verifier/ports-admin.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { createAdminStore, type PoolAdminStore } from '../../src/verifier/store/admin-store.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { ACME } from '../support/app.ts'
import { openingOf } from '../support/openings.ts'
import {
  type Condition,
  conditionsOf,
  createGate,
  type Gate,
  ROLELESS,
} from './admin-conditions.ts'
import type { OpenSite, Site } from './open-site.ts'

export interface AdminSite {
  readonly site: Site
  /** The one with a past. */
  readonly tenant: string
  /** With one record that is still open, and a version of another build. */
  readonly sparse: { readonly tenant: string; readonly record: string; readonly foreign: string }
  /** With nothing at all. */
  readonly empty: string
  readonly store: PoolAdminStore
  readonly past: readonly PastRecord[]
  /** Holds backtests under the condition `judging`. */
  readonly gate: Gate
  /** Does that while the operators' part is in this condition. */
  during(condition: Condition, work: () => Promise<unknown>): Promise<void>
  /** Puts a session of that role into the store, and its cookie into the browser. */
  signIn(context: BrowserContext, role: Role): Promise<void>
  close(): Promise<void>
}

export const INSTALLER: Actor = { name: 'cli:installer', role: 'admin' }

/** A migrated, empty database is filled and served. */
export async function openAdminSite(serve: OpenSite, databaseUrl: string): Promise<AdminSite> {
  const tenant = ACME.id
  const [reset, login] = defaultPolicies('enforce') as [PolicyDocument, PolicyDocument]
  const watched = watchedVersion(reset)
  await activatePolicy(databaseUrl, tenant, reset)
  await activatePolicy(databaseUrl, tenant, login)
  await shadowPolicy(databaseUrl, tenant, watched)
  const past = demoPast({
    now: Math.floor(Date.now() / 1000),
    policies: { password_reset: compilePolicy(reset), login: compilePolicy(login) },
    shadows: [compilePolicy(watched)],
  })
  await writePast(databaseUrl, tenant, past)
  const store = createAdminStore(databaseUrl)
  const put = { note: 'travel agency, until the contract ends', expiresInSeconds: 30 * 86_400 }
  await store.putEntry(tenant, { kind: 'asn', value: '64511', action: 'deny', ...put }, INSTALLER)
  await store.putEntry(
    tenant,
    { kind: 'country', value: 'NL', action: 'allow', note: 'office' },
    INSTALLER,
  )

  const sparse = await fillSparse(databaseUrl, reset, login, store)

  let answer: ReturnType<typeof getRequestListener> = async () => {}
  const site = await serve('verify', (request, response) => void answer(request, response))
  const deps: AdminDeps = {
    store,
    tenants: new Map([tenant, sparse.tenant, EMPTY].map((id) => [id, { ...ACME, id }])),
    settings: () => ({ ...DEFAULT_SETTINGS, name: 'Acme' }),
    identifiers: createIdentifiers(randomBytes(32).toString('base64url')),
    signIn: ROLELESS,
    sessionSecret: randomBytes(32).toString('base64url'),
    clock: () => Math.floor(Date.now() / 1000),
    random: (bytes) => randomBytes(bytes),
    newId: randomUUID,
    log: () => {},
    publicOrigin: site.origin,
  }
  const { signIn: _, ...withoutProvider } = deps
  const gate = createGate()
  const apps = new Map<Condition, AdminApp>([
    ['well', createAdminApp(deps)],
    ['no_provider', createAdminApp(withoutProvider)],
  ])
  for (const [condition, otherwise] of Object.entries(conditionsOf(store, gate)))
    apps.set(condition as Condition, createAdminApp({ ...deps, ...otherwise }))
  const enter = (condition: Condition) => {
    answer = getRequestListener((apps.get(condition) as AdminApp).fetch)
  }
  enter('well')
  return {
    site,
    tenant,
    sparse,
    empty: EMPTY,
    store,
    past,
    gate,
    during: async (condition, work) => {
      enter(condition)
      try {
        await work()
      } finally {
        enter('well')
      }
    },
    signIn: async (context, role) => {
      const value = randomBytes(32).toString('base64url')
      await store.addSession({
        hash: createHash('sha256').update(value).digest('hex'),
        actor: { name: `oidc:ada-${role}`, role },
        displayName: 'Ada Lovelace',
        seconds: 3600,
      })
      await context.addCookies([
        { name: 'rv_admin', value, url: site.origin, httpOnly: true, sameSite: 'Lax' },
      ])
    },
    close: () => store.close(),
  }
}

const SPARSE = 'globex'
const EMPTY = 'initech'

async function fillSparse(
  databaseUrl: string,
  reset: PolicyDocument,
  login: PolicyDocument,
  store: PoolAdminStore,
): Promise<AdminSite['sparse']> {
  await activatePolicy(databaseUrl, SPARSE, reset)
  const foreign = { ...login, member: 'of a later build' }
  await store.addPolicy(SPARSE, foreign, 'draft', INSTALLER)
  const verifier = createPoolStore(databaseUrl)
  try {
    const opening = openingOf('open', { tenantId: SPARSE })
    const { kind } = await verifier.open(opening)
    if (kind !== 'opened') throw new Error(`no record was opened: ${kind}`)
    return {
      tenant: SPARSE,
      record: opening.assessmentId,
      foreign: `${foreign.flow}/${foreign.version}`,
    }
  } finally {
    await verifier.close()
  }
}
