/**
 * The operator's part on Workers: what an isolate keeps of it, and an application for each request on a
 * connection of its own. Evaluated only where it is configured.
 */
import { createAdminApp } from './verifier/admin/app.ts'
import { createAdminAttempts } from './verifier/admin/attempts.ts'
import { createPeople } from './verifier/admin/people.ts'
import type { Config } from './verifier/config.ts'
import { workersPlatform } from './verifier/http/platform-workers.ts'
import type { Log } from './verifier/log.ts'
import type { Clock, Identifiers, TenantSettings } from './verifier/ports.ts'
import { createRequestAdminStore } from './verifier/store/admin-store.ts'
import { createAccessTokens } from './verifier/token/access-token.ts'

export interface WorkerAdminParts {
  readonly config: Config
  readonly settings: (tenantId: string) => TenantSettings
  readonly identifiers: Identifiers
  readonly clock: Clock
  readonly stopwatch: () => number
  readonly random: (bytes: number) => Uint8Array
  readonly newId: () => string
  readonly log: Log
}

/** A request has the memory of one isolate and seconds of computing. */
const BACKTEST_LIMITS = { records: 20_000, seconds: 20 }

/** `binding`: Hyperdrive's connection; without one the configured URL is used. */
export type WorkerAdmin = (request: Request, binding: string | undefined) => Promise<Response>

export function createWorkerAdmin({ config, ...parts }: WorkerAdminParts): WorkerAdmin {
  const { admin: secrets = {} } = config.revealSecrets()
  const people = createPeople({
    ...parts,
    config: config.admin ?? {},
    secrets,
    // Bare `fetch` refuses to be called as anything's method here.
    fetch: (url, init) => fetch(url, init),
    createAccessTokens,
  })
  const attempts = createAdminAttempts(parts.stopwatch)
  return async (request, binding) => {
    const url = binding ?? secrets.databaseUrl
    if (url === undefined) throw new Error('an operator’s part without a database')
    const app = createAdminApp({
      ...parts,
      ...people,
      store: createRequestAdminStore(url),
      tenants: config.tenants,
      attempts,
      publicOrigin: config.publicOrigin,
      clientAddress: (c) => workersPlatform.readPlace(c).address,
      backtestLimits: BACKTEST_LIMITS,
    })
    return await app.fetch(request)
  }
}
