/**
 * Services that break a promise on purpose. The checker is worth what it catches of them: each lives
 * here alone and nowhere in the product.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import postgres, { type Sql } from 'postgres'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import type { Opened, Opening, Store, Tokens } from '../../src/verifier/ports.ts'
import { check, type Finding, type Invariant } from './checker.ts'
import type { Evidence } from './history.ts'
import { createClient } from './http-client.ts'
import { createCrowd, newBrowser } from './people.ts'
import { runRow } from './row.ts'
import { rowNamed } from './rows.ts'
import { newSecret, readTables, type Stage } from './stage.ts'
import { type Mutation, serveSubject } from './subject.ts'
import { CONTINUE_ORIGIN, createStandIn, HOST, secretPattern, spellings, TENANT } from './tenant.ts'

export interface Mutant {
  readonly name: string
  /** What the checker must find at least. */
  readonly breaks: Invariant
  /** Absent: the service as it is, over a server that does not keep its word. */
  readonly mutate?: (sql: Sql) => Mutation
}

const PEOPLE = 15
const PUBLIC_ORIGIN = 'http://verify.localhost:8400'

/** The original, which must be caught at nothing. */
export const ORIGINAL: Mutant = { name: 'none', breaks: 'I1', mutate: () => ({}) }

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'selects before it inserts',
    breaks: 'I2',
    mutate: (sql) => ({ store: (store) => selectThenInsert(store, sql) }),
  },
  {
    name: 'keys replays by the text of the token',
    breaks: 'I2',
    mutate: () => ({ tokens: keyedByText }),
  },
  {
    name: 'answers a repeat to any browser',
    breaks: 'I3',
    mutate: () => ({ store: unbound }),
  },
  { name: 'does not wait for the log (synchronous_commit = off)', breaks: 'I1' },
]

/**
 * Which invariants the checker found broken. Leaves rows behind that no service would write, and
 * settings that no server should have: a stage's last act.
 */
export const runMutant = (mutant: Mutant, stage: Stage): Promise<readonly Invariant[]> =>
  mutant.mutate === undefined ? forgetful(stage) : judgeMutant(mutant, stage.ownerUrl(), stage.dice)

/** Over a migrated and seeded database. */
export async function judgeMutant(
  { mutate = () => ({}) }: Mutant,
  databaseUrl: string,
  dice: () => number,
): Promise<readonly Invariant[]> {
  const secrets = { session: newSecret(), continue: newSecret(), identifier: newSecret() }
  const sql = postgres(databaseUrl, { max: 20, fetch_types: false, onnotice: () => {} })
  const subject = await serveSubject(
    {
      DATABASE_URL: databaseUrl,
      RV_TENANTS: JSON.stringify([{ id: TENANT, hosts: [HOST] }]),
      RV_SECRETS: JSON.stringify({
        [TENANT]: { session: [secrets.session], continue: [secrets.continue] },
      }),
      RV_IDENTIFIER_SECRET: secrets.identifier,
      RV_PUBLIC_ORIGIN: PUBLIC_ORIGIN,
      RV_CLIENT_ADDRESS: 'forwarded:127.0.0.0/8',
    },
    mutate(sql),
  )
  const client = createClient({ port: subject.port, publicOrigin: PUBLIC_ORIGIN })
  const tenant = createStandIn({ session: secrets.session, continue: [secrets.continue] })
  const crowd = createCrowd(client, tenant, dice)
  try {
    for (let person = 0; person < PEOPLE; person += 1) {
      const transaction = tenant.begin()
      const browser = newBrowser()
      await Promise.all(Array.from({ length: 4 }, () => crowd.act('double', transaction, browser)))
      await crowd.act('stolen', transaction, newBrowser())
      const [token = ''] = spellings(transaction.token)
      await crowd.act('other text', transaction, browser, { token, state: tenant.begin().state })
    }
    const identifiers = createIdentifiers(secrets.identifier)
    // The last decisions are written back after their answers.
    await delay(200)
    const evidence: Evidence = {
      operations: crowd.operations,
      continued: tenant.continued,
      tables: await readTables(sql),
      log: subject.lines,
    }
    const findings = check(evidence, {
      hash: (purpose, value) =>
        identifiers.digest(purpose, TENANT, purpose === 'token' ? `jti:${value}` : value),
      continueOrigin: CONTINUE_ORIGIN,
      deadline: 20_000,
      secret: secretPattern(Object.values(secrets)),
    })
    return invariantsOf(findings)
  } finally {
    client.close()
    await subject.close()
    await sql.end()
  }
}

/** The whole verifier over a server that says committed before it is, killed under load. */
async function forgetful(stage: Stage): Promise<readonly Invariant[]> {
  await stage.asOwner(async (sql) => {
    await sql`alter system set wal_writer_delay = '10s'`
    await sql`select pg_reload_conf()`
    await sql`alter role verifier set synchronous_commit = off`
    // The next sessions read it.
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'redirect-verifier'`
  })
  const { findings } = await runRow(stage, rowNamed('server killed'), {
    rate: 50,
    duration: 500,
    soakMinutes: 0,
    deadline: Number.POSITIVE_INFINITY,
  })
  return invariantsOf(findings)
}

const invariantsOf = (findings: readonly Finding[]) =>
  [...new Set(findings.map(({ invariant }) => invariant))].sort()

/**
 * Looks whether the token was seen, and writes down that it was, in two statements: what is left of the
 * real one gets a key of its own each time, so that it arbitrates nothing.
 */
function selectThenInsert(store: Store, sql: Sql): Store {
  const ready = sql`
    create table if not exists seen (token_key text, binding text, opened jsonb)`.execute()
  return {
    ...store,
    async open(opening: Opening): Promise<Opened> {
      await ready
      const [seen] = await sql<{ binding: string; opened: Opened }[]>`
        select binding, opened from seen where token_key = ${opening.tokenKey} limit 1`
      if (seen) {
        return seen.binding === opening.bindingHash ? seen.opened : { kind: 'token_spent' }
      }
      const opened = await store.open({
        ...opening,
        assessmentId: randomUUID(),
        tokenKey: randomHash(),
        stateHash: randomHash(),
        knownPolicies: [],
      })
      await sql`
        insert into seen
        values (${opening.tokenKey}, ${opening.bindingHash}, ${JSON.stringify(opened)}::text::jsonb)`
      return opened
    },
  }
}

const randomHash = () => randomBytes(32).toString('hex')

/** Accepts every spelling that a lenient decoder does, and takes the spelling for the token. */
function keyedByText(tokens: Tokens): Tokens {
  return {
    ...tokens,
    async verifySessionToken(text, now) {
      const [header = '', payload = '', mac = ''] = text.split('.')
      const bytes = Buffer.from(mac.trim(), 'base64url')
      const canonical = `${header}.${payload}.${bytes.toString('base64url')}`
      const verified = await tokens.verifySessionToken(canonical, now)
      if (!verified.ok) return verified
      const tokenId = `text:${createHash('sha256').update(text).digest('hex')}`
      return { ...verified, value: { ...verified.value, tokenId } }
    },
  }
}

const unbound = (store: Store): Store => ({
  ...store,
  open: (opening) => store.open({ ...opening, bindingHash: '00'.repeat(32) }),
})
