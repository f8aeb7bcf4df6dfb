/**
 * The Auth0 tenant that the documents call by its name: an emulated one, for commands that are processes
 * of their own. They ask for `https://acme.eu.auth0.com` and are answered by this process.
 */
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { createTenant, type Tenant, type TenantOptions } from '../../src/emulator/index.ts'

/** As in the documents: the tenant's name and its custom domain. */
export const HOSTS = ['acme.eu.auth0.com', 'login.acme.com'] as const

export interface NamedTenant {
  readonly tenant: Tenant
  /** For a command: its calls of the tenant come here, and all others fail. */
  readonly env: Readonly<Record<string, string>>
}

/** Until the test is over. */
export async function openNamedTenant(options: TenantOptions): Promise<NamedTenant> {
  const [host, domain] = HOSTS
  const tenant = createTenant({ ...options, host, customDomains: [{ domain }] })
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { 'x-asked': asked, connection: _, ...given } = request.headers
    const headers = Object.entries(given).map(([name, value]) => [name, String(value)] as const)
    const answer = await tenant.fetch(
      new Request(String(asked), {
        method: request.method ?? 'GET',
        headers: headers.map(([name, value]) => [name, value]),
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      }),
    )
    response.writeHead(answer.status, [...answer.headers].flat())
    if (answer.body === null) response.end()
    else Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]).pipe(response)
  })
  const port = await new Promise<number>((listening) => {
    server.listen(0, '127.0.0.1', () => listening((server.address() as { port: number }).port))
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await tenant.close()
  })
  const preload = fileURLToPath(new URL('./docs-fetch.mjs', import.meta.url))
  const env = {
    NODE_OPTIONS: `--import "${preload}"`,
    FETCH_HOSTS: HOSTS.join(','),
    FETCH_TO: `http://127.0.0.1:${port}`,
  }
  return { tenant, env }
}
