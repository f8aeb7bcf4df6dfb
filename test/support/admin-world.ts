/**
 * The operator's part of the service over fakes at its ports, for tests: one tenant, everybody's
 * credentials, and what was written.
 */
import { createHash } from 'node:crypto'
import type { AdminApp, AdminDeps, Identified } from '../../src/verifier/admin/admin-deps.ts'
import { createAdminApp } from '../../src/verifier/admin/app.ts'
import { createIdentifiers } from '../../src/verifier/identifiers.ts'
import { createLog } from '../../src/verifier/log.ts'
import { DEFAULT_SETTINGS } from '../../src/verifier/ports.ts'
import type { Role } from '../../src/verifier/ports-admin.ts'
import { type AdminMemory, createAdminMemory } from './admin-memory.ts'
import { ACME, NOW } from './app.ts'
import { IDENTIFIER_SECRET } from './tokens.ts'

export const ADMIN_ORIGIN = 'https://verify.example.com'
export const SESSION_SECRET = 'an-admin-session-secret-of-48-characters-0123456'
/** What the fake provider is told to keep. */
export const KEPT = 'kept-until-the-person-is-back'

export interface AdminWorld {
  readonly app: AdminApp
  readonly store: AdminMemory
  readonly deps: AdminDeps
  readonly lines: string[]
  /** Time, in epoch seconds; the limits count by it too. */
  now: number
  /** Whom the fake provider names next; undefined: its answer is not valid. */
  person: Identified | undefined
  request(path: string, init?: RequestInit): Promise<Response>
  /** With an API token of that role. */
  as(role: Role, path: string, init?: RequestInit): Promise<Response>
  /** JSON as a machine sends it. */
  send(role: Role, method: string, path: string, body?: unknown): Promise<Response>
  /** A browser that signed in: its cookie, and the value for its forms. */
  signIn(role: Role): Promise<{ readonly cookie: string }>
}

export function adminWorld(
  overrides: Partial<AdminDeps> = {},
  createPages?: (deps: AdminDeps) => AdminApp,
): AdminWorld {
  const store = createAdminMemory()
  const lines: string[] = []
  let drawn = 0
  const world = { now: NOW, person: undefined as Identified | undefined }
  const clock = () => world.now
  const deps: AdminDeps = {
    store,
    tenants: new Map([[ACME.id, ACME]]),
    settings: () => DEFAULT_SETTINGS,
    identifiers: createIdentifiers(IDENTIFIER_SECRET),
    signIn: {
      start: async (redirectUri) => ({
        url: `https://provider.example/authorize?redirect_uri=${encodeURIComponent(redirectUri)}`,
        transaction: KEPT,
      }),
      complete: async (url, transaction) =>
        transaction === KEPT && url.searchParams.get('code') === 'good' ? world.person : undefined,
      endUrl: async (returnTo, state) =>
        `https://provider.example/logout?${new URLSearchParams({ to: returnTo, state })}`,
    },
    sessionSecret: SESSION_SECRET,
    clock,
    random: (bytes) => {
      drawn += 1
      return createHash('sha512').update(`${drawn}`).digest().subarray(0, bytes)
    },
    newId: () => crypto.randomUUID(),
    log: createLog((line) => lines.push(line), clock),
    publicOrigin: ADMIN_ORIGIN,
    clientAddress: () => '203.0.113.9',
    ...overrides,
  }
  const app = createAdminApp(deps, createPages)
  const request = async (path: string, init?: RequestInit) =>
    app.request(`${deps.publicOrigin}${path}`, init)
  const as = (role: Role, path: string, init: RequestInit = {}) =>
    request(path, { ...init, headers: { ...init.headers, authorization: bearerOf(role) } })

  for (const role of ['viewer', 'operator', 'admin'] as const) {
    store.tokens.push({
      id: `t-${role}`,
      name: role,
      role,
      created_at: '2027-01-01T00:00:00Z',
      expires_at: null,
      last_used_at: null,
      revoked_at: null,
      hash: createHash('sha256').update(tokenOf(role)).digest('hex'),
    })
  }
  return Object.assign(world, {
    app,
    store,
    deps,
    lines,
    request,
    as,
    send: (role: Role, method: string, path: string, body?: unknown) =>
      as(role, path, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
    signIn: async (role: Role) => {
      world.person = { subject: `auth0|${role}`, displayName: `The ${role}`, role }
      const begun = await request('/admin/login')
      const back = await request('/admin/callback?code=good&state=s', {
        headers: { cookie: cookieOf(begun) },
      })
      return { cookie: cookieOf(back) }
    },
  })
}

export const tokenOf = (role: Role): string => `rva_${role.padEnd(43, 'x')}`
const bearerOf = (role: Role) => `Bearer ${tokenOf(role)}`

/** The cookies that an answer sets and does not take away, as the browser sends them back. */
export const cookieOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .filter((line) => !/;\s*max-age=0\b/i.test(line))
    .map((line) => line.split(';')[0])
    .join('; ')
