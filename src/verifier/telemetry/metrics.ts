/**
 * Counts what the log says, for Prometheus. There is no second place where things are observed: what
 * is counted was a field of a log line first, but for gauges that are read when somebody asks for them
 * and the time that Postgres takes. For a long-running process; Workers have no such page.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Log, LogEvent, LogFields } from '../log.ts'
import {
  createReasonLabels,
  FLOWS,
  flowLabel,
  MODES,
  methodLabel,
  modeLabel,
  OUTCOMES,
  outcomeLabel,
  PARTS,
  partLabel,
  rejectionLabel,
  routeLabel,
  statusLabel,
  storeCodeLabel,
  tenantLabels,
} from './labels.ts'
import { METRICS, type Metric, type MetricId } from './metrics-table.ts'
import type { Watch } from './watched-store.ts'

export interface MetricsOptions {
  /** Ids of the configured tenants. */
  readonly tenants: readonly string[]
  /** Connections that requests share. */
  readonly connections: number
  readonly version: string
  readonly node: string
  /** Epoch seconds. */
  readonly startedAt: number
  /** Monotonic milliseconds. */
  readonly stopwatch: () => number
}

/** What is read anew for each scrape. */
export interface Readings {
  readonly ready: boolean
  readonly loopLagSeconds: number
  readonly cpuSeconds: number
  readonly residentBytes: number
}

export interface CheckFound {
  readonly clock_skew_seconds?: number
  readonly store_error?: string
}

export interface Metrics {
  /** Hears the log. */
  readonly hear: Log
  readonly watch: Watch
  /** What a look at the database found. */
  readonly noteCheck: (found: CheckFound) => void
  /** Everything, in the text format of Prometheus. */
  readonly expose: (readings: Readings) => Promise<string>
  readonly contentType: string
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  const make = {
    counter: (metric: Metric) => new Counter({ ...constructionOf(metric), registers: [registry] }),
    gauge: (metric: Metric) => new Gauge({ ...constructionOf(metric), registers: [registry] }),
    histogram: (metric: Metric) =>
      new Histogram({
        ...constructionOf(metric),
        ...(metric.buckets === undefined ? {} : { buckets: [...metric.buckets] }),
        registers: [registry],
      }),
  }
  const made = Object.fromEntries(
    Object.entries<Metric>(METRICS).map(([id, metric]) => [id, make[metric.type](metric)]),
  ) as { [Id in MetricId]: ReturnType<(typeof make)[(typeof METRICS)[Id]['type']]> }

  made.build.set({ version: options.version, node: options.node }, 1)
  made.startTime.set(options.startedAt)
  made.storeConnections.set(options.connections)
  // The first of something rare must be an increase from zero, or no alert sees it.
  for (const part of PARTS) made.failures.inc({ part }, 0)
  for (const code of ['no_policy', 'policy_unusable']) {
    made.storeErrors.inc({ part: 'assessment', code }, 0)
  }
  for (const tenant of options.tenants) beginAtZero(made, tenant)
  const hearers = createHearers(made, tenantLabels(options.tenants))
  let cpuSeconds = 0

