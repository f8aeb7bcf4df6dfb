/** What is counted: what the log says, under labels that are all known beforehand. */
import fc from 'fast-check'
import '../support/seed.ts'
import { describe, expect, it } from 'vitest'
import { createLog, type Log } from '../../src/verifier/log.ts'
import { OTHER, routeLabel, storeCodeLabel } from '../../src/verifier/telemetry/labels.ts'
import { createMetrics } from '../../src/verifier/telemetry/metrics.ts'
import { METRICS, type Metric } from '../../src/verifier/telemetry/metrics-table.ts'
import { NOW, sessionToken } from '../support/tokens.ts'

const READINGS = { ready: true, loopLagSeconds: 0.02, cpuSeconds: 3, residentBytes: 1000 }
const ID = '0d3f6a52-7c1e-4b8e-9c55-2f6d1f0a9b31'

function counting() {
  let milliseconds = 0
  const metrics = createMetrics({
    tenants: ['acme'],
    connections: 10,
    version: '0.1.0',
    node: '20.0.0',
    startedAt: NOW,
    stopwatch: () => milliseconds,
  })
  const log = createLog(
    () => {},
    () => NOW,
    metrics.hear,
  )
  return {
    metrics,
    log,
    wait: (more: number) => {
      milliseconds += more
    },
    /** Samples that are not zero, `name{labels}` → value. */
    async samples(readings = READINGS) {
      const text = await metrics.expose(readings)
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      const pairs = lines.map((line) => line.split(/ (?=[^ ]+$)/) as [string, string])
      return new Map(
        pairs.map(([name, value]) => [name, Number(value)] as const).filter(([, value]) => value),
      )
    },
  }
}

/** As a caller does that got round the compiler. */
type ForcedLog = (event: string, fields: Readonly<Record<string, unknown>>) => void
const forced = (log: Log) => log as unknown as ForcedLog

