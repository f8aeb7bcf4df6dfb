/**
 * Requests of any shape at the operator's API, made from its own OpenAPI document, on Postgres and under
 * the operator's role: no failure of ours, nothing for those who have no token, nothing beyond a role,
 * every refusal a problem, and no person's name in a log, a table or another tenant's answers.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { AdminApp } from '../../../src/verifier/admin/admin-deps.ts'
import { newApiToken } from '../../../src/verifier/admin/api-token.ts'
import { createAdminApp } from '../../../src/verifier/admin/app.ts'
import { createIdentifiers } from '../../../src/verifier/identifiers.ts'
import { createLog } from '../../../src/verifier/log.ts'
import { DEFAULT_SETTINGS } from '../../../src/verifier/ports.ts'
import type { Role } from '../../../src/verifier/ports-admin.ts'
import { adminDatabase } from '../../store/admin-database.ts'
import { ACME } from '../../support/app.ts'
import { policyOf } from '../../support/openings.ts'
import { createArrangement } from '../../support/postgres-arrangement.ts'
import { IDENTIFIER_SECRET } from '../../support/tokens.ts'
import {
  type Document,
  EDGES,
  edgeRequests,
  hostileRequest,
  type Operation,
  operationsOf,
  type Sent,
  validRequest,
} from './openapi-requests.ts'
import { fuzz } from './runs.ts'

/** Each property is hundreds of requests, some of half a megabyte, on a machine that has other work. */
if (process.env.FUZZ_RUNS === undefined) vi.setConfig({ testTimeout: 120_000 })

const ORIGIN = 'https://verify.example.com'
const GLOBEX = { ...ACME, id: 'globex' }
const ROLES = ['viewer', 'operator', 'admin'] as const
/** In every person's name that is sent, and nowhere else. */
const PERSON = /person\d+q/
const MEMBERS = ['code', 'detail', 'instance', 'status', 'title', 'type']

const database = await adminDatabase()
const lines: string[] = []
const tokens = new Map<Role, string>()
let app: AdminApp
let document: Document
let operations: readonly Operation[]
/** So that some requests name something that there is. */
let known: Record<string, readonly string[]>

beforeAll(async () => {
  const { admin, verify } = database
  const now = () => Math.floor(Date.now() / 1000)
  app = createAdminApp({
    store: admin,
    tenants: new Map([
      [ACME.id, ACME],
      [GLOBEX.id, GLOBEX],
    ]),
    settings: () => DEFAULT_SETTINGS,
    identifiers: createIdentifiers(IDENTIFIER_SECRET),
    sessionSecret: 'an-admin-session-secret-of-48-characters-0123456',
    clock: now,
    random: randomBytes,
    newId: randomUUID,
    log: createLog((line) => lines.push(line), now),
    publicOrigin: ORIGIN,
    clientAddress: (c) => c.req.header('x-test-address') ?? '203.0.113.9',
    backtestLimits: { records: 100, seconds: 5 },
  })
  for (const role of ROLES) {
    const token = newApiToken(randomBytes)
    const hash = createHash('sha256').update(token).digest('hex')
    await admin.addToken({ name: `fuzz-${role}`, role, hash }, { name: 'cli:fuzz', role: 'admin' })
    tokens.set(role, token)
  }
  const arrange = createArrangement(database)
  for (const { id } of [ACME, GLOBEX]) await arrange.activatePolicy(id, policyOf())
  const records = [await verify('fuzz one'), await verify('fuzz two')]
  document = (await (await ask('admin', { path: '/openapi.json' })).json()) as Document
  operations = operationsOf(document)
  known = {
    tenant: [ACME.id],
    id: records.map(({ id }) => id),
    flow: ['password_reset'],
    version: ['1', '2'],
    kind: ['user', 'client'],
  }
})

let people = 0
/** Whoever is named in a request is somebody whom a search finds. */
function withPeople(sent: Sent): Sent {
  if (sent.body === undefined) return sent
  people += 1
  const name = `auth0|person${people}q`
  try {
    const body = JSON.parse(sent.body) as Record<string, unknown>
    if (typeof body.subject === 'string') body.subject = name
    if (typeof body.value === 'string' && body.kind === 'user') body.value = name
    return { ...sent, body: JSON.stringify(body) }
  } catch {
    return sent
  }
}

async function ask(
  role: Role | undefined,
  { method = 'GET', path, body, contentType }: Partial<Sent> & { readonly path: string },
  headers: Record<string, string> = {},
): Promise<Response> {
  return await app.request(`${ORIGIN}/admin/api${path}`, {
    method,
    headers: {
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(role === undefined ? {} : { authorization: `Bearer ${tokens.get(role)}` }),
      ...headers,
    },
    ...(body === undefined || method === 'GET' ? {} : { body }),
  })
}

/** Dots in a path lead the browser, and us, elsewhere: that is not the API's answer. */
const staysInside = ({ path }: Sent) =>
  new URL(`${ORIGIN}/admin/api${path}`).pathname.startsWith('/admin/api/')

