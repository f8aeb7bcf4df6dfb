/** Small sites on loopback, each under a `*.localhost` name: for a browser, a site of its own. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Site {
  readonly origin: string
  /** Every request that arrived, headers and all, but for the icon that some browsers ask for. */
  readonly arrived: readonly IncomingMessage[]
  close(): Promise<void>
}

export type OpenSite = (name: string, answer: RequestListener) => Promise<Site>

export const openSite: OpenSite = async (name, answer) => {
  const arrived: IncomingMessage[] = []
  const server = createServer((request, response) => {
    if (request.url === '/favicon.ico') return response.writeHead(204).end()
    arrived.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://${name}.localhost:${(server.address() as AddressInfo).port}`,
    arrived,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Markup as a page, with headers that may override the content type. */
export const page =
  (markup: string, headers: Record<string, string | string[]> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
    response.end(markup)
  }
