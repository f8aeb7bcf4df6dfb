/** How the control plane reads a request, and how it says no. */
import type { Context, MiddlewareHandler } from 'hono'
import type * as z from 'zod'

export interface BodyFault {
  /** `0.secrets.KEY`; empty for the document itself. */
  readonly path: string
  readonly message: string
}

export type Refusal = 'invalid_body' | 'not_found' | 'conflict' | 'forbidden' | 'not_json'

export const refuse = (
  c: Context,
  status: 400 | 403 | 404 | 409 | 415,
  error: Refusal,
  message: string,
  faults?: readonly BodyFault[],
) => c.json({ error, message, ...(faults ? { faults } : {}) }, status)

export type ReadBody<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refused: Response }

export async function bodyOf<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<ReadBody<z.output<Schema>>> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    return {
      ok: false,
      refused: refuse(c, 415, 'not_json', 'Send Content-Type: application/json.'),
    }
  let document: unknown
  try {
    document = JSON.parse(await c.req.text())
  } catch {
    return { ok: false, refused: refuse(c, 400, 'invalid_body', 'The body is not JSON.') }
  }
  const parsed = schema.safeParse(document)
  if (parsed.success) return { ok: true, value: parsed.data }
  const faults = parsed.error.issues.map(({ path, message }) => ({
    path: path.join('.'),
    message,
  }))
  const said = faults.map(({ path, message }) => (path ? `${path}: ${message}` : message))
  return { ok: false, refused: refuse(c, 400, 'invalid_body', said.join('; '), faults) }
}

/** Node's server hands its socket over here; in process there is none. */
interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
}

const LOOPBACK = /^(::ffff:)?127\.|^::1$/

/**
 * Programs on this machine, not pages in its browsers: a browser says where a request comes from, a test
 * does not.
 */
export const programsOnly: MiddlewareHandler = async (c, next) => {
  const address = (c.env as NodeBindings | undefined)?.incoming?.socket?.remoteAddress
  if (address !== undefined && !LOOPBACK.test(address))
    return refuse(c, 403, 'forbidden', 'The control plane answers this machine alone.')
  const site = c.req.header('sec-fetch-site')
  const fromPage = c.req.header('origin') !== undefined || (site !== undefined && site !== 'none')
  if (fromPage) return refuse(c, 403, 'forbidden', 'The control plane answers no page.')
  return next()
}
