/** The HTTP server of the Node entry: its limits against slow clients, and a stop that drops no answer. */
import { Buffer } from 'node:buffer'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Config } from './verifier/config.ts'

export interface NodeServer {
  /** The port that is listened on; the configured one unless that was 0. */
  readonly port: number
  /**
   * Accepts nothing more and ends idle connections at once, busy ones after their answer or at the
   * deadline.
   */
  readonly close: () => Promise<void>
}

/** Slow clients (contract: security notes, threat 26); Node's own limits are minutes. */
const SERVER_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  /** A token and a state of full length, escaped, beside the usual headers. */
  maxHeaderSize: 16 * 1024,
}
const MAX_CONNECTIONS = 10_000
/**
 * What Node carves buffers out of. Its own 8 KiB are less than a page, which would then be asked of the
 * system for each answer: that costs more than to fill it.
 */
const POOL_BYTES = 128 * 1024
/** In-flight requests have deadlines far below this one. */
export const STOP_MILLISECONDS = 10_000
const IDLE_MILLISECONDS = 50

/** Rejects with the system's error when the port cannot be had. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  at: Config['listen'],
  isStopping: () => boolean,
): Promise<NodeServer> {
  Buffer.poolSize = POOL_BYTES
  const server = createAdaptorServer({ fetch, serverOptions: SERVER_LIMITS }) as Server
  server.maxConnections = MAX_CONNECTIONS
  // Kept connections would bring their next request to a closed port.
  server.prependListener('request', (_request, response) => {
    // Not as a header set ahead: beside one, names that differ in case only would be one header.
    if (isStopping()) response.shouldKeepAlive = false
  })
  const port = await bind(server, at)
  return { port, close: () => close(server) }
}

function bind(server: Server, { host, port }: Config['listen']): Promise<number> {
  return new Promise((bound, failed) => {
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      bound((server.address() as AddressInfo).port)
    })
  })
}

/** Node closes those that are idle now; one that becomes idle later would be kept for the client's next request. */
function close(server: Server): Promise<void> {
  return new Promise((closed) => {
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_MILLISECONDS)
    const deadline = setTimeout(() => server.closeAllConnections(), STOP_MILLISECONDS)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(deadline)
      closed()
    })
  })
}
