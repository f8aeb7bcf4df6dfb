/**
 * The operator's API on a real database, under the role of db/grants.sql. Every answer is held against
 * the OpenAPI document, and every refusal against the audit: it must have left none.
 */
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { hashApiToken } from '../../src/verifier/admin/api-token.ts'
import { openApiDocument } from '../../src/verifier/admin/openapi.ts'
import { ROUTES } from '../../src/verifier/admin/routes.ts'
import type { Role } from '../../src/verifier/ports-admin.ts'
import { auditPage, newToken, tenant, tenants } from '../../src/verifier/schema/admin-access.ts'
import {
  assessmentPage,
  assessmentRecord,
  explanation,
  summary,
} from '../../src/verifier/schema/admin-assessments.ts'
import { problem } from '../../src/verifier/schema/admin-common.ts'
import {
  entryAnswer,
  subjectErasure,
  subjectExport,
} from '../../src/verifier/schema/admin-lists.ts'
import {
  backtestAnswer,
  policyDiff,
  policyList,
  policyVersionAnswer,
} from '../../src/verifier/schema/admin-policies.ts'
import { defaultPolicies } from '../../src/verifier/schema/default-policies.ts'
import { ADMIN_ORIGIN, type AdminWorld, adminWorld, tokenOf } from '../support/admin-world.ts'
import { createContract } from '../support/openapi-contract.ts'
import { openingOf, policyOf } from '../support/openings.ts'
import { ANN, adminDatabase } from './admin-database.ts'

const API = '/admin/api'
const ACME = `${API}/tenants/acme`
const contract = createContract(openApiDocument(ROUTES, ADMIN_ORIGIN), API)

let database: Awaited<ReturnType<typeof adminDatabase>>
let world: AdminWorld

beforeAll(async () => {
  database = await adminDatabase()
  world = adminWorld({ store: database.admin })
  for (const role of ['viewer', 'operator', 'admin'] as const) {
    const hash = hashApiToken(tokenOf(role))
    await database.admin.addToken({ name: role, role, hash }, ANN)
  }
})

interface Answer {
  readonly status: number
  readonly body: unknown
}

async function call(role: Role, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await world.send(role, method, path, body)
  await contract.check(method, `${ADMIN_ORIGIN}${path}`, response)
  return { status: response.status, body: await response.json() }
}

/** The body of an answer that is none but of that kind. */
async function bodyAs<Schema extends z.ZodType>(
  schema: Schema,
  answer: Promise<Answer>,
): Promise<z.output<Schema>> {
  return schema.parse((await answer).body)
}

const actions = async (tenant = 'acme') =>
  (await database.audit(tenant)).map(
    ({ actor, action, subject }) => `${actor} ${action} ${subject}`,
  )

/** What was audited while that ran. */
async function audited(work: () => Promise<unknown>, tenant = 'acme'): Promise<string[]> {
  const before = (await actions(tenant)).length
  await work()
  return (await actions(tenant)).slice(before)
}

const pseudonym = (subject: string) => world.deps.identifiers.pseudonym('acme', 'user', subject)