describe('the metrics', () => {
  it('count a request by method, route and class of status, with its time', async () => {
    const { log, samples } = counting()
    log('request', { method: 'POST', route: '/verify', status: 200, duration_ms: 12 })
    const found = await samples()
    expect(found.get('rv_requests_total{method="POST",route="/verify",status="2xx"}')).toBe(1)
    const time = 'method="POST",route="/verify"'
    expect(found.get(`rv_request_duration_seconds_sum{${time}}`)).toBe(0.012)
    expect(found.get(`rv_request_duration_seconds_bucket{le="0.01",${time}}`)).toBeUndefined()
    expect(found.get(`rv_request_duration_seconds_bucket{le="0.025",${time}}`)).toBe(1)
    expect([...found.keys()].filter((name) => name.startsWith('rv_rejections'))).toEqual([])
  })

  it('count a refusal by its code and the tenant whose key verified the token', async () => {
    const { log, samples } = counting()
    log('request', { route: '/verify', status: 400, code: 'token_spent', tenant_id: 'acme' })
    log('request', { route: '/verify', status: 400, code: 'signature_invalid' })
    const found = await samples()
    expect(found.get('rv_rejections_total{tenant="acme",code="token_spent"}')).toBe(1)
    expect(found.get('rv_rejections_total{tenant="none",code="signature_invalid"}')).toBe(1)
  })

  const DECIDED = {
    tenant_id: 'acme',
    assessment_id: ID,
    flow: 'login',
    outcome: 'step_up',
    assessed: 'deny',
    mode: 'enforce',
    reasons: 'new_device,new_country',
    fresh: true,
    key_index: 1,
    token_age_seconds: -2,
  } as const
  const decided = (answer: string) =>
    `rv_assessments_total{tenant="acme",flow="login",answer="${answer}",outcome="step_up",assessed="deny",mode="enforce"}`

  it('count a decision, its reasons, the age of its token and a key before the current one', async () => {
    const { log, samples } = counting()
    log('assessment', DECIDED)
    const found = await samples()
    expect(found.get(decided('first'))).toBe(1)
    for (const reason of ['new_device', 'new_country']) {
      const name = `rv_reasons_total{tenant="acme",flow="login",reason="${reason}"}`
      expect(found.get(name)).toBe(1)
    }
    expect(found.get('rv_session_token_age_seconds_bucket{le="-2",tenant="acme"}')).toBe(1)
    expect(found.get('rv_session_token_age_seconds_bucket{le="-5",tenant="acme"}')).toBeUndefined()
    expect(found.get('rv_previous_key_total{tenant="acme"}')).toBe(1)
  })

  it.each([
    ['a repeat', 'repeat', { fresh: false }],
    ['an answer without a record', 'degraded', { fresh: undefined, degraded: true }],
  ])('count %s apart, and its reasons not again', async (_, answer, change) => {
    const { log, samples } = counting()
    log('assessment', { ...DECIDED, ...change })
    const found = await samples()
    expect(found.get(decided(answer))).toBe(1)
    expect([...found.keys()].filter((name) => /reasons|token_age|previous/.test(name))).toEqual([])
  })

  it('count no decision where there was none, but what the database said', async () => {
    const { log, samples } = counting()
    log('assessment', { tenant_id: 'acme', assessment_id: ID, store_error: '57P01' })
    const found = await samples()
    expect(found.get('rv_store_errors_total{part="assessment",code="SQLSTATE_57"}')).toBe(1)
    expect([...found.keys()].filter((name) => name.startsWith('rv_assessments'))).toEqual([])
  })

  it('follow the breaker', async () => {
    const { log, samples } = counting()
    log('breaker', { open: true, store_error: 'ECONNREFUSED' })
    expect((await samples()).get('rv_breaker_open')).toBe(1)
    log('breaker', { open: false })
    const found = await samples()
    expect(found.get('rv_breaker_open')).toBeUndefined()
    expect(found.get('rv_breaker_opened_total')).toBe(1)
  })

  it('count what the chores did and what failed', async () => {
    const { log, samples } = counting()
    log('swept', { settled: 2, left: 1, duration_ms: 3 })
    log('learned', { tenant_id: 'acme', confirmed: 3, folded: 4, duration_ms: 1 })
    log('log_stream', { tenant_id: 'acme', accepted: 5, ignored: 6 })
    log('purged', { rows: 7, made: 8, dropped: 9, duration_ms: 1 })
    log('history_unread', { tenant_id: 'acme' })
    log('failure', { where: 'settings', error_class: 'StoreError', store_error: 'DEADLINE' })
    const found = await samples()
    const expected = {
      rv_swept_total: 2,
      rv_sweep_left_total: 1,
      'rv_learned_total{tenant="acme",kind="confirmed"}': 3,
      'rv_learned_total{tenant="acme",kind="folded"}': 4,
      'rv_log_stream_events_total{tenant="acme",kind="accepted"}': 5,
      'rv_log_stream_events_total{tenant="acme",kind="ignored"}': 6,
      rv_purged_rows_total: 7,
      'rv_partitions_total{kind="made"}': 8,
      'rv_partitions_total{kind="dropped"}': 9,
      'rv_history_unread_total{tenant="acme"}': 1,
      'rv_failures_total{part="settings"}': 1,
      'rv_store_errors_total{part="settings",code="DEADLINE"}': 1,
    }
    for (const [name, value] of Object.entries(expected))
      expect([name, found.get(name)]).toEqual([name, value])
  })

  it('tell the clocks apart, and what a look at the database met', async () => {
    const { metrics, samples } = counting()
    metrics.noteCheck({ clock_skew_seconds: -4.5 })
    metrics.noteCheck({ store_error: 'ECONNREFUSED' })
    const found = await samples()
    expect(found.get('rv_clock_skew_seconds')).toBe(-4.5)
    expect(found.get('rv_store_errors_total{part="readiness",code="ECONNREFUSED"}')).toBe(1)
  })

  it('know how many questions are under way and how long each took', async () => {
    const { metrics, samples, wait } = counting()
    const [first, second] = [metrics.watch('open'), metrics.watch('settle')]
    expect((await samples()).get('rv_store_calls_in_flight')).toBe(2)
    wait(30)
    first()
    second('DEADLINE')
    const found = await samples()
    expect(found.get('rv_store_calls_in_flight')).toBeUndefined()
    expect(found.get('rv_store_duration_seconds_sum{operation="open"}')).toBe(0.03)
    expect(found.get('rv_store_connections')).toBe(10)
  })

  it('read gauges anew, and never turn a counter back', async () => {
    const { samples } = counting()
    expect((await samples()).get('process_cpu_seconds_total')).toBe(3)
    const later = { ...READINGS, ready: false, cpuSeconds: 2, loopLagSeconds: 0.5 }
    const found = await samples(later)
    expect(found.get('process_cpu_seconds_total')).toBe(3)
    expect(found.get('rv_ready')).toBeUndefined()
    expect(found.get('rv_event_loop_lag_seconds')).toBe(0.5)
    expect(found.get('rv_build_info{version="0.1.0",node="20.0.0"}')).toBe(1)
  })

  it('show the first of something rare as an increase from zero', async () => {
    const text = await counting().metrics.expose(READINGS)
    for (const sample of [
      'rv_failures_total{part="http"} 0',
      'rv_store_errors_total{part="assessment",code="no_policy"} 0',
      'rv_history_unread_total{tenant="acme"} 0',
      'rv_breaker_opened_total 0',
      'rv_assessments_total{tenant="acme",flow="login",answer="first",outcome="deny",assessed="deny",mode="enforce"} 0',
    ]) {
      expect(text.split('\n')).toContain(sample)
    }
  })
})

