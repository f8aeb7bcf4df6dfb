/** What is particular to Workers: the edge's facts, the isolate's memory, the cron, the configuration. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { liveToken, seedTenant } from '../support/environment.ts'
import { formOf, textOf } from '../support/page.ts'
import { CONTINUE_SECRET, openToken, SUBJECT } from '../support/tokens.ts'
import { linkTo, openWorker, type PostOptions } from '../support/worker-client.ts'

const database = await freshDatabase()
let outdated: FreshDatabase
beforeAll(async () => {
  await seedTenant(database.url)
  outdated = await freshDatabase()
  await outdated.sql`delete from schema_migration`
})

const openAnswer = (body: string) =>
  openToken(formOf(body).fields.session_token as string, CONTINUE_SECRET)

it('verifies: the page, the decision, the record', async () => {
  const { get, post } = openWorker(database.url)
  const token = liveToken()
  const arrival = await get(linkTo(token, 'state-1'))
  expect(arrival.status).toBe(200)
  expect(arrival.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-rv=[A-Za-z0-9_-]{43}; /),
    expect.stringMatching(/^__Host-rv-device=[A-Za-z0-9_-]{43}; /),
  ])
  expect(arrival.headers.get('content-security-policy')).toContain("form-action 'self'")
  expect(formOf(await arrival.text()).fields.session_token).toBe(token)

  const leaving = await post(token, 'state-1')
  const body = await leaving.text()
  expect(leaving.status).toBe(200)
  expect(formOf(body).action).toBe('https://acme.eu.auth0.com/continue?state=state-1')
  const claims = openAnswer(body)
  expect(claims).toMatchObject({ sub: SUBJECT, state: 'state-1', flow: 'password_reset' })
  const rows = await database.sql`select from assessment where id = ${claims.jti as string}`
  expect(rows).toHaveLength(1)
})

describe('what the edge knows of the client', () => {
  const EDGE = {
    country: 'CH',
    asn: 64_500,
    latitude: '47.37690',
    longitude: '8.54170',
    timezone: 'Europe/Zurich',
    clientTcpRtt: 23,
  }

  async function networkFor(options: PostOptions) {
    const { post } = openWorker(database.url)
    const answer = await post(liveToken(), `state-${crypto.randomUUID()}`, options)
    const { jti } = openAnswer(await answer.text())
    const [row] = await database.sql<{ network: Record<string, unknown> }[]>`
      select facts #> '{request,visit_network}' as network from assessment
      where id = ${jti as string}`
    return row?.network ?? {}
  }

  it('is stored under the names that it has on Node, coordinates rounded', async () => {
    expect(await networkFor({ cf: EDGE })).toEqual({
      address: expect.any(String),
      country: 'CH',
      asn: 64_500,
      latitude: 47.4,
      longitude: 8.5,
      time_zone: 'Europe/Zurich',
      rtt_ms: 23,
      family: 4,
    })
  })

  it('is left out where it is not known or has another form', async () => {
    const cf = { country: 'XX', asn: 0, latitude: 'north', longitude: '8.5', timezone: '<b>' }
    expect(await networkFor({ cf })).toEqual({ address: expect.any(String), family: 4 })
  })

  it('is the address of cf-connecting-ip alone: no other header changes anything', async () => {
    const address = async (headers: Record<string, string>) =>
      (await networkFor({ cf: EDGE, headers })).address
    const known = await address({})
    expect(known).toMatch(/^-?\d+$/)
    const others = { 'x-forwarded-for': '198.51.100.9', 'x-real-ip': '198.51.100.9' }
    expect(await address({ ...others, forwarded: 'for=198.51.100.9' })).toBe(known)
    expect(await address({ 'cf-connecting-ip': '198.51.100.9' })).not.toBe(known)
  })
})

describe('an isolate', () => {
  it('serves one request after another and several at once', async () => {
    const { post, get } = openWorker(database.url)
    const tokens = Array.from({ length: 5 }, () => liveToken())
    const answers = await Promise.all(tokens.map((token, i) => post(token, `state-many-${i}`)))
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200])
    expect((await post(tokens[0] as string, 'state-many-0')).status).toBe(200)
    expect((await post(tokens[0] as string, 'state-other')).status).toBe(400)
    expect((await get('/livez')).status).toBe(200)
  })

  it('knows the names and wishes of its tenants from its first page on', async () => {
    const { get } = openWorker(database.url)
    expect(textOf(await (await get('/verify')).text())).toContain('Acme Bank')
  })

  it('shows its first page without them when the database is not there', async () => {
    const { get } = openWorker('postgres://nobody:none@127.0.0.1:1/none')
    const page = await get(linkTo(liveToken(), 'state-down'))
    expect(page.status).toBe(200)
    expect(textOf(await page.text())).not.toContain('Acme Bank')
  })

  it('is ready, and is not where the schema is too old', async () => {
    expect((await openWorker(database.url).get('/readyz')).status).toBe(200)
    expect((await openWorker(outdated.url).get('/readyz')).status).toBe(503)
  })
})

describe('the cron', () => {
  it('settles what a request left open', async () => {
    const { post, miniflare } = openWorker(database.url)
    const { jti } = openAnswer(await (await post(liveToken(), 'state-open')).text())
    const id = jti as string
    const decisionOf = async () => {
      const [row] = await database.sql`select decision from assessment where id = ${id}`
      return row?.decision
    }
    await expect.poll(decisionOf, { timeout: 10_000 }).not.toBeNull()
    await database.sql`
      update assessment set decision = null, settled_at = null, outcome = null, assessed = null,
        score = null, opened_at = opened_at - interval '2 minutes'
      where id = ${id}`
    await (await miniflare.getWorker()).scheduled({ cron: '*/5 * * * *' })
    await expect.poll(decisionOf, { timeout: 10_000 }).toMatchObject({ mode: 'enforce' })
  })

  it('forgets what has expired', async () => {
    const { post, miniflare } = openWorker(database.url)
    const state = `state-${crypto.randomUUID()}`
    const { jti } = openAnswer(await (await post(liveToken(), state)).text())
    await database.sql`
      update redemption set keep_until = now() - interval '3 days'
      where assessment_id = ${jti as string}`
    await (await miniflare.getWorker()).scheduled({ cron: '*/5 * * * *' })
    const kept = async () =>
      database.sql`select from redemption where assessment_id = ${jti as string}`
    await expect.poll(kept, { timeout: 10_000 }).toHaveLength(0)
  })
})

it('answers 503 when it is misconfigured, and names the fault in the log without a value', async () => {
  const { get, lines } = openWorker(database.url, { RV_SECRETS: '{"acme":{"session":["canary"]}}' })
  const response = await get('/livez')
  expect(response.status).toBe(503)
  expect(await response.text()).toBe('{"status":"unavailable"}')
  await expect.poll(() => lines.join(''), { timeout: 10_000 }).toContain('RV_SECRETS.acme')
  expect(lines.join('')).not.toContain('canary')
})
