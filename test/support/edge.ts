/**
 * What stands between browsers and a Worker, on a port of this machine: it names the client in
 * `cf-connecting-ip`, whatever the client wrote there, and tells the country in `request.cf`. The rest
 * of the request and the answer pass through unread.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

/** What a request came with, as this stand-in makes it up for the client's address and headers. */
export type Place = (asked: IncomingMessage) => {
  readonly ip: string | undefined
  readonly cf: Readonly<Record<string, unknown>>
}

export interface Edge {
  readonly port: number
  close(): Promise<void>
}

/** `worker`: where workerd listens. Rejects when the port is taken. */
export async function startEdge(worker: URL, port: number, placeOf: Place): Promise<Edge> {
  const server = createServer((asked, answer) => pass(worker, placeOf(asked), asked, answer))
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(port, '127.0.0.1', listening)
  })
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function pass(
  worker: URL,
  { ip, cf }: ReturnType<Place>,
  asked: IncomingMessage,
  answer: ServerResponse,
): void {
  const { 'cf-connecting-ip': _theirs, ...headers } = asked.headers
  const passed = request(
    {
      host: worker.hostname,
      port: worker.port,
      method: asked.method,
      path: asked.url,
      agent: false,
      headers: {
        ...headers,
        ...(ip === undefined ? {} : { 'cf-connecting-ip': ip }),
        // Where Miniflare takes `request.cf` from.
        'mf-cf-blob': JSON.stringify(cf),
      },
    },
    (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.rawHeaders)
      answered.pipe(answer)
    },
  )
  passed.on('error', () => answer.destroy())
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
}