describe('a label', () => {
  it('takes no word of a request, whatever a caller passes by force', async () => {
    const words = [
      sessionToken(),
      'person@mail.example',
      '203.0.113.77',
      'auth0|6510a1b2c3d4e5f60718293a',
      'canaryq',
      'CANARYQ',
      'canary_code',
      '/canary',
    ]
    for (const word of words) {
      const { log, samples } = counting()
      const before = (await samples()).size
      const every = new Proxy(
        {},
        { get: (_, name) => (/^(status|duration_ms)$/.test(`${String(name)}`) ? 1 : word) },
      )
      for (const event of [
        'request',
        'assessment',
        'failure',
        'learned',
        'log_stream',
        'history_unread',
        'breaker',
      ]) {
        forced(log)(event, every)
      }
      const found = await samples()
      expect(found.size).toBeGreaterThan(before)
      const telling = [...found.keys()].filter((name) => name.includes(word))
      // Only the operator's policies name reasons.
      expect(telling.filter((name) => !name.startsWith('rv_reasons_total'))).toEqual([])
    }
  })

  it('has a bounded number of values, whatever is logged', async () => {
    const { log, samples } = counting()
    const text = fc.string({
      unit: fc.constantFrom(...'abcxyz019_ABC'),
      minLength: 1,
      maxLength: 12,
    })
    const sizes: number[] = []
    for (let round = 0; round < 2; round += 1) {
      fc.assert(
        fc.property(
          fc.record({
            where: text,
            code: text,
            tenant_id: text,
            method: text,
            store_error: text,
            outcome: text,
            flow: text,
            route: text.map((each) => `/${each.toLowerCase()}`),
          }),
          (fields) => {
            for (const event of ['request', 'assessment', 'failure'])
              forced(log)(event, { ...fields, status: 400 })
          },
        ),
        { numRuns: 1000 },
      )
      sizes.push((await samples()).size)
    }
    const [once = 0, twice = 0] = sizes
    // A few that the first thousand happened not to hit; a leak would make hundreds.
    expect(twice - once).toBeLessThan(20)
    expect(twice).toBeLessThan(120)
  })

  it.each([
    ['57P01', 'SQLSTATE_57'],
    ['40001', 'SQLSTATE_40'],
    ['XX000', 'SQLSTATE_XX'],
    ['DEADLINE', 'DEADLINE'],
    ['policy_unusable', 'policy_unusable'],
    ['ZZ999', OTHER],
    ['canary', OTHER],
    ['', OTHER],
  ])('of the store error %s is %s', (code, label) => {
    expect(storeCodeLabel(code)).toBe(label)
  })

  it.each([
    ['/verify', '/verify'],
    ['/admin/assessments/:id', '/admin'],
    ['/administrator', OTHER],
    ['/*', OTHER],
    [undefined, 'none'],
  ])('of the route %s is %s', (route, label) => {
    expect(routeLabel(route)).toBe(label)
  })

  it('stops growing when policies name more reasons than they have rules', async () => {
    const { log, samples } = counting()
    for (let n = 0; n < 500; n += 1) {
      log('assessment', {
        tenant_id: 'acme',
        flow: 'login',
        outcome: 'allow',
        fresh: true,
        reasons: `reason_${n}`,
      })
    }
    const found = await samples()
    const reasons = [...found].filter(([name]) => name.startsWith('rv_reasons_total'))
    expect(reasons).toHaveLength(201)
    expect(found.get('rv_reasons_total{tenant="acme",flow="login",reason="other"}')).toBe(300)
  })
})

it('every metric has one name, one line of help and a unit or a total in its name', () => {
  const all: readonly Metric[] = Object.values(METRICS)
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  for (const { name, help, type, buckets } of all) {
    expect(name).toMatch(/^(rv|process)_[a-z_]+$/)
    expect(help).toMatch(/^[A-Z][^\n|]{10,110}$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(buckets !== undefined).toBe(type === 'histogram')
  }
})
