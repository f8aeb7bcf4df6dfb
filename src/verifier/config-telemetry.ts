/** Where metrics are shown and traces are sent. Neither happens unless it is asked for. */
import type { Report } from './config-json.ts'
import { parseListenHost } from './config-network.ts'

export interface TelemetryConfig {
  /** Where Prometheus asks; never the port that browsers reach. */
  readonly metrics?: { readonly host: string; readonly port: number }
  /** Base URL of an OTLP/HTTP collector, without a trailing slash. */
  readonly otlpEndpoint?: string
}

export interface TelemetryVariables {
  readonly metricsHost: string | undefined
  readonly metricsPort: string | undefined
  readonly otlpEndpoint: string | undefined
  /** The service's own port, for comparison. */
  readonly port: number
}

export function parseTelemetry(given: TelemetryVariables, fault: Report): TelemetryConfig {
  const host = parseListenHost(given.metricsHost, fault, 'RV_METRICS_HOST')
  const port = parseMetricsPort(given, fault)
  const otlpEndpoint = parseEndpoint(given.otlpEndpoint, fault)
  if (given.metricsHost !== undefined && given.metricsPort === undefined) {
    fault('RV_METRICS_HOST does nothing without RV_METRICS_PORT')
  }
  return {
    ...(port === undefined ? {} : { metrics: { host, port } }),
    ...(otlpEndpoint === undefined ? {} : { otlpEndpoint }),
  }
}

/** Port 0 lets the system choose one. */
function parseMetricsPort(
  { metricsPort, port }: TelemetryVariables,
  fault: Report,
): number | undefined {
  if (metricsPort === undefined) return undefined
  const number = /^\d{1,5}$/.test(metricsPort) ? Number(metricsPort) : 65_536
  if (number > 65_535) fault('RV_METRICS_PORT must be a number from 0 to 65535')
  else if (number === port && number !== 0)
    fault('RV_METRICS_PORT must be another port than RV_PORT')
  else return number
  return undefined
}

/** Credentials do not belong into an address that logs and process lists show. */
function parseEndpoint(value: string | undefined, fault: Report): string | undefined {
  if (value === undefined) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  const plain =
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (plain) return url.href.replace(/\/+$/, '')
  fault(
    'RV_OTLP_ENDPOINT must be the base URL of a collector, such as http://127.0.0.1:4318, without user, query or fragment',
  )
  return undefined
}
