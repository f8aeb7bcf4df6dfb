/**
 * Where faults happen: a durable PostgreSQL of our own, a proxy in front of it, a verifier process with
 * the rights that production gives it, and the tenant. Nothing here is shared with other tests.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import postgres, { type Sql } from 'postgres'
import { type EmbeddedPostgres, startPostgres } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { seed } from '../../db/seed.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { type Balancer, createBalancer } from './balancer.ts'
import type { Expectation } from './checker.ts'
import { createFaultProxy, type FaultProxy } from './fault-proxy.ts'
import type { Tables } from './history.ts'
import {
  CONTINUE_ORIGIN,
  createStandIn,
  DENIED_CLIENT,
  HOST,
  type StandIn,
  secretPattern,
  TENANT,
} from './tenant.ts'
import { startVerifier, type VerifierProcess } from './verifier-process.ts'

export interface Secrets {
  readonly session: readonly string[]
  readonly continue: readonly string[]
  readonly identifier: string
}

export interface Stage {
  readonly tenant: StandIn
  readonly proxy: FaultProxy
  /** Where people go. */
  readonly front: Balancer
  readonly secrets: Secrets
  readonly dice: () => number
  /** Everything that any verifier of this stage wrote. */
  readonly lines: string[]
  readonly expected: Expectation
  readonly publicOrigin: string
  /** The server's processes, postmaster first. */
  pids(): readonly number[]
  /** As the superuser, past the proxy; a connection of its own for each call. */
  asOwner<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>
  ownerUrl(): string
  /** What the verifier connects with, through the proxy. */
  readonly roleUrl: string
  /** At once, as a power cut would. */
  killServer(): Promise<void>
  /** In order, sessions being ended. */
  stopServer(): Promise<void>
  /** On the same port and data. */
  startServer(): Promise<void>
  verifier(): VerifierProcess
  /** Another process beside it, to which nobody is sent yet; stopped with the stage. */
  startVerifier(env?: Readonly<Record<string, string>>): Promise<VerifierProcess>
  /** Sends people to this one instead of the one that `verifier` answers, and answers it from now on. */
  replaceVerifier(next: VerifierProcess): void
  tables(): Promise<Tables>
  close(): Promise<void>
}

export interface StageOptions {
  /** Server settings. */
  readonly settings?: Readonly<Record<string, string>>
  readonly dice: () => number
}

/** The deadline of a whole verification, and room for a machine that is busy with everything at once. */
const ANSWERED_WITHIN_MILLISECONDS = 5000
const GRANTS = new URL('../../db/grants.sql', import.meta.url)
export const newSecret = () => randomBytes(32).toString('base64url')

export async function openStage({ settings = {}, dice }: StageOptions): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'rv-faults-'))
  const owner = { password: randomBytes(16).toString('hex'), directory, durable: true, settings }
  const role = { name: 'verifier', password: randomBytes(16).toString('hex') }
  const secrets: Secrets = {
    session: [newSecret()],
    continue: [newSecret()],
    identifier: newSecret(),
  }
  const lines: string[] = []
  const verifiers: VerifierProcess[] = []
  let server: EmbeddedPostgres = await startPostgres(owner)
  const ownerUrl = () => server.url('postgres')

  const asOwner: Stage['asOwner'] = async (work) => {
    const sql = postgres(ownerUrl(), { max: 1, fetch_types: false, onnotice: () => {} })
    try {
      return await work(sql)
    } finally {
      await sql.end({ timeout: 1 })
    }
  }
  await migrate(ownerUrl())
  await seed(ownerUrl(), [
    { id: TENANT, settings: { name: 'Acme Bank' }, policies: defaultPolicies('enforce') },
  ])
  await asOwner(async (sql) => {
    await sql.unsafe(readFileSync(GRANTS, 'utf8'))
    await sql.unsafe(
      `create role ${role.name} login password '${role.password}' in role redirect_verifier_app`,
    )
    await sql`
      insert into entity_list (tenant, kind, value, action)
      values (${TENANT}, 'client', ${DENIED_CLIENT}, 'deny')`
  })
  const proxy = await createFaultProxy({ host: '127.0.0.1', port: () => server.port }, dice)
  const publicOrigin = 'http://verify.localhost:8400'
  const roleUrl = new URL(proxy.url(ownerUrl()))
  roleUrl.username = role.name
  roleUrl.password = role.password

  const start: Stage['startVerifier'] = async (env = {}) => {
    const verifier = await startVerifier(
      {
        DATABASE_URL: roleUrl.href,
        RV_TENANTS: JSON.stringify([{ id: TENANT, hosts: [HOST] }]),
        RV_SECRETS: JSON.stringify({
          [TENANT]: { session: secrets.session, continue: secrets.continue },
        }),
        RV_IDENTIFIER_SECRET: secrets.identifier,
        RV_PUBLIC_ORIGIN: publicOrigin,
        RV_CLIENT_ADDRESS: 'forwarded:127.0.0.0/8',
        RV_PORT: '0',
        ...env,
      },
      lines,
    )
    verifiers.push(verifier)
    return verifier
  }
  const front = await createBalancer()
  let current = await start()
  front.add(current.port)
  const identifiers = createIdentifiers(secrets.identifier)

  return {
    tenant: createStandIn({ session: secrets.session[0] as string, continue: secrets.continue }),
    proxy,
    front,
    secrets,
    dice,
    lines,
    publicOrigin,
    expected: {
      hash: (purpose, value) =>
        identifiers.digest(purpose, TENANT, purpose === 'token' ? `jti:${value}` : value),
      continueOrigin: CONTINUE_ORIGIN,
      deadline: ANSWERED_WITHIN_MILLISECONDS,
      secret: secretPattern([...secrets.session, ...secrets.continue, secrets.identifier]),
    },
    pids: () => server.pids(),
    asOwner,
    ownerUrl,
    roleUrl: roleUrl.href,
    async killServer() {
      for (const pid of server.pids()) process.kill(pid, 'SIGKILL')
      await server.stop()
    },
    stopServer: () => server.stop(),
    async startServer() {
      for (let attempt = 1; ; attempt += 1) {
        try {
          server = await startPostgres({ ...owner, port: server.port })
          return
        } catch (error) {
          // A killed server's memory is given back a moment after its processes are gone.
          if (attempt === 20) throw error
          await delay(100)
        }
      }
    },
    verifier: () => current,
    startVerifier: start,
    replaceVerifier(next) {
      front.add(next.port)
      if (next.port !== current.port) front.remove(current.port)
      current = next
    },
    tables: () => asOwner(readTables),
    async close() {
      await front.close()
      await Promise.all(verifiers.map((verifier) => verifier.stop()))
      await proxy.close()
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export async function readTables(sql: Sql): Promise<Tables> {
  const redemptions = await sql<Tables['redemptions'][number][]>`
    select encode(token_key, 'hex') as token_key, encode(state_hash, 'hex') as state_hash,
      encode(subject_hash, 'hex') as subject_hash, assessment_id
    from redemption`
  const claims = await sql<Tables['claims'][number][]>`
    select encode(state_hash, 'hex') as state_hash, encode(token_key, 'hex') as token_key
    from state_claim`
  const assessments = await sql<Tables['assessments'][number][]>`
    select id, outcome from assessment`
  return { redemptions, claims, assessments }
}
