/**
 * The emulated tenant on a port of this machine, loopback only.
 * `*.localhost` names are secure contexts for browsers without a certificate; HTTPS is for clients that
 * insist on it, with a certificate made now and known to nobody else.
 */
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'

export interface ListenOptions {
  /** 0 or absent: any free port. */
  readonly port?: number
  readonly https?: boolean
}

export interface Listening {
  /** As a browser on this machine reaches it, e.g. `http://tenant.localhost:3001`. */
  readonly origin: string
  readonly port: number
  /** The certificate (PEM) a client must trust; absent without HTTPS. */
  readonly certificate?: string
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

async function makeCertificate(names: readonly string[]) {
  const { generate } = await import('selfsigned')
  return generate([{ name: 'commonName', value: names[0] as string }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
    ],
  })
}

export async function listen(
  fetch: (request: Request, env?: unknown) => Response | Promise<Response>,
  hostname: string,
  otherNames: readonly string[],
  options: ListenOptions,
): Promise<Listening> {
  const listener = getRequestListener(fetch as Parameters<typeof getRequestListener>[0])
  const pem = options.https ? await makeCertificate([hostname, ...otherNames]) : undefined
  const server = pem
    ? createHttpsServer({ key: pem.private, cert: pem.cert }, listener)
    : createHttpServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, LOOPBACK, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    origin: `${pem ? 'https' : 'http'}://${hostname}:${port}`,
    port,
    ...(pem ? { certificate: pem.cert } : {}),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