describe('policies', () => {
  const [RESET] = defaultPolicies('enforce')
  const document = { ...RESET, version: 11 }

  it('are stored once: again is no change, otherwise is a conflict', async () => {
    const add = (body: object) => call('operator', 'POST', `${ACME}/policies`, body)
    const trace = await audited(async () => {
      const added = await add({ document })
      expect(added).toMatchObject({
        status: 200,
        body: { version: 11, status: 'draft', usable: true },
      })
      const version = policyVersionAnswer.parse(added.body)
      expect(version.document).toEqual(document)
      expect(version.text).toContain('# Policy 11')
      expect((await add({ document })).status).toBe(200)
      const other = await add({ document: { ...document, prior: -1 } })
      expect(other).toMatchObject({ status: 409, body: { code: 'conflict' } })
      expect((await add({ document, status: 'active' })).status).toBe(409)
    })
    expect(trace).toEqual(['token:operator policy.add password_reset 11'])
  })

  it('are refused whole, with every fault and without a trace', async () => {
    const broken = { ...document, version: 12, prior: 99, colour: 'red' }
    const trace = await audited(async () => {
      const refused = await call('operator', 'POST', `${ACME}/policies`, { document: broken })
      expect(refused.status).toBe(400)
      const { errors = [] } = problem.parse(refused.body)
      expect(errors.length).toBeGreaterThanOrEqual(2)
      expect(errors[0]).toMatchObject({ pointer: '#/document' })
      const checked = await call('viewer', 'POST', `${ACME}/policies/validate`, {
        document: broken,
      })
      expect(checked).toMatchObject({ status: 200, body: { valid: false, text: null } })
      const good = await call('viewer', 'POST', `${ACME}/policies/validate`, { document })
      expect(good.body).toMatchObject({ valid: true, faults: [] })
    })
    expect(trace).toEqual([])
    expect((await call('viewer', 'GET', `${ACME}/policies/password_reset/12`)).status).toBe(404)
  })

  it('are watched, reported on, and watched no longer', async () => {
    const one = `${ACME}/policies/password_reset/11`
    const trace = await audited(async () => {
      expect((await call('operator', 'POST', `${one}/shadow`)).body).toEqual({ status: 'shadow' })
      const report = await call('viewer', 'GET', `${one}/shadow-report?since=0`)
      expect(report.body).toMatchObject({ records: 0, counts: [] })
      expect((await call('operator', 'POST', `${one}/retire`)).body).toEqual({ status: 'retired' })
      expect((await call('operator', 'POST', `${one}/retire`)).status).toBe(409)
    })
    expect(trace).toEqual([
      'token:operator policy.shadow password_reset 11',
      'token:operator policy.retire password_reset 11',
    ])
  })

  it('take each other’s place, and say whose', async () => {
    const add = (version: number) =>
      call('operator', 'POST', `${ACME}/policies`, { document: { ...document, version } })
    await add(13)
    await add(14)
    const activate = (version: number) =>
      call('operator', 'POST', `${ACME}/policies/password_reset/${version}/activate`)
    expect((await activate(13)).status).toBe(200)
    expect((await activate(14)).body).toEqual({ replaced: 13 })
    const again = await call('operator', 'POST', `${ACME}/policies/password_reset/14/shadow`)
    expect(again).toMatchObject({ status: 409 })
    const { items } = await bodyAs(policyList, call('viewer', 'GET', `${ACME}/policies`))
    const statuses = items.map((own) => [own.version, own.status])
    expect(statuses).toEqual(
      expect.arrayContaining([
        [14, 'active'],
        [13, 'retired'],
      ]),
    )
  })

  it('that no build here can use are neither activated nor watched', async () => {
    const later = { ...policyOf({ version: 99, flow: 'login' }), member: 'of a later build' }
    const foreign = JSON.stringify(later)
    await database.sql`insert into policy (tenant, flow, version, status, body)
      values ('acme', 'login', 99, 'draft', ${foreign}::text::jsonb)`
    const one = `${ACME}/policies/login/99`
    const trace = await audited(async () => {
      const stored = await call('viewer', 'GET', one)
      expect(stored.body).toMatchObject({ usable: false, text: null })
      expect((await call('admin', 'POST', `${one}/activate`)).status).toBe(409)
      expect((await call('admin', 'POST', `${one}/shadow`)).status).toBe(409)
    })
    expect(trace).toEqual([])
  })

  it('that are not there are not found', async () => {
    for (const step of ['activate', 'shadow', 'retire'])
      expect((await call('operator', 'POST', `${ACME}/policies/login/7/${step}`)).status).toBe(404)
  })

  it('are compared by meaning', async () => {
    const diff = (query: string) => call('viewer', 'GET', `${ACME}/policies/diff?${query}`)
    const same = await diff('flow=password_reset&before=13&after=active')
    expect(same.body).toEqual({ changes: [] })
    const { changes } = await bodyAs(
      policyDiff,
      diff('flow=password_reset&before=default&after=active'),
    )
    expect(changes).toContainEqual({
      kind: 'setting',
      name: 'mode',
      change: 'changed',
      members: [{ member: 'mode', before: 'monitor', after: 'enforce' }],
    })
    expect((await diff('flow=password_reset&before=77&after=active')).status).toBe(404)
    expect((await diff('flow=login&before=99&after=default')).status).toBe(409)
    expect((await diff('flow=login&before=latest&after=default')).status).toBe(400)
    expect((await diff('flow=login&before=2147483647&after=default')).status).toBe(404)
    expect((await diff('flow=login&before=2147483648&after=default')).status).toBe(400)
  })
})

