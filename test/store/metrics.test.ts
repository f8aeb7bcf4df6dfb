/** A scrape of the running service after real resets: the counters moved, and on no public port. */
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type NodeOptions, type NodeService, startNode } from '../../src/node.ts'
import { OWN_POST } from '../support/app.ts'
import { freshDatabase } from '../support/database.ts'
import { liveToken, seedTenant, serviceEnvironment } from '../support/environment.ts'
import { openWorld, passVerifier } from '../support/world.ts'

const database = await freshDatabase()
await seedTenant(database.url)
const ORIGIN = 'http://verify.localhost:8400'

async function scrape({ metricsPort }: NodeService): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
  expect(response.status).toBe(200)
  const lines = (await response.text()).split('\n').filter((line) => /^[a-z]/.test(line))
  return new Map(lines.map((line) => [line.replace(/ [^ ]+$/, ''), Number(line.split(' ').at(-1))]))
}

/** The sum of all samples of this name whose labels hold every one of these. */
const total = (samples: ReadonlyMap<string, number>, name: string, ...labels: readonly string[]) =>
  [...samples]
    .filter(([sample]) => sample === name || sample.startsWith(`${name}{`))
    .filter(([sample]) => labels.every((label) => sample.includes(label)))
    .reduce((sum, [, value]) => sum + value, 0)

async function start(env: Readonly<Record<string, string>> = {}, options: NodeOptions = {}) {
  const service = await startNode(
    { ...serviceEnvironment(ORIGIN), DATABASE_URL: database.url, RV_METRICS_PORT: '0', ...env },
    { write: () => {}, ...options },
  )
  onTestFinished(service.stop)
  const base = `http://127.0.0.1:${service.port}`
  const post = (token: string, state = 'state-1') =>
    fetch(`${base}/verify`, {
      method: 'POST',
      headers: { accept: 'text/html', origin: ORIGIN, cookie: OWN_POST.cookie },
      body: new URLSearchParams({ session_token: token, state, script: '1' }),
    })
  return { service, base, post }
}

