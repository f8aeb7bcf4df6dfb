/** A TCP proxy in front of Postgres that can fall silent: it takes connections and says nothing. */
import { connect, createServer, type Socket } from 'node:net'

export interface SilentProxy {
  /** The given URL through the proxy. */
  readonly url: string
  silence(): void
  /** New connections are passed on again; those that came into the silence stay in it. */
  speak(): void
  /** Resolves once so many connections have come into the silence. */
  waiting(connections: number): Promise<void>
  close(): Promise<void>
}

export async function createSilentProxy(targetUrl: string): Promise<SilentProxy> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  let silent = false
  let came = 0
  let told = () => {}

  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const server = createServer((client) => {
    keep(client)
    if (silent) {
      came += 1
      client.resume()
      told()
      return
    }
    const upstream = connect(Number(target.port), target.hostname)
    keep(upstream)
    client.pipe(upstream).pipe(client)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = new URL(targetUrl)
  url.port = `${(server.address() as { port: number }).port}`
  return {
    url: url.href,
    silence() {
      silent = true
      came = 0
    },
    speak() {
      silent = false
    },
    waiting: (connections) =>
      new Promise((enough) => {
        told = () => {
          if (came >= connections) enough()
        }
        told()
      }),
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}
