/**
 * The verifier inside this process, put together from its parts as the entry does, so that a mutant can
 * take the place of one of them. Not for measuring: it shares its event loop with the people.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { createAssess } from '../../src/verifier/assess.ts'
import { parseConfig } from '../../src/verifier/config.ts'
import { createApp } from '../../src/verifier/http/app.ts'
import { logAssessments } from '../../src/verifier/http/assessment-log.ts'
import { createNodePlatform } from '../../src/verifier/http/platform-node.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { createLog } from '../../src/verifier/log.ts'
import { createPolicies } from '../../src/verifier/policies.ts'
import { DEFAULT_SETTINGS, type Store, type Tokens } from '../../src/verifier/ports.ts'
import { createPoolStore } from '../../src/verifier/store/pool-store.ts'
import { importKeyRings } from '../../src/verifier/token/key-ring.ts'
import { createTokens } from '../../src/verifier/token/tokens.ts'

export interface Mutation {
  readonly store?: (store: Store) => Store
  readonly tokens?: (tokens: Tokens) => Tokens
}

export interface Subject {
  readonly port: number
  readonly lines: readonly string[]
  close(): Promise<void>
}

export async function serveSubject(
  env: Readonly<Record<string, string>>,
  { store: mutateStore = (store) => store, tokens: mutateTokens = (tokens) => tokens }: Mutation,
): Promise<Subject> {
  const config = parseConfig(env)
  const secrets = config.revealSecrets()
  const lines: string[] = []
  const clock = () => Math.floor(Date.now() / 1000)
  const log = createLog((line) => lines.push(line), clock)
  const tokens = mutateTokens(createTokens(config.tenants, await importKeyRings(secrets.tenants)))
  const pool = createPoolStore(secrets.databaseUrl ?? '', {
    waiting: 2000,
    waitMilliseconds: 10_000,
    lockMilliseconds: 5000,
    statementMilliseconds: 5000,
    deadlineMilliseconds: 10_000,
  })
  const store = mutateStore(pool)
  const works = new Set<Promise<unknown>>()
  const app = createApp({
    tokens,
    assess: createAssess({
      store,
      tokens,
      identifiers: createIdentifiers(secrets.identifierSecret),
      policies: createPolicies(),
      tenants: config.tenants,
      newId: randomUUID,
      defer(work) {
        const entry = work.catch(() => {}).finally(() => works.delete(entry))
        works.add(entry)
      },
      observe: logAssessments(log),
    }),
    tenants: config.tenants,
    settings: () => DEFAULT_SETTINGS,
    platform: createNodePlatform(config),
    rateLimits: { admit: () => true },
    clock,
    stopwatch: () => performance.now(),
    random: randomBytes,
    newId: randomUUID,
    log,
    publicOrigin: config.publicOrigin,
    openerPolicy: config.openerPolicy,
    ready: async () => true,
  })
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    port: (server.address() as { port: number }).port,
    lines,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((closed) => server.close(() => closed()))
      await Promise.all(works)
      await pool.close()
    },
  }
}
