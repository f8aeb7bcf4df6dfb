/**
 * The page that Prometheus asks, on a port of its own: it has no authentication, so it is not to be
 * reached by browsers. Loopback unless configured otherwise.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface MetricsPage {
  /** The port that is listened on; the configured one unless that was 0. */
  readonly port: number
  readonly close: () => Promise<void>
}

const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 8 * 1024,
}
/** A few Prometheus servers, and somebody who looks. */
const MAX_CONNECTIONS = 32

/** Rejects with the system's error when the port cannot be had. `expose` is not asked twice at once. */
export async function listenForMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  contentType: string,
  expose: () => Promise<string>,
): Promise<MetricsPage> {
  let running: Promise<string> | undefined
  const exposed = () => {
    running ??= expose().finally(() => {
      running = undefined
    })
    return running
  }
  const server = createServer(LIMITS, (request, response) => {
    const answer = (status: number, text: string, type = 'text/plain; charset=utf-8') =>
      response
        .writeHead(status, {
          'Content-Type': type,
          'Cache-Control': 'no-store',
          'X-Content-Type-Options': 'nosniff',
        })
        .end(text)
    if (request.url?.split('?')[0] !== '/metrics') return answer(404, 'See /metrics.\n')
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'GET only.\n')
    return exposed().then(
      (text) => answer(200, text, contentType),
      () => answer(500, 'The metrics cannot be read.\n'),
    )
  })
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((bound, failed) => {
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      bound()
    })
  })
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
