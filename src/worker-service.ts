/** What the configuration of a Worker is made into, once per isolate: keys, identifiers, checks. */
import { type Config, ConfigError, parseConfig } from './verifier/config.ts'
import { logFailure } from './verifier/http/background.ts'
import type { HumanCheck } from './verifier/human-check.ts'
import { createHumanChecks } from './verifier/human-check-tenants.ts'
import { createIdentifiers } from './verifier/identifiers.ts'
import type { Log } from './verifier/log.ts'
import type { Identifiers, Tokens } from './verifier/ports.ts'
import { importKeyRings } from './verifier/token/key-ring.ts'
import { createTokens } from './verifier/token/tokens.ts'

/** Variables and secrets are text; `HYPERDRIVE` is the binding of wrangler.toml. */
export interface Env extends Readonly<Record<string, unknown>> {
  readonly HYPERDRIVE: { readonly connectionString: string }
  /** Of the operator's part, under its own role; absent: there is no such part, or its URL is a secret. */
  readonly HYPERDRIVE_ADMIN?: { readonly connectionString: string }
}

export interface Service {
  readonly config: Config
  readonly tokens: Tokens
  readonly identifiers: Identifiers
  readonly streamTokens: ReadonlyMap<string, readonly string[]>
  readonly humanChecks: ReadonlyMap<string, HumanCheck>
}

/** Undefined: the configuration has faults, which the platform's log tells. */
export async function makeService(
  env: Env,
  random: (bytes: number) => Uint8Array<ArrayBuffer>,
  log: Log,
): Promise<Service | undefined> {
  try {
    const config = parseConfig(env)
    const secrets = config.revealSecrets()
    const service = {
      config,
      tokens: createTokens(config.tenants, await importKeyRings(secrets.tenants)),
      identifiers: createIdentifiers(secrets.identifierSecret, secrets.previousIdentifierSecret),
      streamTokens: secrets.streamTokens,
      humanChecks: createHumanChecks({
        tenants: config.tenants,
        secrets: secrets.tenants,
        serviceSecret: secrets.identifierSecret,
        publicOrigin: config.publicOrigin,
        random,
        // Bare `fetch` refuses to be called as anything's method here.
        fetch: (input, init) => fetch(input, init),
      }),
    }
    log('starting', {
      runtime: 'workers',
      tenants: config.tenants.size,
      warnings: config.warnings.length,
    })
    return service
  } catch (error) {
    logFailure(log, 'config', error)
    // Names variables, never values: the operator reads it in the platform's log.
    if (error instanceof ConfigError) console.error(error.message)
    return undefined
  }
}
