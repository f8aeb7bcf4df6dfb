/**
 * One execution as the `api` objects see it: what they may read, and where what they are asked to do is
 * recorded. The only thing the files under `api/` depend on besides limits and types.
 */
import type { Command, Entrypoint, Lookups, TriggerId } from '../execution.ts'
import type { CacheRecord, CacheWrite, TokenTrace } from '../protocol.ts'
import type { RuntimeSwitches } from '../switches.ts'

export interface LegContext {
  readonly trigger: TriggerId
  readonly entrypoint: Entrypoint
  readonly switches: RuntimeSwitches
  readonly lookups: Lookups
  /** The event as the Action sees it: some methods show their effect in it at once. */
  readonly event: Record<string, unknown>
  /** The facts tokens are bound to, out of the Action's reach. */
  readonly identity: TokenIdentity
  /** Epoch milliseconds by the tenant's clock. */
  now(): number
  /** Records an effect; what cannot be written as JSON throws, as it does on the way to a server. */
  record(command: Command): void
  /** Whether the leg already asked for an effect of this type. */
  has(type: Command['type']): boolean
  /** Fails the leg with this message, even if the Action catches the error. */
  abort(message: string): never
  trace(token: TokenTrace): void
  readonly cache: Map<string, CacheRecord>
  writeCache(write: CacheWrite): void
}

export interface TokenIdentity {
  readonly hostname: string | undefined
  readonly ip: string | undefined
  readonly userId: string | undefined
  readonly query: Readonly<Record<string, unknown>>
  readonly body: Readonly<Record<string, unknown>>
}

/** Reads the identity from a pristine event: changes the Action makes to its own copy do not reach it. */
export function tokenIdentityOf(event: Readonly<Record<string, unknown>>): TokenIdentity {
  const copy = structuredClone(event)
  const request = objectAt(copy, 'request')
  return {
    hostname: textAt(request, 'hostname'),
    ip: textAt(request, 'ip'),
    userId: textAt(objectAt(copy, 'user'), 'user_id'),
    query: objectAt(request, 'query'),
    body: objectAt(request, 'body'),
  }
}

/** An object member of an object, or an empty one. */
export function objectAt(
  value: Readonly<Record<string, unknown>>,
  key: string,
): Record<string, unknown> {
  const member = value[key]
  return isObject(member) ? member : {}
}

/** A record: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textAt(value: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const member = value[key]
  return typeof member === 'string' ? member : undefined
}