/** Says what is wrong with an answer, or nothing. */
async function fault(response: Response): Promise<string | undefined> {
  const { status, headers } = response
  const type = headers.get('content-type') ?? ''
  const text = await response.text()
  for (const name of ['cache-control', 'x-content-type-options', 'content-security-policy']) {
    if (!headers.has(name)) return `${status} without ${name}`
  }
  if (status < 400) return status === 200 ? undefined : `status ${status}`
  if (!type.startsWith('application/problem+json')) return `${status} as ${type}`
  const problem = JSON.parse(text) as Record<string, unknown>
  const members = Object.keys(problem).filter((name) => name !== 'errors')
  if (members.sort().join() !== MEMBERS.join()) return `a problem with ${members.join()}`
  if (problem.status !== status) return `${status} that says ${String(problem.status)}`
  if (status >= 500) return `${status} ${String(problem.code)}: ${lines.slice(-2).join(' ')}`
  return undefined
}

const anyOperation = () => fc.constantFrom(...operations)
const anyRequest = (among = operations) =>
  fc.constantFrom(...among).chain((operation) =>
    fc
      .oneof(
        { weight: 1, arbitrary: validRequest(operation, document, known) },
        { weight: 3, arbitrary: hostileRequest(operation, document, known) },
      )
      .filter(staysInside)
      .map((sent) => ({ operation, sent: withPeople(sent) })),
  )