  return {
    hear: (event, fields) => {
      const hearer = hearers[event]
      if (hearer !== undefined) hearer(fields)
    },
    watch: (operation) => {
      const start = options.stopwatch()
      made.storeCalls.inc()
      return () => {
        made.storeCalls.dec()
        made.storeSeconds.observe({ operation }, (options.stopwatch() - start) / 1000)
      }
    },
    noteCheck: ({ clock_skew_seconds, store_error }) => {
      if (clock_skew_seconds !== undefined) made.clockSkew.set(clock_skew_seconds)
      noteStoreError(made, 'readiness', store_error)
    },
    expose: (readings) => {
      made.ready.set(readings.ready ? 1 : 0)
      made.loopLag.set(readings.loopLagSeconds)
      made.memory.set(readings.residentBytes)
      made.cpu.inc(Math.max(0, readings.cpuSeconds - cpuSeconds))
      cpuSeconds = Math.max(cpuSeconds, readings.cpuSeconds)
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}

/** With little traffic, the first decision after each start would be missing from every rate. */
function beginAtZero(made: Pick<Made, 'historyUnread' | 'assessments'>, tenant: string): void {
  made.historyUnread.inc({ tenant }, 0)
  for (const flow of FLOWS) {
    for (const outcome of OUTCOMES) {
      for (const mode of MODES) {
        const labels = { tenant, flow, answer: 'first', outcome, assessed: outcome, mode }
        made.assessments.inc(labels, 0)
      }
    }
  }
}

const constructionOf = ({ name, help, labels }: Metric) => ({ name, help, labelNames: [...labels] })

type Made = {
  readonly [Id in MetricId]: {
    counter: Counter
    gauge: Gauge
    histogram: Histogram
  }[(typeof METRICS)[Id]['type']]
}
type Hearers = { readonly [E in LogEvent]?: (fields: LogFields<E>) => void }

function noteStoreError({ storeErrors }: Pick<Made, 'storeErrors'>, part: string, code?: string) {
  if (code !== undefined) storeErrors.inc({ part, code: storeCodeLabel(code) })
}

/** What each event of the log counts. Fields come as the log accepted them: typed, or absent. */
function createHearers(made: Made, tenantOf: (id: string | undefined) => string): AnyHearers {
  const reasonOf = createReasonLabels()
  const hearers: Hearers = {
    request: ({ method, route, status, code, tenant_id, duration_ms = 0 }) => {
      const asked = { method: methodLabel(method), route: routeLabel(route) }
      made.requests.inc({ ...asked, status: statusLabel(status) })
      made.requestSeconds.observe(asked, duration_ms / 1000)
      if (code === undefined) return
      made.rejections.inc({ tenant: tenantOf(tenant_id), code: rejectionLabel(code) })
    },
    assessment: (fields) => {
      const { tenant_id, outcome, fresh, degraded, key_index = 0, token_age_seconds } = fields
      noteStoreError(made, 'assessment', fields.store_error)
      if (outcome === undefined) return
      const tenant = tenantOf(tenant_id)
      const flow = flowLabel(fields.flow)
      const answer = degraded ? 'degraded' : fresh ? 'first' : 'repeat'
      made.assessments.inc({
        ...{ tenant, flow, answer },
        outcome: outcomeLabel(outcome),
        assessed: outcomeLabel(fields.assessed),
        mode: modeLabel(fields.mode),
      })
      if (answer !== 'first') return
      for (const reason of fields.reasons?.split(',') ?? []) {
        made.reasons.inc({ tenant, flow, reason: reasonOf(reason) })
      }
      if (token_age_seconds !== undefined) made.tokenAge.observe({ tenant }, token_age_seconds)
      if (key_index > 0) made.previousKeys.inc({ tenant })
    },
    breaker: ({ open }) => {
      made.breakerOpen.set(open ? 1 : 0)
      if (open) made.breakerOpened.inc()
    },
    failure: ({ where, store_error }) => {
      const part = partLabel(where)
      made.failures.inc({ part })
      noteStoreError(made, part, store_error)
    },
    swept: ({ settled = 0, left = 0 }) => {
      made.settled.inc(settled)
      made.sweepLeft.inc(left)
    },
    log_stream: ({ tenant_id, accepted = 0, ignored = 0 }) => {
      const tenant = tenantOf(tenant_id)
      made.streamEvents.inc({ tenant, kind: 'accepted' }, accepted)
      made.streamEvents.inc({ tenant, kind: 'ignored' }, ignored)
    },
    learned: ({ tenant_id, confirmed = 0, folded = 0 }) => {
      const tenant = tenantOf(tenant_id)
      made.learned.inc({ tenant, kind: 'confirmed' }, confirmed)
      made.learned.inc({ tenant, kind: 'folded' }, folded)
    },
    history_unread: ({ tenant_id }) => made.historyUnread.inc({ tenant: tenantOf(tenant_id) }),
    purged: ({ rows = 0, made: partitions = 0, dropped = 0 }) => {
      made.purgedRows.inc(rows)
      made.partitions.inc({ kind: 'made' }, partitions)
      made.partitions.inc({ kind: 'dropped' }, dropped)
    },
  }
  // Each hearer is called with the fields of its own event: `hear` looks it up by that event.
  return hearers as AnyHearers
}

type AnyHearers = { readonly [E in LogEvent]?: (fields: object) => void }