describe('records', () => {
  const KNOWN = 'auth0|known'
  let held = ''
  let allowed = ''

  beforeAll(async () => {
    await database.admin.addPolicy('acme', policyOf({ version: 21 }), 'active', ANN)
    const user = pseudonym(KNOWN)
    for (const name of ['one', 'two', 'three']) {
      allowed = (await database.verify(`record ${name}`, {}, { user })).id
    }
    const hold = { outcome: 'deny', assessed: 'step_up', needs_review: true } as const
    held = (await database.verify('held', { ...hold, codes: ['needs_review', 'new_place'] })).id
    const waiting = await database.store.open(openingOf('open'))
    expect(waiting.kind).toBe('opened')
  })

  it('are listed page by page, each once', async () => {
    const seen: string[] = []
    let next = ''
    do {
      const page = await bodyAs(
        assessmentPage,
        call('viewer', 'GET', `${ACME}/assessments?limit=2${next}`),
      )
      seen.push(...page.items.map(({ id }) => id))
      next = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`
    } while (next !== '')
    expect(seen.length).toBe(5)
    expect(new Set(seen).size).toBe(5)
  })

  it('are filtered', async () => {
    const ids = async (query: string) => {
      const found = call('viewer', 'GET', `${ACME}/assessments?${query}`)
      return (await bodyAs(assessmentPage, found)).items.map(({ id }) => id)
    }
    expect(await ids('review=true')).toEqual([held])
    expect(await ids('outcome=deny')).toEqual([held])
    expect(await ids('reason=new_place')).toEqual([held])
    expect(await ids('flow=login')).toEqual([])
    expect(await ids(`user=${pseudonym(KNOWN)}`)).toHaveLength(3)
    expect(await ids('until=1')).toEqual([])
  })

  it('of one person are found by their user_id, in a body and by operators', async () => {
    const search = (role: Role) =>
      call(role, 'POST', `${ACME}/assessments/search`, { subject: KNOWN })
    expect((await bodyAs(assessmentPage, search('operator'))).items).toHaveLength(3)
    expect((await search('viewer')).status).toBe(403)
  })

  it('are read, and explained by what is stored', async () => {
    const record = await call('viewer', 'GET', `${ACME}/assessments/${held}`)
    expect(assessmentRecord.parse(record.body)).toMatchObject({
      id: held,
      tenant: 'acme',
      needs_review: true,
    })
    const explained = await bodyAs(
      explanation,
      call('viewer', 'GET', `${ACME}/assessments/${held}/explain`),
    )
    expect(explained).toMatchObject({ outcome: 'deny', assessed: 'step_up', needs_review: true })
    expect(explained.reasons[0]).toMatchObject({ rule: 'known_device', evidence: -1.5 })
    const newest = call('viewer', 'GET', `${ACME}/assessments?limit=1`)
    const [first] = (await bodyAs(assessmentPage, newest)).items
    expect(first?.settled_at).toBeNull()
    const early = await call('viewer', 'GET', `${ACME}/assessments/${first?.id}/explain`)
    expect(early.status).toBe(409)
    const nobody = '00000000-0000-4000-8000-000000000000'
    expect((await call('viewer', 'GET', `${ACME}/assessments/${nobody}`)).status).toBe(404)
  })

  it('release only who was stopped for want of a factor', async () => {
    const release = (id: string, body: unknown) =>
      call('operator', 'POST', `${ACME}/assessments/${id}/release`, body)
    const trace = await audited(async () => {
      expect((await release(allowed, { seconds: 3600 })).status).toBe(409)
      expect((await release(held, { seconds: 59 })).status).toBe(400)
      expect((await release(held, { seconds: 604_801 })).status).toBe(400)
      expect((await release(held, {})).status).toBe(400)
    })
    expect(trace).toEqual([])
    const done = await audited(async () => {
      expect((await release(held, { seconds: 3600 })).body).toEqual({
        released: true,
        seconds: 3600,
      })
    })
    expect(done).toHaveLength(1)
    expect(done[0]).toMatch(/^token:operator assessment\.release /)
  })

  it('are summarised', async () => {
    const until = Math.floor(Date.now() / 1000) + 3600
    const query = (since: number, bucket: number) =>
      call(
        'viewer',
        'GET',
        `${ACME}/summary?since=${since}&until=${until}&bucket_seconds=${bucket}`,
      )
    const day = await bodyAs(summary, query(until - 86_400, 3600))
    const sum = (kind: 'allow' | 'deny' | 'open') =>
      day.buckets.reduce((all, bucket) => all + bucket[kind], 0)
    expect([sum('allow'), sum('deny'), sum('open')]).toEqual([3, 1, 1])
    expect(day.review).toBe(1)
    expect((await query(0, 60)).status).toBe(400)
    expect((await query(until, 60)).status).toBe(400)
  })

  it('are judged by another policy, whole or as far as a limit goes', async () => {
    const backtest = (body: unknown, role: Role = 'operator') =>
      call(role, 'POST', `${ACME}/policies/backtest`, body)
    const strict = policyOf({ version: 31, prior: 5 })
    const trace = await audited(async () => {
      const judged = await bodyAs(
        backtestAnswer,
        backtest({ candidate: { document: strict }, target_rate: 0.5 }),
      )
      expect(judged).toMatchObject({ complete: true, report: { policy_version: 31, records: 4 } })
      expect(judged.report.confusion.allow.step_up).toBe(3)
      expect(judged.target).toMatchObject({ rate: 0.5 })
      const stored = await backtest({ candidate: { flow: 'password_reset', version: 21 } })
      expect(stored.body).toMatchObject({ complete: true, target: null })
      expect((await backtest({ candidate: { flow: 'password_reset', version: 999 } })).status).toBe(
        404,
      )
      expect((await backtest({ candidate: { document: { version: 1 } } })).status).toBe(400)
      expect((await backtest({ candidate: {} })).status).toBe(400)
      expect((await backtest({ candidate: { document: strict } }, 'viewer')).status).toBe(403)
    })
    expect(trace).toEqual([])
    const small = adminWorld({ store: database.admin, backtestLimits: { records: 2, seconds: 60 } })
    const response = await small.send('operator', 'POST', `${ACME}/policies/backtest`, {
      candidate: { document: strict },
    })
    expect(await response.json()).toMatchObject({ complete: false, report: { records: 2 } })
  })
})

describe('lists', () => {
  const ENTRY = { note: 'seen in an incident', expires_in_seconds: 86_400 }
  const put = (body: object) =>
    call('operator', 'PUT', `${ACME}/lists/entries`, { ...ENTRY, ...body })
  const remove = (body: object) => call('operator', 'POST', `${ACME}/lists/entries/remove`, body)

  it('know people and addresses by pseudonym alone', async () => {
    const subject = 'auth0|listed'
    const entered = await put({ kind: 'user', action: 'deny', value: subject })
    expect(entered.body).toEqual({ kind: 'user', action: 'deny', value: pseudonym(subject) })
    const address = await bodyAs(
      entryAnswer,
      put({ kind: 'address', action: 'deny', value: '2001:db8:1:2::77' }),
    )
    const { identifiers } = world.deps
    expect(address.value).toBe(identifiers.pseudonym('acme', 'address', '2001:db8:1:2::/64'))
    const { body } = await call('viewer', 'GET', `${ACME}/lists`)
    expect(JSON.stringify(body)).not.toMatch(/auth0\|listed|2001:db8/)
    expect(JSON.stringify(await database.audit('acme'))).not.toMatch(/auth0\|listed|2001:db8/)
    expect((await remove({ kind: 'user', value: subject })).body).toEqual({ removed: true })
    expect((await remove({ kind: 'user', value: subject })).status).toBe(404)
    const stored = encodeURIComponent(address.value)
    const gone = await call('operator', 'DELETE', `${ACME}/lists/entries/address/${stored}`)
    expect(gone.status).toBe(200)
  })

  it('take the other kinds in their one form, and a pseudonym of a record', async () => {
    const stored = async (body: object) => (await bodyAs(entryAnswer, put(body))).value
    expect(await stored({ kind: 'country', action: 'deny', value: 'no' })).toBe('NO')
    expect(await stored({ kind: 'asn', action: 'deny', value: 'AS64500' })).toBe('64500')
    const user = pseudonym('auth0|9')
    expect(await stored({ kind: 'user', action: 'allow', pseudonym: user })).toBe(user)
    const name = 'an application/with a slash'
    await put({ kind: 'client', action: 'deny', value: name })
    const one = `${ACME}/lists/entries/client/${encodeURIComponent(name)}`
    expect((await call('operator', 'DELETE', one)).status).toBe(200)
    expect((await call('operator', 'DELETE', one)).status).toBe(404)
  })

  it.each([
    ['an address that is a range', { kind: 'address', action: 'deny', value: '10.0.0.0/8' }],
    ['a country in words', { kind: 'country', action: 'deny', value: 'Norway' }],
    ['a device in words', { kind: 'device', action: 'deny', value: 'my phone' }],
    ['an application that would be trusted', { kind: 'client', action: 'allow', value: 'app' }],
    ['nothing', { kind: 'user', action: 'deny' }],
    ['both', { kind: 'user', action: 'deny', value: 'x', pseudonym: '1' }],
    ['a pseudonym of a country', { kind: 'country', action: 'deny', pseudonym: '1' }],
    [
      'no end, unsaid',
      { kind: 'country', action: 'deny', value: 'NO', expires_in_seconds: undefined },
    ],
    ['no reason', { kind: 'country', action: 'deny', value: 'NO', note: ' ' }],
    ['another kind', { kind: 'planet', action: 'deny', value: 'x' }],
  ])('refuse %s, and note nothing', async (_what, body) => {
    const trace = await audited(async () => {
      expect((await put(body)).status).toBe(400)
    })
    expect(trace).toEqual([])
  })
})

describe('one person', () => {
  it('is exported and erased by admins, and both are audited by pseudonym', async () => {
    const subject = 'auth0|gone'
    const user = pseudonym(subject)
    await database.verify('of the person', {}, { user })
    const trace = await audited(async () => {
      const on = (what: string) => call('admin', 'POST', `${ACME}/users/${what}`, { subject })
      const exported = await bodyAs(subjectExport, on('export'))
      expect(exported).toMatchObject({ subject, pseudonyms: [user] })
      expect(exported.stored.verifications).toHaveLength(1)
      const { erased } = await bodyAs(subjectErasure, on('erase'))
      expect(erased).toMatchObject({ verifications: 1 })
      expect((await bodyAs(subjectExport, on('export'))).stored.verifications).toEqual([])
    })
    expect(trace.map((line) => line.split(' ')[1])).toEqual([
      'user.export',
      'user.erase',
      'user.export',
    ])
    expect(JSON.stringify(await database.audit('acme'))).not.toContain(subject)
  })
})

describe('access', () => {
  it('tells the caller and the tenants', async () => {
    const { body } = await call('viewer', 'GET', `${API}/me`)
    expect(body).toEqual({ name: 'token:viewer', display_name: 'token:viewer', role: 'viewer' })
    const all = await bodyAs(tenants, call('viewer', 'GET', `${API}/tenants`))
    expect(all.items).toHaveLength(1)
    expect((await bodyAs(tenant, call('viewer', 'GET', ACME))).id).toBe('acme')
    expect((await call('viewer', 'GET', `${API}/tenants/other`)).status).toBe(404)
  })

  it('makes a token that is shown once, works, and works no more when it is revoked', async () => {
    const made = call('admin', 'POST', `${API}/tokens`, {
      name: 'siem',
      role: 'viewer',
      expires_in_seconds: 86_400,
    })
    const { token, id } = await bodyAs(newToken, made)
    expect(token).toMatch(/^rva_[\w-]{43}$/)
    const listed = await call('admin', 'GET', `${API}/tokens`)
    expect(JSON.stringify(listed.body)).not.toContain(token)
    expect(JSON.stringify(listed.body)).not.toContain(sha256(token))
    const headers = { authorization: `Bearer ${token}` }
    expect((await world.request(`${API}/me`, { headers })).status).toBe(200)
    const taken = await call('admin', 'POST', `${API}/tokens`, {
      name: 'siem',
      role: 'admin',
      expires_in_seconds: null,
    })
    expect(taken.status).toBe(409)
    expect((await call('admin', 'DELETE', `${API}/tokens/${id}`)).body).toEqual({ revoked: true })
    expect((await world.request(`${API}/me`, { headers })).status).toBe(401)
    expect((await call('admin', 'DELETE', `${API}/tokens/${id}`)).status).toBe(404)
    const trace = await actions('*')
    expect(trace).toContain('token:admin token.create siem')
    expect(trace).toContain('token:admin token.revoke siem')
    expect(JSON.stringify(await database.audit('*'))).not.toContain(token)
  })

  it('shows the audit page by page: a tenant’s to viewers, the service’s to admins', async () => {
    const read = (role: Role, path: string) => bodyAs(auditPage, call(role, 'GET', path))
    const first = await read('viewer', `${ACME}/audit?limit=1`)
    expect(first.items).toHaveLength(1)
    const cursor = encodeURIComponent(first.next ?? '')
    const second = await read('viewer', `${ACME}/audit?limit=1&cursor=${cursor}`)
    expect(second.items).toHaveLength(1)
    expect(second.items[0]?.id).not.toBe(first.items[0]?.id)
    const filtered = await read('viewer', `${ACME}/audit?action=policy.activate`)
    expect(filtered.items.length).toBeGreaterThan(0)
    expect((await call('viewer', 'GET', `${API}/audit`)).status).toBe(403)
    expect((await read('admin', `${API}/audit`)).items.length).toBeGreaterThan(0)
  })

  it('takes no cursor of its own making', async () => {
    for (const cursor of ['x', 'MTIz', "'%20or%201=1--"]) {
      const { status, body } = await call('viewer', 'GET', `${ACME}/audit?cursor=${cursor}`)
      expect([200, 400]).toContain(status)
      expect(JSON.stringify(body)).not.toMatch(/syntax|select|postgres/i)
    }
  })
})

it('every operation was answered here with success', () => {
  const done = new Set(contract.seen.filter((line) => line.endsWith(' 200')))
  const missing = ROUTES.filter(({ id }) => !done.has(`${id} 200`)).map(({ id }) => id)
  expect(missing).toEqual([])
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
