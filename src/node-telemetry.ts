/**
 * Metrics and traces of the Node entry, as configured. What is not configured is neither loaded nor
 * called: the parts of the service are then handed back as they came.
 */
import { createRequire } from 'node:module'
import { listenForMetrics, type MetricsPage } from './node-metrics.ts'
import { ConfigError } from './verifier/config.ts'
import type { TelemetryConfig } from './verifier/config-telemetry.ts'
import type { StoreFound } from './verifier/http/readiness.ts'
import type { Log } from './verifier/log.ts'
import type { Store, Tokens } from './verifier/ports.ts'
import type { Metrics } from './verifier/telemetry/metrics.ts'
import type { Otlp } from './verifier/telemetry/otlp.ts'
import type { Handle, Tracing } from './verifier/telemetry/tracing.ts'
import { watchedStore } from './verifier/telemetry/watched-store.ts'

export interface TelemetryParts {
  readonly config: TelemetryConfig
  /** Ids of the configured tenants. */
  readonly tenants: readonly string[]
  /** Connections that requests share. */
  readonly connections: number
  /** Monotonic milliseconds. */
  readonly stopwatch: () => number
  readonly random: (bytes: number) => Uint8Array
}

export interface Telemetry {
  /** For the log. */
  readonly hear: Log | undefined
  /** For the check of readiness. */
  readonly noteCheck: (found: StoreFound) => void
  readonly store: <S extends Store>(store: S) => S
  readonly tokens: (tokens: Tokens) => Tokens
  readonly serve: (handle: Handle) => Handle
  /** Answers the port of the metrics, where there is one. Rejects when it cannot be had. */
  readonly begin: (gauges: Gauges) => Promise<number | undefined>
  /** Sends what waits and closes the port. Safe without `begin`. */
  readonly end: () => Promise<void>
}

/** Asked at each scrape. */
export interface Gauges {
  readonly ready: () => Promise<boolean>
  readonly loopLagMilliseconds: () => number
}

const SECOND = 1000
const MICROSECONDS = 1_000_000

export async function createTelemetry(parts: TelemetryParts): Promise<Telemetry> {
  const { config, stopwatch } = parts
  const metrics = config.metrics && (await createNodeMetrics(parts))
  const traces =
    config.otlpEndpoint === undefined ? undefined : await createTraces(parts, config.otlpEndpoint)
  const present = [metrics, traces?.tracing].filter((each) => each !== undefined)
  const watches = present.map(({ watch }) => watch)
  let page: MetricsPage | undefined

  return {
    hear:
      present.length === 0
        ? undefined
        : (event, fields) => {
            for (const { hear } of present) hear(event, fields)
          },
    noteCheck: (found) => metrics?.noteCheck(found),
    store: (store) => (watches.length === 0 ? store : watchedStore(store, watches)),
    tokens: (tokens) => traces?.tracing.tokens(tokens) ?? tokens,
    serve: (handle) => traces?.tracing.serve(handle) ?? handle,
    async begin({ ready, loopLagMilliseconds }) {
      if (metrics === undefined || config.metrics === undefined) return undefined
      page = await listenForMetrics(config.metrics, metrics.contentType, async () => {
        const isReady = await ready().catch(() => false)
        const { user, system } = process.cpuUsage()
        return metrics.expose({
          ready: isReady,
          loopLagSeconds: loopLagMilliseconds() / SECOND,
          cpuSeconds: (user + system) / MICROSECONDS,
          residentBytes: process.memoryUsage.rss(),
        })
      })
      return page.port
    },
    async end() {
      await Promise.all([page?.close(), traces?.otlp.end()])
    },
  }

  async function createNodeMetrics({ tenants, connections }: TelemetryParts): Promise<Metrics> {
    const { createMetrics } = await import('./verifier/telemetry/metrics.ts')
    return createMetrics({
      tenants,
      connections,
      version: packageVersion(),
      node: process.versions.node,
      startedAt: Math.round(performance.timeOrigin / SECOND),
      stopwatch,
    })
  }
}

async function createTraces(
  { random, stopwatch }: TelemetryParts,
  endpoint: string,
): Promise<{ readonly otlp: Otlp; readonly tracing: Tracing }> {
  const [{ createOtlp }, { createTracing }] = await Promise.all([
    import('./verifier/telemetry/otlp.ts'),
    import('./verifier/telemetry/tracing.ts'),
  ]).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new ConfigError(['RV_OTLP_ENDPOINT needs packages that --omit=optional leaves out'])
  })
  const otlp = createOtlp({ endpoint, version: packageVersion(), random })
  return { otlp, tracing: createTracing(otlp.emit, () => performance.timeOrigin + stopwatch()) }
}

/** By the package's own name, since this file lies deeper once it is compiled. */
function packageVersion(): string {
  const manifest: { readonly version: string } = createRequire(import.meta.url)(
    'redirect-verifier/package.json',
  )
  return manifest.version
}
