/**
 * The HTTP face over fakes at its ports, for tests: tokens are words that stand for sessions, the use
 * case is a recorder that answers `allow`. No cryptography and no database.
 */
import type { Answer, AssessInput } from '../../src/verifier/assess.ts'
import type { Rejection } from '../../src/verifier/domain/rejection.ts'
import { ok, type Result, refuse } from '../../src/verifier/domain/result.ts'
import type { Flow, Session } from '../../src/verifier/domain/session.ts'
import { createApp } from '../../src/verifier/http/app.ts'
import type { AppDeps } from '../../src/verifier/http/app-deps.ts'
import { createNodePlatform } from '../../src/verifier/http/platform-node.ts'
import { createLog } from '../../src/verifier/log.ts'
import { DEFAULT_SETTINGS, type Tenant, type TenantSettings } from '../../src/verifier/ports.ts'

export const NOW = 1_800_000_000
export const ORIGIN = 'https://verify.example.com'
export const HOST = 'acme.eu.auth0.com'
export const STATE = 'hKFo2SBzdGF0ZQ'
/** Well-formed: 32 bytes of base64url. */
export const BINDING = 'B'.repeat(43)
export const DEVICE = 'D'.repeat(43)

export const ACME: Tenant = {
  id: 'acme',
  continueOrigins: new Map([[HOST, `https://${HOST}`]]),
  tokenParameter: 'session_token',
  whenUnavailable: 'retry',
}

const sessions = new Map<string, Session>()

/** The same one for the same arguments: its functions are equal to none but themselves. */
export function sessionOf(
  tenantId = 'acme',
  flow: Flow = 'password_reset',
  language?: string,
): Session {
  const key = JSON.stringify([tenantId, flow, language])
  const made = sessions.get(key)
  if (made !== undefined) return made
  const spoken = { flow, ...(language === undefined ? {} : { language }) }
  const session = {
    tenantId,
    host: HOST,
    subject: 'auth0|1',
    tokenId: 'jti-1',
    issuedAt: NOW,
    expiresAt: NOW + 300,
    keyIndex: 0,
    spoken,
    address: () => undefined,
    facts: () => spoken,
  } as unknown as Session
  sessions.set(key, session)
  return session
}

/** The token that the fake accepts; everything else is refused as `signature_invalid`. */
export const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.good.token'

export interface TestApp {
  readonly request: (path: string, init?: RequestInit) => Promise<Response>
  /** Opens the page as a browser does after Auth0's redirect. */
  readonly open: (parameters?: Record<string, string>) => Promise<Response>
  /** Posts the arrival page's form as its own browser does. */
  readonly post: (
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ) => Promise<Response>
  readonly assessed: AssessInput[]
  readonly verified: string[]
  readonly lines: string[]
}

export interface TestAppOptions extends Partial<AppDeps> {
  readonly tenantSettings?: Partial<TenantSettings>
  readonly answer?: Partial<Answer>
  readonly rejection?: Rejection
  readonly sessions?: ReadonlyMap<string, Result<Session, Rejection>>
}

export function testApp(options: TestAppOptions = {}): TestApp {
  const { tenantSettings, answer, rejection, sessions, ...overrides } = options
  const assessed: AssessInput[] = []
  const verified: string[] = []
  const lines: string[] = []
  const app = createApp({
    tokens: {
      async verifySessionToken(token) {
        verified.push(token)
        const known = sessions?.get(token)
        if (known) return known
        return token === TOKEN ? ok(sessionOf()) : refuse({ code: 'signature_invalid' })
      },
    },
    async assess(input) {
      assessed.push(input)
      if (rejection) return refuse(rejection)
      return ok({
        continueOrigin: `https://${HOST}`,
        continueToken: 'the.continue.token',
        state: input.state,
        outcome: 'allow',
        reference: '0000-0000',
        assessmentId: '00000000-0000-4000-8000-000000000000',
        degraded: false,
        expiresAt: NOW + 120,
        ...answer,
      })
    },
    tenants: new Map([[ACME.id, ACME]]),
    settings: () => ({ ...DEFAULT_SETTINGS, ...tenantSettings }),
    platform: createNodePlatform({ clientAddress: { kind: 'socket' } }),
    rateLimits: { admit: () => true },
    clock: () => NOW,
    stopwatch: () => 0,
    random: (bytes) => new Uint8Array(bytes).fill(7),
    newId: () => '07070707-0707-4707-8707-070707070707',
    log: createLog(
      (line) => lines.push(line),
      () => NOW,
    ),
    publicOrigin: ORIGIN,
    ready: async () => true,
    ...overrides,
  })
  const request = async (path: string, init?: RequestInit) =>
    app.request(`${ORIGIN}${path}`, init, {
      incoming: { socket: { remoteAddress: '203.0.113.9' } },
    })
  return {
    request,
    open: (parameters = { session_token: TOKEN, state: STATE }) =>
      request(`/verify?${new URLSearchParams(parameters)}`, { headers: NAVIGATION }),
    post: (fields = {}, headers = {}) =>
      request('/verify', {
        method: 'POST',
        headers: { ...OWN_POST, ...headers },
        body: new URLSearchParams({ ...FIELDS, ...fields }).toString(),
      }),
    assessed,
    verified,
    lines,
  }
}

export const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'accept-language': 'en-GB,en;q=0.9',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'cross-site',
  'user-agent': 'Mozilla/5.0 (test)',
}

export const OWN_POST = {
  ...NAVIGATION,
  'content-type': 'application/x-www-form-urlencoded',
  cookie: `__Host-rv=${BINDING}`,
  origin: ORIGIN,
  'sec-fetch-site': 'same-origin',
}

export const FIELDS = {
  session_token: TOKEN,
  state: STATE,
  script: '1',
  webdriver: '0',
  elapsed_ms: '12',
  time_zone: 'Europe/Zurich',
}
