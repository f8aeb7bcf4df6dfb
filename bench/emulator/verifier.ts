/** The verifier in this process without a port of its own, over whichever store is to be measured. */
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { OriginFetch } from '../../src/emulator/index.ts'
import { createAssess } from '../../src/verifier/assess.ts'
import { parseConfig } from '../../src/verifier/config.ts'
import { createApp } from '../../src/verifier/http/app.ts'
import { createPending } from '../../src/verifier/http/background.ts'
import { createNodePlatform } from '../../src/verifier/http/platform-node.ts'
import { createRateLimits } from '../../src/verifier/http/rate-limits.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { createLog } from '../../src/verifier/log.ts'
import { createPolicies } from '../../src/verifier/policies.ts'
import { DEFAULT_SETTINGS, type Store } from '../../src/verifier/ports.ts'
import { importKeyRings } from '../../src/verifier/token/key-ring.ts'
import { createTokens } from '../../src/verifier/token/tokens.ts'

export const TENANT = 'bench'

export interface Verifier {
  /** `http://verify.localhost:PORT`: routed to `fetch`; the port itself answers /readyz alone. */
  readonly origin: string
  readonly fetch: OriginFetch
  readonly secrets: { readonly session: string; readonly continue: string }
  /** When every decision is written back. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Actions ask for readiness over a real socket, once in half a minute. */
export async function startReadiness() {
  const server = createServer((_, response) => response.end('ready'))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  return {
    origin: `http://verify.localhost:${port}`,
    close: () => new Promise<void>((closed) => server.close(() => closed())),
  }
}

export async function startVerifier(store: Store, tenantOrigin: string): Promise<Verifier> {
  const readiness = await startReadiness()
  const secret = () => randomBytes(32).toString('base64url')
  const secrets = { session: secret(), continue: secret() }
  const config = parseConfig({
    RV_TENANTS: JSON.stringify([
      { id: TENANT, hosts: [{ host: 'tenant.localhost', continue_origin: tenantOrigin }] },
    ]),
    RV_SECRETS: JSON.stringify({
      [TENANT]: { session: [secrets.session], continue: [secrets.continue] },
    }),
    RV_IDENTIFIER_SECRET: secret(),
    RV_PUBLIC_ORIGIN: readiness.origin,
    RV_CLIENT_ADDRESS: 'forwarded:127.0.0.0/8',
  })
  const clock = () => Math.floor(Date.now() / 1000)
  const log = createLog(() => {}, clock)
  const revealed = config.revealSecrets()
  const tokens = createTokens(config.tenants, await importKeyRings(revealed.tenants))
  const pending = createPending(log, 'settle')
  const app = createApp({
    tokens,
    assess: createAssess({
      store,
      tokens,
      identifiers: createIdentifiers(revealed.identifierSecret),
      policies: createPolicies(),
      tenants: config.tenants,
      newId: randomUUID,
      defer: pending.add,
      observe: () => {},
    }),
    tenants: config.tenants,
    settings: () => DEFAULT_SETTINGS,
    platform: createNodePlatform(config),
    rateLimits: createRateLimits(() => performance.now()),
    clock,
    stopwatch: () => performance.now(),
    random: randomBytes,
    newId: randomUUID,
    log,
    publicOrigin: readiness.origin,
    ready: async () => true,
  })
  const proxied = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }
  return {
    origin: readiness.origin,
    fetch: (request) => app.fetch(request, proxied),
    secrets,
    settled: () => pending.settled(),
    close: readiness.close,
  }
}
