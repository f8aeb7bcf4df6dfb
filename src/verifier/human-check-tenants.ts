/** Each tenant's human check as configured; tenants without one are absent. */
import { ConfigError } from './config.ts'
import type { TenantSecrets } from './config-secrets.ts'
import type { HumanCheck } from './human-check.ts'
import { createTurnstileCheck } from './human-check-turnstile.ts'
import { createWorkCheck } from './human-check-work.ts'
import type { Tenant } from './ports.ts'

export interface HumanCheckDeps {
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly secrets: ReadonlyMap<string, TenantSecrets>
  /** The service's own, of which a key is derived. */
  readonly serviceSecret: string
  readonly publicOrigin: string
  readonly random: (bytes: number) => Uint8Array
  readonly fetch: typeof fetch
  /** In place of Cloudflare's, for tests. */
  readonly siteverify?: string
}

/** Throws `ConfigError` where Turnstile has no secret: nothing it says could be checked. */
export function createHumanChecks(deps: HumanCheckDeps): ReadonlyMap<string, HumanCheck> {
  const faults: string[] = []
  const checks = new Map<string, HumanCheck>()
  for (const { id, humanCheck } of deps.tenants.values()) {
    if (humanCheck?.kind === 'proof_of_work') {
      const { serviceSecret: secret, random } = deps
      checks.set(id, createWorkCheck({ work: humanCheck.work, secret, random }))
    }
    if (humanCheck?.kind === 'turnstile') {
      const secret = deps.secrets.get(id)?.turnstile
      if (secret === undefined) {
        faults.push(`RV_SECRETS.${id}.turnstile must be given: RV_TENANTS asks for turnstile`)
        continue
      }
      checks.set(
        id,
        createTurnstileCheck({
          siteKey: humanCheck.siteKey,
          secret,
          hostname: new URL(deps.publicOrigin).hostname,
          fetch: deps.fetch,
          ...(deps.siteverify === undefined ? {} : { siteverify: deps.siteverify }),
        }),
      )
    }
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return checks
}
