/** The traces of real resets, as a collector gets them; and a service whose collector is away. */
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type NodeService, startNode } from '../../src/node.ts'
import { createOtlp } from '../../src/verifier/telemetry/otlp.ts'
import { OWN_POST } from '../support/app.ts'
import {
  attributesOfSpan,
  type Collector,
  type SentSpan,
  startCollector,
} from '../support/collector.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { liveToken, seedTenant, serviceEnvironment } from '../support/environment.ts'
import { claimsOf, openWorld, wayBackOf } from '../support/world.ts'

const ORIGIN = 'http://verify.localhost:8400'
/** What a browser may claim to be part of. */
const FOREIGN_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

/** Every attribute that may be sent. */
const ALLOWED = new Set([
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'rv.request_id',
  'rv.tenant_id',
  'rv.code',
  'rv.assessment_id',
  'rv.reference',
  'rv.flow',
  'rv.outcome',
  'rv.assessed',
  'rv.mode',
  'rv.reasons',
  'rv.policy_version',
  'rv.fresh',
  'rv.degraded',
  'rv.key_index',
  'rv.token_age_seconds',
  'rv.store_error',
])

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await seedTenant(database.url)
})

/** Another one for each token: a state is answered once. */
const stateOf = (token: string) => `state-${token.slice(-12)}`

async function start(
  collector: Pick<Collector, 'endpoint'>,
  env: Readonly<Record<string, string>> = {},
) {
  const service = await startNode(
    {
      ...serviceEnvironment(ORIGIN),
      DATABASE_URL: database.url,
      RV_OTLP_ENDPOINT: collector.endpoint,
      ...env,
    },
    { write: () => {} },
  )
  onTestFinished(service.stop)
  const base = `http://127.0.0.1:${service.port}`
  const headers = { accept: 'text/html', traceparent: `00-${FOREIGN_TRACE}-00f067aa0ba902b7-01` }
  return {
    service,
    base,
    open: (token: string) =>
      fetch(
        `${base}/verify?${new URLSearchParams({ session_token: token, state: stateOf(token) })}`,
        {
          headers,
        },
      ),
    post: (token: string, state = stateOf(token)) =>
      fetch(`${base}/verify`, {
        method: 'POST',
        headers: { ...headers, origin: ORIGIN, cookie: OWN_POST.cookie },
        body: new URLSearchParams({ session_token: token, state, script: '1' }),
      }),
  }
}

async function openCollector(options?: { readonly answers: boolean }): Promise<Collector> {
  const collector = await startCollector(options)
  onTestFinished(() => collector.close())
  return collector
}

const named = (spans: readonly SentSpan[], name: string): SentSpan => {
  const found = spans.filter((span) => span.name === name)
  expect(found.map((span) => span.name)).toEqual([name])
  return found[0] as SentSpan
}

