/**
 * The one Management API endpoint a password reset needs: `POST /api/v2/tickets/password-change`.
 */
import type { Context, Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { needs } from './management-gate.ts'
import { originOf } from './surface.ts'

/** Errors in the Management API's shape. */
const refuse = (c: Context, statusCode: 400 | 404, error: string, message: string) =>
  c.json({ statusCode, error, message }, statusCode)

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

export function mountTicketsApi(app: Hono, core: TenantCore) {
  app.post('/api/v2/tickets/password-change', needs(core, 'create:user_tickets'), async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined)
    if (typeof body !== 'object' || body === null)
      return refuse(c, 400, 'Bad Request', 'Payload validation error: send a JSON object')
    const { user_id, email, client_id, result_url, ttl_sec } = body as Record<string, unknown>
    const user = core.users.get(text(user_id) ?? text(email) ?? '')
    if (!user) return refuse(c, 404, 'Not Found', 'The user does not exist.')
    const clientId = text(client_id)
    if (clientId !== undefined && !core.clients.get(clientId))
      return refuse(c, 404, 'Not Found', 'The client does not exist.')
    const resultUrl = text(result_url)
    if (resultUrl !== undefined && !/^https?:/.test(resultUrl))
      return refuse(c, 400, 'Bad Request', 'Payload validation error: result_url is not a URL')
    const ticket = core.resetRequests.createTicket({
      userId: user.user_id,
      clientId,
      resultUrl: resultUrl !== undefined && URL.canParse(resultUrl) ? resultUrl : undefined,
      lifetimeSeconds: typeof ttl_sec === 'number' && ttl_sec > 0 ? ttl_sec : undefined,
      origin: originOf(c),
    })
    return c.json({ ticket }, 201)
  })
}
