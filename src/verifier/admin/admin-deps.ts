/** What the operator's API and pages are built from, and what their parts hand each other. Types only. */
import type { Context, Hono } from 'hono'
import type { Log } from '../log.ts'
import type { Clock, Identifiers, Tenant, TenantSettings } from '../ports.ts'
import type { Actor, AdminStore, Role } from '../ports-admin.ts'

export interface AdminDeps {
  readonly store: AdminStore
  /** Those of the configuration: nothing else can be named in a path. */
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly settings: (tenantId: string) => TenantSettings
  /** For what is stored under a pseudonym: users, addresses, devices. */
  readonly identifiers: Identifiers
  readonly signIn?: SignIn
  readonly access?: AccessCheck
  readonly clock: Clock
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array
  readonly log: Log
  /** Scheme, host and port; no trailing slash. Cookies are `Secure` where it is https. */
  readonly publicOrigin: string
}

/** Who somebody is, as their provider says, with the role that the configuration gives them. */
export interface Identified {
  readonly subject: string
  readonly displayName: string
  /** Absent: they are known and may do nothing here. */
  readonly role?: Role
}

/** Signing in at an OpenID provider: authorization code with PKCE, state and nonce. */
export interface SignIn {
  /** Where the browser goes, and what has to be kept (signed, in a cookie) until it is back. */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly transaction: string }>
  /** Undefined: not a valid answer to that transaction. */
  complete(callbackUrl: URL, transaction: string): Promise<Identified | undefined>
}

/** An identity-aware proxy in front (Cloudflare Access): its signed header on each request. */
export interface AccessCheck {
  identify(request: Request): Promise<Identified | undefined>
}

export interface AdminVariables {
  /** Set behind the gate; every handler after it may rely on it. */
  readonly actor: Actor
  readonly displayName: string
  /** Present for a signed-in browser: the value that its forms and scripts send back. */
  readonly csrfToken?: string
}

export type AdminApp = Hono<{ Variables: AdminVariables }>
export type AdminContext = Context<{ Variables: AdminVariables }>