describe('the operator’s API', () => {
  it('is described: every operation can be asked for', () => {
    expect(operations.length).toBeGreaterThan(20)
    for (const operation of operations) {
      const [sent] = fc.sample(validRequest(operation, document, known), 1)
      expect(sent?.path).not.toContain('{')
      expect(sent?.body === undefined).toBe(operation.body === undefined)
    }
  })

  it('answers what its document says to what the document asks for', async () => {
    const served = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        anyOperation().chain((operation) =>
          validRequest(operation, document, known)
            .filter(staysInside)
            .map((sent) => ({ operation, sent: withPeople(sent) })),
        ),
        async ({ operation, sent }) => {
          const response = await ask('admin', sent)
          if (response.status === 200) served.add(operation.id)
          expect(operation.statuses).toContain(response.status)
          expect(await fault(response)).toBeUndefined()
        },
      ),
      fuzz(120),
    )
    // A generator that is always refused would show nothing.
    expect(served.size).toBeGreaterThan(operations.length / 3)
  })

  it('never fails, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest(), async ({ sent }) => {
        expect(await fault(await ask('admin', sent))).toBeUndefined()
      }),
      fuzz(200),
    )
  })

  it('never fails at the edge of a number, in any parameter of any operation', async () => {
    const requests = operations.flatMap((operation) => edgeRequests(operation, document, known))
    expect(requests.length).toBeGreaterThan(1000)
    const faults: string[] = []
    for (const sent of requests.filter(staysInside)) {
      const found = await fault(await ask('admin', withPeople(sent)))
      if (found !== undefined) faults.push(`${sent.method} ${sent.path.slice(0, 200)}: ${found}`)
    }
    expect(faults).toEqual([])
  })

  it('never fails at the edge of a text, in any body', async () => {
    const entry = { kind: 'client', action: 'deny', expires_in_seconds: null }
    const policy = policyOf()
    const rule = { id: 'r', reason: 'r', evidence: 1, on_unknown: 0 }
    const comparing = (value: string) => ({ signal: 'country', op: 'eq', value })
    const put = `/tenants/${ACME.id}/lists/entries`
    const add = `/tenants/${ACME.id}/policies`
    for (const text of EDGES) {
      const bodies: [string, string, unknown][] = [
        ['PUT', put, { ...entry, value: text, note: 'why' }],
        ['PUT', put, { ...entry, value: 'why', note: text }],
        ['PUT', put, { ...entry, kind: 'user', pseudonym: text, note: 'why' }],
        ['POST', `/tenants/${ACME.id}/users/export`, { subject: text }],
        ['POST', '/tokens', { name: text, role: 'viewer' }],
        ['POST', add, { document: { ...policy, rules: [{ ...rule, when: comparing(text) }] } }],
        ['POST', add, { document: { [text]: text } }],
      ]
      for (const [method, path, body] of bodies) {
        const content = JSON.stringify(body)
        const sent = { method, path, body: content, contentType: 'application/json' }
        expect(await fault(await ask('admin', sent)), content.slice(0, 300)).toBeUndefined()
      }
    }
  })

  it('has pages that never fail at the edge of a number or a text either', async () => {
    const names = [
      ...['code', 'outcome', 'assessed', 'flow', 'reason', 'from', 'to', 'user', 'cursor'],
      ...['action', 'actor', 'subject', 'days', 'range', 'rate', 'policy', 'version', 'q', 'done'],
    ]
    const tenant = `/tenants/${ACME.id}`
    const lists = [
      tenant,
      ...['assessments', 'audit', 'lists', 'users'].map((p) => `${tenant}/${p}`),
    ]
    const forms = ['backtest', 'policies/new', 'policies/password_reset/1/compare']
    const paths = ['', '/audit', ...lists, ...forms.map((p) => `${tenant}/${p}`)]
    const read = async (path: string) => {
      const authorization = `Bearer ${tokens.get('admin')}`
      const answer = await app.request(`${ORIGIN}/admin${path}`, { headers: { authorization } })
      await answer.text()
      return answer.status
    }
    for (const path of paths) expect(await read(path), path).toBeLessThan(400)
    for (const text of EDGES) {
      for (const name of names) {
        const query = new URLSearchParams({ [name]: text })
        for (const path of paths) {
          expect(await read(`${path}?${query}`), `${path}?${query}`).toBeLessThan(500)
        }
      }
      const segment = encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
      for (const path of ['assessments', 'policies/login', 'policies/password_reset'])
        expect(await read(`${tenant}/${path}/${segment}`)).toBeLessThan(500)
    }
  })

  it('calls a cursor that it never gave a mistake of the request, and no outage', async () => {
    const get = await ask('admin', { path: `/tenants/${ACME.id}/assessments?cursor=none` })
    expect(get.status).toBe(400)
    expect(await get.json()).toMatchObject({
      code: 'invalid',
      errors: [{ parameter: 'cursor' }],
    })
  })

  it('gives nothing to those who have no token, or one of their own making', async () => {
    const before = await snapshot()
    const nobody = fc.constantFrom<Record<string, string>>(
      {},
      { authorization: 'Bearer' },
      { authorization: 'Bearer null' },
      { authorization: `Bearer rva_${'A'.repeat(43)}` },
      { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` },
      { cookie: `__Host-rv_admin=${'A'.repeat(43)}` },
      { 'cf-access-jwt-assertion': 'eyJhbGciOiJub25lIn0.e30.' },
      { 'x-forwarded-for': '127.0.0.1', 'x-test-address': '127.0.0.1' },
    )
    await fc.assert(
      fc.asyncProperty(anyRequest(), nobody, async ({ sent }, headers) => {
        const response = await ask(undefined, sent, {
          'x-test-address': '198.51.100.9',
          ...headers,
        })
        expect([401, 413, 429]).toContain(response.status)
        expect(await fault(response)).toBeUndefined()
      }),
      fuzz(100),
    )
    expect(await snapshot()).toEqual(before)
  })

  it('gives a role what the document says it may have, and no more', async () => {
    const above = operations.filter(({ role }) => role === 'operator' || role === 'admin')
    expect(above.length).toBeGreaterThan(5)
    const before = await snapshot()
    await fc.assert(
      fc.asyncProperty(anyRequest(above), async ({ operation: { method }, sent }) => {
        const response = await ask('viewer', { ...sent, method })
        expect(response.status).not.toBe(200)
        expect(await fault(response)).toBeUndefined()
      }),
      fuzz(100),
    )
    expect(await snapshot()).toEqual(before)
  })

  it('keeps no person’s name where nobody looks for it', async () => {
    expect(people).toBeGreaterThan(100)
    expect(lines.filter((line) => PERSON.test(line))).toEqual([])
    const tables = await database.sql<{ name: string }[]>`
      select tablename as name from pg_tables where schemaname = 'public'`
    expect(tables.length).toBeGreaterThan(10)
    for (const { name } of tables) {
      const rows = await database.sql`
        select to_jsonb(t)::text as row from ${database.sql(name)} as t`
      expect(rows.filter(({ row }) => PERSON.test(String(row)))).toEqual([])
    }
  })

  it('shows nothing of one tenant in the answers of another', async () => {
    const [stored] = await database.sql`
      select count(*)::integer as rows from audit where tenant = ${ACME.id}`
    expect(stored?.rows).toBeGreaterThan(0)
    const lists = await ask('admin', { path: `/tenants/${GLOBEX.id}/lists` })
    expect(await lists.json()).toEqual({ entries: [], feeds: [] })
    const assessments = await ask('admin', { path: `/tenants/${GLOBEX.id}/assessments` })
    expect(await assessments.json()).toEqual({ items: [], next: null })
    // Its policy was activated before all this.
    const { items } = (await (
      await ask('admin', { path: `/tenants/${GLOBEX.id}/audit` })
    ).json()) as {
      readonly items: readonly { readonly actor: string }[]
    }
    expect(items.map(({ actor }) => actor)).toEqual(['installer'])
  })
})

/** What any change would show in. */
async function snapshot() {
  const rows = await database.sql`
    select (select count(*) from audit) as audit, (select count(*) from policy) as policy,
      (select count(*) from entity_list) as entries, (select count(*) from admin_token) as tokens,
      (select count(*) from release) as releases, (select count(*) from assessment) as records`
  return [...rows]
}