describe('a scrape', () => {
  it('shows what resets in an emulated tenant did', async () => {
    let service: NodeService | undefined
    const world = await openWorld(database, {
      serve: async (env) => {
        service = await startNode({ ...env, RV_METRICS_PORT: '0' }, { write: () => {} })
        return service
      },
    })
    const running = service as unknown as NodeService
    const tenant = `tenant="${world.tenantId}"`
    const before = await scrape(running)
    expect(total(before, 'rv_assessments_total')).toBe(0)

    const allowed = await world.arrive(world.addUser())
    await passVerifier(allowed.browser)
    const denied = world.addUser()
    await world.deny(denied)
    await passVerifier((await world.arrive(denied)).browser)
    // A link without its token.
    expect((await fetch(`http://127.0.0.1:${running.port}/verify?state=x`)).status).toBe(400)
    await world.records()

    const after = await scrape(running)
    const decided = [tenant, 'flow="password_reset"', 'answer="first"', 'mode="enforce"']
    expect(total(after, 'rv_assessments_total', ...decided)).toBe(2)
    expect(total(after, 'rv_assessments_total', ...decided, 'outcome="allow"')).toBe(1)
    expect(total(after, 'rv_assessments_total', ...decided, 'outcome="deny"')).toBe(1)
    expect(total(after, 'rv_reasons_total', tenant)).toBeGreaterThan(0)
    expect(total(after, 'rv_session_token_age_seconds_count', tenant)).toBe(2)
    const verify = 'route="/verify"'
    expect(total(after, 'rv_requests_total', verify, 'method="GET"', 'status="2xx"')).toBe(2)
    expect(total(after, 'rv_requests_total', verify, 'method="POST"', 'status="2xx"')).toBe(2)
    expect(total(after, 'rv_request_duration_seconds_count', verify, 'method="POST"')).toBe(2)
    expect(total(after, 'rv_rejections_total', 'tenant="none"', 'code="parameter_missing"')).toBe(1)
    expect(total(after, 'rv_store_duration_seconds_count', 'operation="open"')).toBe(2)
    expect(total(after, 'rv_store_duration_seconds_count', 'operation="settle"')).toBe(2)
    expect(total(after, 'rv_store_calls_in_flight')).toBe(0)
    expect(total(after, 'rv_store_errors_total')).toBe(0)
    expect(total(after, 'rv_ready')).toBe(1)
    expect(Math.abs(total(after, 'rv_clock_skew_seconds'))).toBeLessThan(5)
    expect(total(after, 'process_resident_memory_bytes')).toBeGreaterThan(1e6)
  })

  it('counts an answer that is given once more apart, and a token of another browser as spent', async () => {
    const { service, post } = await start()
    const token = liveToken()
    for (let n = 0; n < 2; n += 1) expect((await post(token)).status).toBe(200)
    expect((await post(token, 'state-2')).status).toBe(400)
    const samples = await scrape(service)
    expect(total(samples, 'rv_assessments_total', 'answer="first"')).toBe(1)
    expect(total(samples, 'rv_assessments_total', 'answer="repeat"')).toBe(1)
    expect(total(samples, 'rv_rejections_total', 'tenant="acme"', 'code="token_spent"')).toBe(1)
  })

  it('tells that the clocks differ, and that the service is not ready for it', async () => {
    const clock = () => Math.floor(Date.now() / 1000) - 60
    const { service } = await start({}, { clock })
    const samples = await scrape(service)
    expect(total(samples, 'rv_clock_skew_seconds')).toBeLessThan(-55)
    expect(samples.get('rv_ready')).toBe(0)
  })

  it('answers while the database is away, and says so', async () => {
    const { service, base, post } = await start({ DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none' })
    for (let n = 0; n < 6; n += 1) expect((await post(liveToken())).status).toBe(503)
    expect((await fetch(`${base}/readyz`)).status).toBe(503)
    const samples = await scrape(service)
    expect(samples.get('rv_ready')).toBe(0)
    expect(samples.get('rv_breaker_open')).toBe(1)
    expect(total(samples, 'rv_store_errors_total', 'code="ECONNREFUSED"')).toBeGreaterThan(0)
    expect(total(samples, 'rv_store_errors_total', 'code="BREAKER_OPEN"')).toBeGreaterThan(0)
    expect(total(samples, 'rv_rejections_total', 'code="unavailable"')).toBe(6)
    expect(total(samples, 'rv_failures_total', 'part="settings"')).toBe(1)
  })
})

describe('the port of the metrics', () => {
  it('answers nothing but GET /metrics', async () => {
    const { service } = await start()
    const base = `http://127.0.0.1:${service.metricsPort}`
    const statusOf = async (path: string, method = 'GET') =>
      (await fetch(`${base}${path}`, { method })).status
    expect(await statusOf('/metrics?x=1')).toBe(200)
    expect(await statusOf('/metrics', 'HEAD')).toBe(200)
    expect(await statusOf('/metrics', 'POST')).toBe(405)
    for (const path of ['/', '/verify', '/readyz', '/metrics/x'])
      expect(await statusOf(path)).toBe(404)
  })

  it('is not the public one, which knows no metrics', async () => {
    const { base } = await start()
    expect((await fetch(`${base}/metrics`)).status).toBe(404)
  })

  it('is not opened unless it is configured, and is closed with the service', async () => {
    const quiet = await start({ RV_METRICS_PORT: '' })
    expect(quiet.service.metricsPort).toBeUndefined()
    const { service } = await start()
    await service.stop()
    await expect(fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)).rejects.toThrow()
  })

  it('keeps the service from starting when somebody else has it', async () => {
    const other = createServer()
    await new Promise<void>((bound) => other.listen(0, '127.0.0.1', bound))
    onTestFinished(() => void other.close())
    const address = other.address()
    const port = typeof address === 'object' ? `${address?.port}` : ''
    await expect(start({ RV_METRICS_PORT: port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
