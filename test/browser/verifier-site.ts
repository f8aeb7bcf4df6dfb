/**
 * The verifier's pages on a site of their own, between a tenant and an application of a few lines:
 * for what a page must do whatever is decided. Session tokens are words here, and the use case is a
 * recorder that spends each token on the first browser. The whole round trip with nothing replaced
 * is in the other files.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { AssessInput } from '../../src/verifier/assess.ts'
import type { RejectionCode } from '../../src/verifier/domain/rejection.ts'
import { ok, refuse } from '../../src/verifier/domain/result.ts'
import type { Flow } from '../../src/verifier/domain/session.ts'
import { createApp } from '../../src/verifier/http/app.ts'
import type { AppDeps } from '../../src/verifier/http/app-deps.ts'
import { createNodePlatform } from '../../src/verifier/http/platform-node.ts'
import { createHumanChecks } from '../../src/verifier/human-check-tenants.ts'
import { DEFAULT_SETTINGS, type Tenant, type TenantSettings } from '../../src/verifier/ports.ts'
import { ACME, sessionOf } from '../support/app.ts'
import { type OpenSite, page, type Site } from './open-site.ts'

export interface VerifierSite {
  readonly verifier: Site
  readonly tenant: Site
  readonly app: Site
  /** What Auth0's redirect sends the browser to. */
  readonly link: string
  /** The word in the link that must be seen nowhere else. */
  readonly token: string
  readonly assessed: readonly AssessInput[]
  /** What `/continue` received: method, query and body. */
  readonly continued: readonly { readonly method: string; readonly body: string }[]
  /** Makes the next assessments fail with this code; undefined lets them pass again. */
  refuseWith(code: RejectionCode | undefined): void
}

export interface VerifierSiteOptions {
  readonly openerPolicy?: AppDeps['openerPolicy']
  /** What the session tokens say the person is doing: a reset by default. */
  readonly flow?: Flow
  readonly settings?: Partial<TenantSettings>
  /** Seconds for which a continue token is good. */
  readonly continueSeconds?: number
  readonly humanCheck?: Tenant['humanCheck']
  /** In place of siteverify's network. */
  readonly fetch?: typeof fetch
}

/** `serveSite` says when the three sites end. */
export async function openVerifier(
  serveSite: OpenSite,
  options: VerifierSiteOptions = {},
): Promise<VerifierSite> {
  const token = `T-${randomBytes(9).toString('hex')}`
  const continued: { method: string; body: string }[] = []
  const app = await serveSite('app', page('<title>App</title><h1>Welcome back</h1>'))
  const tenant = await serveSite('tenant', async (request, response) => {
    if (!request.url?.startsWith('/continue'))
      return page('<title>Tenant</title>')(request, response)
    const query = request.url.split('?')[1] ?? ''
    continued.push({ method: request.method ?? '', body: `${query}&${await bodyOf(request)}` })
    // One hop further, to a third site: a page's `form-action` would be held against it.
    response.writeHead(302, { location: `${app.origin}/callback` }).end()
  })
  let answer: RequestListener = (_request, response) => response.writeHead(503).end()
  const verifier = await serveSite('verify', (request, response) => answer(request, response))
  const assessed: AssessInput[] = []
  const spentBy = new Map<string, string>()
  let refusal: RejectionCode | undefined
  const clock = () => Math.floor(Date.now() / 1000)
  const tenants = new Map([
    [ACME.id, options.humanCheck ? { ...ACME, humanCheck: options.humanCheck } : ACME],
  ])
  const service = createApp({
    humanChecks: createHumanChecks({
      tenants,
      secrets: new Map([[ACME.id, { session: ['s'], continue: ['c'], turnstile: 't' }]]),
      serviceSecret: randomBytes(32).toString('hex'),
      publicOrigin: verifier.origin,
      random: randomBytes,
      fetch: options.fetch ?? fetch,
    }),
    tokens: {
      verifySessionToken: async (text) =>
        text.startsWith('T-')
          ? ok(sessionOf(ACME.id, options.flow))
          : refuse({ code: 'signature_invalid' }),
    },
    async assess(input) {
      if (refusal) return refuse({ code: refusal })
      assessed.push(input)
      if ((spentBy.get(token) ?? input.binding) !== input.binding) {
        return refuse({ code: 'token_spent' })
      }
      spentBy.set(token, input.binding)
      return ok({
        continueOrigin: tenant.origin,
        continueToken: 'the.continue.token',
        state: input.state,
        outcome: 'allow',
        reference: '0000-0000',
        assessmentId: '00000000-0000-4000-8000-000000000000',
        degraded: false,
        expiresAt: clock() + (options.continueSeconds ?? 120),
      })
    },
    tenants,
    settings: () => ({ ...DEFAULT_SETTINGS, ...options.settings }),
    platform: createNodePlatform({ clientAddress: { kind: 'socket' } }),
    rateLimits: { admit: () => true },
    clock,
    stopwatch: () => 0,
    random: (bytes) => randomBytes(bytes),
    newId: randomUUID,
    log: () => {},
    publicOrigin: verifier.origin,
    ...(options.openerPolicy ? { openerPolicy: options.openerPolicy } : {}),
    ready: async () => true,
  })
  answer = getRequestListener(service.fetch)
  return {
    verifier,
    tenant,
    app,
    token,
    link: `${verifier.origin}/verify?${new URLSearchParams({ session_token: token, state: 'S-1' })}`,
    assessed,
    continued,
    refuseWith: (code) => {
      refusal = code
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}
