/**
 * The operator's pages on a site of their own, as an entry would mount them: the real gate, the real
 * store, and a tenant with a made-up past. Nobody signs in here: the session is put into the store, and
 * its cookie is what a test gives the browser.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { getRequestListener } from '@hono/node-server'
import type { BrowserContext } from 'playwright-core'
import { writePast } from '../../db/demo-past.ts'
import { activatePolicy, shadowPolicy } from '../../db/policies.ts'
import { watchedVersion } from '../../src/cli/demo-admin.ts'
import { demoPast, type PastRecord } from '../../src/cli/demo-past.ts'
import { createAdminApp } from '../../src/verifier/admin/app.ts'
import { createAdminPages } from '../../src/verifier/admin/pages/app.tsx'
import { compilePolicy } from '../../src/verifier/domain/compile.ts'
import type { PolicyDocument } from '../../src/verifier/domain/policy.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { DEFAULT_SETTINGS } from '../../src/verifier/ports.ts'
import type { Actor, Role } from '../../src/verifier/ports-admin.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { createAdminStore, type PoolAdminStore } from '../../src/verifier/store/admin-store.ts'
import { ACME } from '../support/app.ts'
import type { OpenSite, Site } from './open-site.ts'

export interface AdminSite {
  readonly site: Site
  readonly tenant: string
  readonly store: PoolAdminStore
  readonly past: readonly PastRecord[]
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

  let answer: ReturnType<typeof getRequestListener> = async () => {}
  const site = await serve('verify', (request, response) => void answer(request, response))
  const app = createAdminApp(
    {
      store,
      tenants: new Map([[tenant, ACME]]),
      settings: () => ({ ...DEFAULT_SETTINGS, name: 'Acme' }),
      identifiers: createIdentifiers(randomBytes(32).toString('base64url')),
      sessionSecret: randomBytes(32).toString('base64url'),
      clock: () => Math.floor(Date.now() / 1000),
      random: (bytes) => randomBytes(bytes),
      newId: randomUUID,
      log: () => {},
      publicOrigin: site.origin,
    },
    createAdminPages,
  )
  answer = getRequestListener(app.fetch)
  return {
    site,
    tenant,
    store,
    past,
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
