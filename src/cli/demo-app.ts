/**
 * The demo's application: a page from which a reset starts, and the page that the reset leads back to.
 * A site of its own, as a real application is.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { donePage, homePage, missingPage, type Operator, type Visitor } from './demo-app-pages.ts'

export interface DemoApp {
  readonly origin: string
  close(): Promise<void>
}

const NAME = 'app.localhost'
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * Port 0 takes any. `people`: whom the first page offers to be, asked for at each visit, as is who may
 * see the dashboard.
 */
export async function startDemoApp(
  port: number,
  people: () => readonly Visitor[],
  operator: () => Operator | undefined = () => undefined,
): Promise<DemoApp> {
  const server = createServer((request, response) => {
    const page = pageFor(request.url ?? '/', people, operator)
    response.writeHead(page === undefined ? 404 : 200, HEADERS)
    response.end(String(page ?? missingPage()))
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(port, '127.0.0.1', listening)
  })
  return {
    origin: `http://${NAME}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function pageFor(
  path: string,
  people: () => readonly Visitor[],
  operator: () => Operator | undefined,
) {
  if (path === '/') return homePage(people(), operator())
  return path === '/done' ? donePage() : undefined
}
