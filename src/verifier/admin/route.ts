/**
 * One route of the operator's API: what it is called, who may, what goes in and out, and what it does.
 * The router and the OpenAPI document are both made of these, so neither can know of one that the other
 * does not.
 */
import type * as z from 'zod'
import type { Result } from '../domain/result.ts'
import type { Actor, Role } from '../ports-admin.ts'
import type { AdminDeps } from './admin-deps.ts'
import type { Problem, ProblemCode } from './problem.ts'

export type Method = 'get' | 'post' | 'put' | 'delete'
export type Tag =
  | 'tenants'
  | 'policies'
  | 'assessments'
  | 'lists'
  | 'users'
  | 'access'
  | 'reference'

interface Shape<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
> {
  readonly method: Method
  /** Below `/admin/api`, as OpenAPI writes it: `/tenants/{tenant}`. A `tenant` must be configured. */
  readonly path: `/${string}`
  /** The operation's name for programs, camelCase. */
  readonly id: string
  readonly tag: Tag
  readonly role: Role
  readonly summary: string
  readonly description?: string
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer: { readonly description: string; readonly schema: A }
  /** Besides those that any route may answer. */
  readonly problems?: readonly ProblemCode[]
}

export interface Call<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly actor: Actor
  readonly displayName: string
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

interface Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>
  extends Shape<P, Q, B, A> {
  readonly handle: (
    deps: AdminDeps,
    call: Call<z.output<P>, z.output<Q>, z.output<B>>,
  ) => Promise<Result<z.input<A>, Problem>>
}

export interface AdminRoute extends Shape<z.ZodType, z.ZodType, z.ZodType, z.ZodType> {
  /** The three inputs as its own schemas made them. */
  readonly handle: (
    deps: AdminDeps,
    call: Call<unknown, unknown, unknown>,
  ) => Promise<Result<unknown, Problem>>
}

/** Forgets the types of one route; its own schemas stand before its handler, so they hold. */
export function route<
  A extends z.ZodType,
  P extends z.ZodType = z.ZodType<Record<never, never>>,
  Q extends z.ZodType = z.ZodType<Record<never, never>>,
  B extends z.ZodType = z.ZodType<undefined>,
>(spec: Spec<P, Q, B, A>): AdminRoute {
  const { handle, ...shape } = spec
  return {
    ...shape,
    handle: (deps, call) => handle(deps, call as Call<z.output<P>, z.output<Q>, z.output<B>>),
  }
}
