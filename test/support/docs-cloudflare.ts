/**
 * As much of Cloudflare's API as the commands of docs/deploy-workers.md ask for, on this machine: wrangler
 * itself runs against it, and what it sent is kept. It knows one account and checks nothing.
 */
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'

export interface CloudflareApi {
  /** For wrangler: where the API is and who calls. */
  readonly env: Readonly<Record<string, string>>
  /** Each request that changed something, as `METHOD path` without the account, and its body. */
  readonly sent: readonly Sent[]
}

export interface Sent {
  readonly what: string
  readonly body: string
}

/** What runs, and what ran before it. */
export const VERSIONS = {
  current: '3e6d8cb6-fd00-4000-8000-000000000002',
  earlier: '3e6d8cb6-fd00-4000-8000-000000000001',
} as const

const ACCOUNT = '0123456789abcdef0123456789abcdef'
const AT = '2026-01-02T03:04:05.000000Z'
const WHO = { author_email: 'operator@example.com', source: 'wrangler' }

const versionOf = (id: string) => ({
  id,
  number: 1,
  metadata: { ...WHO, created_on: AT, modified_on: AT },
  annotations: {},
  resources: { bindings: [], script: { etag: 'e', handlers: ['fetch'] }, script_runtime: {} },
})

const deployments = [VERSIONS.current, VERSIONS.earlier].map((version_id) => ({
  ...WHO,
  id: version_id,
  strategy: 'percentage',
  created_on: AT,
  annotations: {},
  versions: [{ version_id, percentage: 100 }],
}))

type Answer = (body: string, found: RegExpExecArray) => unknown

const ANSWERS: readonly (readonly [method: string, path: RegExp, answer: Answer])[] = [
  ['POST', /\/hyperdrive\/configs$/, (body) => ({ id: ACCOUNT, ...JSON.parse(body) })],
  ['GET', /\/deployments$/, () => ({ deployments })],
  ['GET', /\/versions\/([^/]+)$/, (_, [, id = '']) => versionOf(id)],
  ['PUT', /\/scripts\/[^/]+$/, () => ({ startup_time_ms: 5, deployment_id: VERSIONS.current })],
]

/** Until the test is over. */
export async function openCloudflareApi(): Promise<CloudflareApi> {
  const sent: Sent[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const path = new URL(request.url ?? '/', 'http://api').pathname
    if (request.method !== 'GET')
      sent.push({ what: `${request.method} ${path.split(ACCOUNT)[1] ?? path}`, body })
    response.setHeader('content-type', 'application/json')
    // No Worker of this name is there yet, so that the first deployment is tried.
    if (/\/services\/[^/]+$/.test(path)) {
      const errors = [{ code: 10090, message: 'This Worker does not exist on your account.' }]
      response.writeHead(404).end(JSON.stringify({ success: false, errors, messages: [] }))
      return
    }
    const [found] = ANSWERS.flatMap(([method, pattern, answer]) => {
      const match = method === request.method ? pattern.exec(path) : null
      return match === null ? [] : [answer(body, match)]
    })
    const result = found ?? {}
    response.end(JSON.stringify({ success: true, errors: [], messages: [], result }))
  })
  const port = await new Promise<number>((listening) => {
    server.listen(0, '127.0.0.1', () => listening((server.address() as { port: number }).port))
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const env = {
    CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`,
    CLOUDFLARE_API_TOKEN: 'a token for tests',
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    // Nobody asks there for a newer wrangler.
    npm_config_registry: 'http://127.0.0.1:9',
  }
  return { env, sent }
}
