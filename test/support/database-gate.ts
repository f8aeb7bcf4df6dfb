/** A TCP proxy in front of Postgres that can be shut: every connection ends, new ones are refused. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface DatabaseGate {
  /** The given URL through the gate. */
  readonly url: string
  shut(): Promise<void>
  /** On the same port. */
  open(): Promise<void>
}

export async function createDatabaseGate(targetUrl: string): Promise<DatabaseGate> {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  let server: Server | undefined

  const listen = (port: number) =>
    new Promise<number>((listening) => {
      const opened = createServer((client) => {
        const upstream = connect(Number(target.port), target.hostname)
        for (const [socket, other] of [
          [client, upstream],
          [upstream, client],
        ] as const) {
          sockets.add(socket)
          socket.on('error', () => {})
          socket.on('close', () => {
            sockets.delete(socket)
            other.destroy()
          })
          socket.pipe(other)
        }
      })
      server = opened
      opened.listen(port, '127.0.0.1', () => listening((opened.address() as { port: number }).port))
    })

  const port = await listen(0)
  const url = new URL(targetUrl)
  url.port = `${port}`
  return {
    url: url.href,
    shut: () =>
      new Promise((closed) => {
        if (server === undefined) return closed()
        server.close(() => closed())
        server = undefined
        for (const socket of sockets) socket.destroy()
      }),
    open: async () => {
      if (server === undefined) await listen(port)
    },
  }
}