describe('a trace', () => {
  it('is found by what the Action was told: one id, parents and times in order', async () => {
    const collector = await openCollector()
    let service: NodeService | undefined
    const world = await openWorld(database, {
      serve: async (env) => {
        service = await startNode(
          { ...env, RV_OTLP_ENDPOINT: collector.endpoint },
          { write: () => {} },
        )
        return service
      },
    })
    const { browser } = await world.arrive(world.addUser())
    const leaving = await browser.autoSubmit()
    const { jti, reference } = claimsOf(wayBackOf(leaving).token)
    await browser.autoSubmit()
    await world.records()
    await service?.stop()

    expect(new Set(collector.paths)).toEqual(new Set(['POST /v1/traces']))
    expect(world.actionLog().at(-1)).toMatchObject({ reference })
    const traceId = String(jti).replaceAll('-', '')
    const spans = collector.spans()
    const own = spans.filter((span) => span.traceId === traceId)
    expect(own.map(({ name }) => name).sort()).toEqual([
      'decide',
      'store.open',
      'store.settle',
      'token.sign',
      'token.verify',
      'verify.decide',
    ])
    const root = named(own, 'verify.decide')
    expect(root.parentSpanId ?? '').toBe('')
    for (const span of own) {
      expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true)
      expect(BigInt(span.startTimeUnixNano) >= BigInt(root.startTimeUnixNano)).toBe(true)
      if (span !== root) expect(span.parentSpanId).toBe(root.spanId)
    }
    const order = ['token.verify', 'store.open', 'decide', 'token.sign'].map((name) =>
      named(own, name),
    )
    for (const [at, span] of order.slice(1).entries()) {
      expect(BigInt(span.startTimeUnixNano) >= BigInt(order[at]?.endTimeUnixNano ?? 0)).toBe(true)
    }
    expect(attributesOfSpan(root)).toMatchObject({
      'rv.assessment_id': jti,
      'rv.reference': reference,
      'rv.tenant_id': world.tenantId,
      'rv.flow': 'password_reset',
      'rv.outcome': 'allow',
      'http.response.status_code': 200,
    })

    const arrival = named(spans, 'verify.arrive')
    expect(arrival.traceId).not.toBe(traceId)
    expect(root.links.map((link) => link.traceId)).toEqual([arrival.traceId])
    expect(spans.filter((span) => ![traceId, arrival.traceId].includes(span.traceId))).toEqual([])
  })

  it('holds attributes from the list alone, and nothing of token, state, subject or address', async () => {
    const collector = await openCollector()
    const { service, open, post } = await start(collector)
    const subject = 'auth0|a-subject-of-its-own'
    const token = liveToken({
      sub: subject,
      jti: 'a-jti-of-its-own',
      email: 'somebody@example.com',
    })
    expect((await open(token)).status).toBe(200)
    expect((await post(token)).status).toBe(200)
    await service.stop()
    const spans = collector.spans()
    expect(spans.length).toBeGreaterThan(6)
    for (const span of spans) {
      expect(Object.keys(attributesOfSpan(span)).filter((key) => !ALLOWED.has(key))).toEqual([])
      expect(span.traceId).not.toBe(FOREIGN_TRACE)
      expect(span.parentSpanId).not.toBe('00f067aa0ba902b7')
    }
    const sent = collector.bodies.join('\n')
    for (const secret of [
      token,
      token.split('.')[2] ?? token,
      subject,
      'a-jti-of-its-own',
      'somebody@',
      stateOf(token),
      '127.0.0.1',
      FOREIGN_TRACE,
    ]) {
      expect(sent).not.toContain(secret)
    }
  })

  it('holds an answer that is given once more, and why another was refused', async () => {
    const collector = await openCollector()
    const { service, post } = await start(collector)
    const token = liveToken()
    await post(token)
    await post(token)
    await post(token, 'another-state')
    await service.stop()
    const roots = collector.spans().filter(({ name }) => name === 'verify.decide')
    const [first, repeat, refused] = roots.map((span) => ({
      ...span,
      told: attributesOfSpan(span),
    }))
    expect(repeat?.traceId).toBe(first?.traceId)
    expect([first?.told['rv.fresh'], repeat?.told['rv.fresh']]).toEqual([true, false])
    expect(refused?.told).toMatchObject({
      'rv.code': 'token_spent',
      'http.response.status_code': 400,
    })
    expect(refused?.traceId).toBe(String(refused?.told['rv.request_id']).replaceAll('-', ''))
    expect(new Set(roots.map(({ links }) => links[0]?.traceId)).size).toBe(1)
  })

  it('is not made for a request without a good token', async () => {
    const collector = await openCollector()
    const { service, base, open, post } = await start(collector)
    expect((await open(`${liveToken()}x`)).status).toBe(400)
    expect((await post(liveToken({ exp: 1, iat: 0 }))).status).toBe(400)
    expect((await fetch(`${base}/livez`)).status).toBe(200)
    expect((await fetch(`${base}/nothing`)).status).toBe(404)
    await service.stop()
    expect(collector.bodies).toEqual([])
  })

  it('marks what failed, with the class of the database’s word', async () => {
    const collector = await openCollector()
    const { service, post } = await start(collector, {
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none',
    })
    expect((await post(liveToken())).status).toBe(503)
    await service.stop()
    const spans = collector.spans()
    const opening = named(spans, 'store.open')
    expect(opening.status.code).toBe(2)
    expect(attributesOfSpan(opening)).toEqual({ 'rv.store_error': 'ECONNREFUSED' })
    const root = named(spans, 'verify.decide')
    expect(root.status.code).toBe(2)
    expect(attributesOfSpan(root)).toMatchObject({ 'rv.code': 'unavailable' })
    expect(spans.map(({ name }) => name)).not.toContain('decide')
  })
})

describe('a collector that', () => {
  it('is offered more than may wait gets the first of it and not the rest', async () => {
    const collector = await openCollector()
    const { endpoint } = collector
    const { emit, end } = createOtlp({ endpoint, version: '0.1.0', random: randomBytes })
    const root = { name: 'verify.decide', start: 1, end: 2, attributes: {}, failed: false }
    for (let n = 0; n < 10_000; n += 1) {
      emit({ id: `${n}`.padStart(32, 'a'), root, children: [] })
    }
    await end()
    const spans = collector.spans()
    expect(spans.length).toBeGreaterThan(500)
    expect(spans.length).toBeLessThan(3000)
    expect(spans[0]?.traceId).toBe(`${0}`.padStart(32, 'a'))
  })

  it.each([
    ['is not there', async () => ({ endpoint: 'http://127.0.0.1:1' })],
    ['takes everything and answers nothing', () => openCollector({ answers: false })],
  ])('%s is nobody’s concern, and the service still stops', async (_, given) => {
    const { service, open, post } = await start(await given())
    for (let n = 0; n < 20; n += 1) {
      const token = liveToken()
      expect((await open(token)).status).toBe(200)
      expect((await post(token)).status).toBe(200)
    }
    await service.stop()
  })
})
