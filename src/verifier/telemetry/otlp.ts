/**
 * Sends traces to a collector over OTLP/HTTP. What cannot be sent in time is dropped: nobody waits for
 * a collector, and what waits for one is bounded.
 */
import {
  type Span as OpenSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Emit, Span } from './tracing.ts'

export interface OtlpOptions {
  /** Of the collector, such as `http://127.0.0.1:4318`; traces go to `/v1/traces` under it. */
  readonly endpoint: string
  readonly version: string
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array
}

export interface Otlp {
  readonly emit: Emit
  /** Sends what waits, for at most two seconds. Never rejects. */
  readonly end: () => Promise<void>
}

/** About a megabyte of spans; more are dropped while the collector is away. */
const MOST_WAITING = 2048
const MOST_AT_ONCE = 512
/** One is under way when the end comes, and everything that waits is sent at once. */
const MOST_REQUESTS = 1 + MOST_WAITING / MOST_AT_ONCE
const EVERY_MILLISECONDS = 2000
const PATIENCE_MILLISECONDS = 5000
const END_MILLISECONDS = 2000

export function createOtlp({ endpoint, version, random }: OtlpOptions): Otlp {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: PATIENCE_MILLISECONDS,
    concurrencyLimit: MOST_REQUESTS,
  })
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MOST_WAITING,
    maxExportBatchSize: MOST_AT_ONCE,
    scheduledDelayMillis: EVERY_MILLISECONDS,
    exportTimeoutMillis: PATIENCE_MILLISECONDS,
  })
  let traceId = ''
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes({
      'service.name': 'redirect-verifier',
      'service.version': version,
    }),
    spanLimits: { attributeCountLimit: 32, attributeValueLengthLimit: 2048 },
    // Asked while `startSpan` runs, and never later: the trace is the one that is being emitted.
    idGenerator: {
      generateTraceId: () => traceId,
      generateSpanId: () => Buffer.from(random(8)).toString('hex'),
    },
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('redirect-verifier', version)

  return {
    emit({ id, linked, root, children }) {
      traceId = id
      const link =
        linked === undefined
          ? []
          : [{ context: { traceId: linked, spanId: linked.slice(0, 16), traceFlags: SAMPLED } }]
      const options = { startTime: root.start, kind: SpanKind.SERVER, links: link }
      const opened = tracer.startSpan(root.name, options, ROOT_CONTEXT)
      const within = trace.setSpan(ROOT_CONTEXT, opened)
      const add = (span: Span) =>
        finish(tracer.startSpan(span.name, { startTime: span.start }, within), span)
      for (const child of children) add(child)
      finish(opened, root)
      return add
    },
    async end() {
      let timer: ReturnType<typeof setTimeout> | undefined
      const patience = new Promise<void>((over) => {
        timer = setTimeout(over, END_MILLISECONDS)
      })
      await Promise.race([provider.shutdown().catch(() => {}), patience])
      clearTimeout(timer)
    },
  }
}

const SAMPLED = TraceFlags.SAMPLED

function finish(opened: OpenSpan, { attributes, failed, end }: Span): void {
  opened.setAttributes(attributes)
  if (failed) opened.setStatus({ code: SpanStatusCode.ERROR })
  opened.end(end)
}
