/** What the operator’s API and pages are built from, and what their parts hand each other. */
import type { Context, Hono } from 'hono'
import type { Log } from '../log.ts'
import type { Clock, Identifiers, Tenant, TenantSettings } from '../ports.ts'
import type { Actor, AdminStore, Role } from '../ports-admin.ts'
import type { AdminAttempts } from './attempts.ts'

export interface AdminDeps {
  readonly store: AdminStore
  /** Those of the configuration: nothing else can be named in a path. */
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly settings: (tenantId: string) => TenantSettings
  /** For what is stored under a pseudonym: users, addresses, devices. */
  readonly identifiers: Identifiers
  readonly signIn?: SignIn
  readonly access?: AccessCheck
  /**
   * Signs what a browser keeps while it signs in, and makes the values that its forms send back. Must
   * be given where `signIn` or `access` is; tokens of machines need none.
   */
  readonly sessionSecret?: string
  /** How long a person stays signed in, and keeps a role that the provider took away; default: 8 hours. */
  readonly sessionSeconds?: number
  readonly clock: Clock
  /** Monotonic milliseconds; default: limits count by `clock`. */
  readonly stopwatch?: () => number
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array
  /** A random UUID. */
  readonly newId: () => string
  readonly log: Log
  /** Scheme, host and port; no trailing slash. Cookies are `Secure` where it is https. */
  readonly publicOrigin: string
  /** Canonical text, for limits on failed attempts alone; absent: all requests share one count. */
  readonly clientAddress?: (c: Context) => string | undefined
  /** One for as long as the process lives; default: as long as this application. */
  readonly attempts?: AdminAttempts
  /** Default: 200,000 records and 60 seconds. */
  readonly backtestLimits?: BacktestLimits
  /** A sentence at the top of every page that shows records, such as that they are made up. */
  readonly notice?: string
}

/** What one backtest over HTTP may take; the command line has no such bounds. */
export interface BacktestLimits {
  readonly records: number
  readonly seconds: number
}

/** Who somebody is, as their provider says, with the role that the configuration gives them. */
export interface Identified {
  readonly subject: string
  readonly displayName: string
  /** Absent: they are known and may do nothing here. */
  readonly role?: Role
}

/** Signing in and out at an OpenID provider: authorization code with PKCE, state and nonce. */
export interface SignIn {
  /**
   * Where the browser goes, and what has to be kept (signed, in a cookie) until it is back. Throws
   * `ProviderError` when the provider cannot be asked.
   */
  start(redirectUri: string): Promise<{ readonly url: string; readonly transaction: string }>
  /** Undefined: not a valid answer to that transaction. Throws `ProviderError` as above. */
  complete(callbackUrl: URL, transaction: string): Promise<Identified | undefined>
  /**
   * Where a browser ends its session at the provider, which sends it to `returnTo` with `state`.
   * Undefined: the provider advertises no such place. Throws `ProviderError` as above.
   */
  endUrl(returnTo: string, state: string): Promise<string | undefined>
}

/** The provider is not there or answers nonsense; nothing is known of the person. */
export class ProviderError extends Error {
  constructor() {
    super('the OpenID provider could not be asked')
    this.name = 'ProviderError'
  }
}

/** An identity-aware proxy in front (Cloudflare Access): its signed header on each request. */
export interface AccessCheck {
  /** Undefined: no such header, or not a valid one. */
  identify(request: Request): Promise<Identified | undefined>
}

export interface AdminVariables {
  /** What this request is called, in answers and in the log: a random UUID. */
  requestId: string
  /** Set behind the gate; every handler after it may rely on it. */
  actor: Actor
  displayName: string
  /**
   * Present for a person: the value that forms send back as `csrf` and scripts as `x-csrf-token`. The
   * gate has checked it before any handler of a change runs. Absent for a machine's token.
   */
  csrfToken?: string
  /** Set by the pages for their frame: see `AdminDeps`. */
  notice?: string
}

export type AdminApp = Hono<{ Variables: AdminVariables }>
export type AdminContext = Context<{ Variables: AdminVariables }>
