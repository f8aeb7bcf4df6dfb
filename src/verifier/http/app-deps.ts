/** What the HTTP face is built from, and what its parts hand each other. Types only. */
import type { Context, Hono } from 'hono'
import type { Assess } from '../assess.ts'
import type { OpenerPolicy } from '../config.ts'
import type { Rejection } from '../domain/rejection.ts'
import type { HumanCheck } from '../human-check.ts'
import type { Log } from '../log.ts'
import type { Clock, Tenant, TenantSettings, Tokens } from '../ports.ts'
import type { Random } from './cookies.ts'
import type { Platform } from './platform.ts'
import type { RateLimits } from './rate-limits.ts'

export interface AppDeps {
  readonly tokens: Pick<Tokens, 'verifySessionToken'>
  readonly assess: Assess
  readonly tenants: ReadonlyMap<string, Tenant>
  /** Tenant id → its human check; absent: nobody is asked. */
  readonly humanChecks?: ReadonlyMap<string, HumanCheck>
  /** From memory, never from the database: this is asked on the request path. */
  readonly settings: (tenantId: string) => TenantSettings
  readonly platform: Platform
  /** One for as long as the process lives, whatever a request brings. */
  readonly rateLimits: RateLimits
  readonly clock: Clock
  /** Monotonic milliseconds, for durations in the log. */
  readonly stopwatch: () => number
  /** Cryptographically strong random bytes. */
  readonly random: Random
  /** A fresh random UUID. */
  readonly newId: () => string
  readonly log: Log
  /** Scheme, host and port under which browsers reach us; no trailing slash. */
  readonly publicOrigin: string
  /** Default: `same-origin`. */
  readonly openerPolicy?: OpenerPolicy
  /** Absent: there is no such route. */
  readonly logStream?: LogStream
  /** Whether a verification would succeed now. Asked once per second at most. */
  readonly ready: () => Promise<boolean>
}

export interface LogStream {
  /** Tenant id → its tokens, current first. */
  readonly tokens: ReadonlyMap<string, readonly string[]>
  /** Stores what is of use. May throw `StoreError`. */
  readonly receive: (
    tenantId: string,
    items: readonly unknown[],
    now: number,
  ) => Promise<{ readonly accepted: number; readonly ignored: number }>
}

/** What one request is called: in full for programs and the log, short for people. */
export interface RequestId {
  /** A random UUID. */
  readonly id: string
  readonly reference: string
}

export interface Variables {
  requestId: RequestId
  /** For the log: the tenant whose key verified the token. */
  tenantId?: string
  /** Set when the answer has every header already. */
  complete?: boolean
  /** For the log: why the request was refused. */
  refused?: Rejection['code']
}

export type App = Hono<{ Variables: Variables }>
export type AppContext = Context<{ Variables: Variables }>
export type Refuse = (c: AppContext, rejection: Rejection) => Response | Promise<Response>
