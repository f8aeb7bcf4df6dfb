/** Tenants, the audit, tokens and the caller in the operator's API. */
import * as z from 'zod'
import { instant, pageOf, paging, role, tenantId, timeRange } from './admin-common.ts'

export const tenant = z
  .strictObject({
    id: tenantId,
    name: z.string().nullable().meta({ description: 'As people see it.' }),
    hosts: z.array(z.string()).meta({ description: 'Auth0 hosts that are served.' }),
    token_parameter: z.string(),
    when_unavailable: z.enum(['retry', 'step_up']),
    human_check: z.enum(['proof_of_work', 'turnstile']).nullable(),
  })
  .meta({ id: 'Tenant' })
export const tenants = z.strictObject({ items: z.array(tenant) })

export const caller = z.strictObject({
  name: z.string().meta({ description: 'What the audit calls you.' }),
  display_name: z.string(),
  role,
})

const word = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'must be printable text')

export const auditQuery = z.strictObject({
  actor: word.exactOptional(),
  action: word.exactOptional(),
  ...timeRange,
  ...paging,
})
export const auditPage = pageOf(
  z
    .strictObject({
      id: z.string(),
      at: instant,
      actor: z.string(),
      action: z.string(),
      subject: z.string().nullable(),
      detail: z.unknown(),
    })
    .meta({ id: 'AuditRow' }),
)

const tokenRow = {
  id: z.string(),
  name: z.string(),
  role,
  created_at: instant,
  expires_at: instant.nullable(),
  last_used_at: instant.nullable().meta({ description: 'To the hour; null: never.' }),
  revoked_at: instant.nullable(),
}
export const tokenList = z.strictObject({
  items: z.array(z.strictObject(tokenRow).meta({ id: 'ApiToken' })),
})
export const tokenRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, dot, hyphen and _'),
  role,
  expires_in_seconds: z
    .int()
    .min(3600)
    .max(10 * 31_536_000)
    .nullable()
    .meta({ description: 'Null: never, which has to be said.' }),
})
export const newToken = z.strictObject({
  ...tokenRow,
  token: z.string().meta({ description: 'Shown this once and stored nowhere.' }),
})
export const tokenParams = { id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a token’s id') }
export const revocation = z.strictObject({ revoked: z.literal(true) })
