/**
 * A TCP proxy in front of Postgres that counts round trips: how often the client spoke again after the
 * server had. It changes and delays nothing.
 */
import { connect, createServer, type Socket } from 'node:net'

export interface CountingProxy {
  /** The given URL through the proxy. */
  readonly url: string
  /** Round trips since the last call, over all connections. */
  take(): number
  close(): Promise<void>
}

export async function createCountingProxy(targetUrl: string): Promise<CountingProxy> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  let roundTrips = 0

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let clientSpokeLast = false
    client.on('data', (bytes) => {
      if (!clientSpokeLast) roundTrips += 1
      clientSpokeLast = true
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      clientSpokeLast = false
      client.write(bytes)
    })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = new URL(targetUrl)
  url.port = `${(server.address() as { port: number }).port}`
  return {
    url: url.href,
    take() {
      const taken = roundTrips
      roundTrips = 0
      return taken
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}
