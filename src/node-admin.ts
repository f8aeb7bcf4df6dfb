/**
 * The operator's part on Node. Loaded only where it is configured: a process without it holds nothing
 * of it.
 */
import { fetchLocally } from './node-localhost.ts'
import { createAdminApp } from './verifier/admin/app.ts'
import { createPeople } from './verifier/admin/people.ts'
import type { Config } from './verifier/config.ts'
import { createNodePlatform } from './verifier/http/platform-node.ts'
import type { Log } from './verifier/log.ts'
import type { Clock, Identifiers, TenantSettings } from './verifier/ports.ts'
import { createAdminStore } from './verifier/store/admin-store.ts'
import { createAccessTokens } from './verifier/token/access-token.ts'

export interface NodeAdminParts {
  readonly config: Config
  readonly settings: (tenantId: string) => TenantSettings
  readonly identifiers: Identifiers
  readonly clock: Clock
  readonly stopwatch: () => number
  readonly random: (bytes: number) => Uint8Array
  readonly newId: () => string
  readonly log: Log
  /** See `AdminDeps`. */
  readonly notice?: string
}

export interface NodeAdmin {
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>
  /** Lets statements under way finish. */
  readonly close: () => Promise<void>
}

export function createNodeAdmin({ config, ...parts }: NodeAdminParts): NodeAdmin {
  const { admin: secrets = {} } = config.revealSecrets()
  if (secrets.databaseUrl === undefined) throw new Error('an operator’s part without a database')
  const store = createAdminStore(secrets.databaseUrl)
  const platform = createNodePlatform(config)
  const app = createAdminApp({
    ...parts,
    ...createPeople({
      ...parts,
      config: config.admin ?? {},
      secrets,
      fetch: fetchLocally,
      createAccessTokens,
    }),
    store,
    tenants: config.tenants,
    publicOrigin: config.publicOrigin,
    clientAddress: (c) => platform.readPlace(c).address,
  })
  return { fetch: (request, env) => app.fetch(request, env as object), close: store.close }
}
