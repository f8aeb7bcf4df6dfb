/**
 * Who may use the Management API, and how it says no: a bearer token for its audience, a scope per
 * operation, and errors in its own shape.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type * as z from 'zod'
import type { TenantCore } from '../tenant/core.ts'
import { originOf } from './surface.ts'

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
}

export const refuseManagement = (
  c: Context,
  statusCode: ContentfulStatusCode,
  message: string,
  errorCode?: string,
): Response =>
  c.json(
    {
      statusCode,
      error: TITLES[statusCode] ?? 'Error',
      message,
      ...(errorCode ? { errorCode } : {}),
    },
    statusCode,
  )

const digest = (text: string) => createHash('sha256').update(text).digest()

/** The scopes of the request's token; `all` for the one the tenant drew at its start. */
function scopesOf(core: TenantCore, c: Context): 'all' | readonly string[] | undefined {
  const token = /^bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (token === undefined) return undefined
  if (timingSafeEqual(digest(token), digest(core.managementToken))) return 'all'
  const grant = core.loginSide.tokens.grantOf(token)
  if (!grant?.audience || !core.management.isAudience(grant.audience, originOf(c))) return undefined
  return grant.scope
}

/** Lets a request through whose token has one of these scopes. */
export function needs(core: TenantCore, ...scopes: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const given = scopesOf(core, c)
    if (given === undefined) return refuseManagement(c, 401, 'Invalid token')
    if (given !== 'all' && !scopes.some((scope) => given.includes(scope)))
      return refuseManagement(
        c,
        403,
        `Insufficient scope, expected any of: ${scopes.join(',')}`,
        'insufficient_scope',
      )
    return next()
  }
}

/** The body as the operation takes it, or the answer that says what is wrong with it. */
export async function bodyOf<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema> | Response> {
  const given: unknown = await c.req.json().catch(() => undefined)
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const at = issue?.path.map(String).join('.')
  return refuseManagement(
    c,
    400,
    `Payload validation error: '${issue?.message ?? 'Invalid'}'${at ? ` on property ${at}` : ''}.`,
    'invalid_body',
  )
}
