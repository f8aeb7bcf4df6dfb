/**
 * Reads `RV_TENANTS`: which Auth0 hosts we serve and where each sends its users back to.
 * The continue origin of a real host cannot be configured: it is that host (architecture, invariant 7).
 */
import * as z from 'zod'
import { toDotPath } from 'zod/v4/core'
import { parseJson, parseShape, type Report } from './config-json.ts'
import type { Tenant } from './ports.ts'

const VARIABLE = 'RV_TENANTS'

/** What the arrival page's form and address carry beside the session token. */
const FORM_FIELDS: ReadonlySet<string> = new Set([
  'script',
  'webdriver',
  'elapsed_ms',
  'time_zone',
  'ui_locales',
  'flow',
  'human',
])

/** Labels of letters, digits and inner hyphens; a last label with a letter, so no IPv4 address. */
const HOST_NAME =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*(?=[a-z0-9-]*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Names that browsers resolve to the machine itself and treat as secure without a certificate. */
export const isLocalName = (name: string) => name === 'localhost' || name.endsWith('.localhost')

const hostName = z
  .string('must be a host name')
  .refine(
    (name) => HOST_NAME.test(name) && (name.includes('.') || isLocalName(name)),
    'must be a bare host name in lower case, such as acme.eu.auth0.com',
  )

const host = z.preprocess(
  (value) => (typeof value === 'string' ? { host: value } : value),
  z
    .strictObject({ host: hostName, continue_origin: z.string().optional() })
    .superRefine((entry, context) => {
      if (entry.continue_origin === undefined) return
      if (!isContinueOrigin(entry.continue_origin, entry.host)) {
        const message = isLocalName(entry.host)
          ? 'must be an http or https origin on the same localhost name'
          : 'must be left out, or be https:// and the host: only localhost names may differ'
        context.addIssue({ code: 'custom', path: ['continue_origin'], message })
      }
    }),
)

/** `http://tenant.localhost:3000` for `tenant.localhost`; for every other host `https://<host>` alone. */
function isContinueOrigin(origin: string, name: string): boolean {
  if (!isLocalName(name)) return origin === `https://${name}`
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  return (
    url !== undefined &&
    url.origin === origin &&
    url.hostname === name &&
    (url.protocol === 'http:' || url.protocol === 'https:')
  )
}

/** A phone of the last ten years hashes some 50,000 times in a second; 2,000,000 lose people. */
const humanCheck = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('proof_of_work'),
      work: z
        .int('must be a whole number')
        .min(1000, 'must be at least 1000')
        .max(2_000_000, 'must be at most 2000000')
        .default(50_000),
    }),
    z.strictObject({
      kind: z.literal('turnstile'),
      site_key: z
        .string('must be text')
        .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be the site key as Cloudflare shows it'),
    }),
  ],
  'must be an object whose kind is proof_of_work or turnstile',
)

const tenant = z.strictObject({
  id: z
    .string('must be text')
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,62}$/,
      'must be 1 to 63 of a-z, 0-9, - and _, starting with a letter or digit',
    ),
  hosts: z.array(host, 'must be a list of hosts').min(1, 'must name at least one host'),
  token_parameter: z
    .string('must be text')
    .regex(
      /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
      'must be 1 to 64 letters, digits, - and _, starting with a letter',
    )
    .refine((name) => name !== 'state', 'must not be state: Auth0 uses that parameter')
    .refine((name) => !FORM_FIELDS.has(name), 'must not be a name that the form of our page uses')
    .default('session_token'),
  continue_issuer: z
    .string('must be text')
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable characters without spaces')
    .optional(),
  when_unavailable: z.enum(['retry', 'step_up'], 'must be retry or step_up').default('retry'),
  human_check: humanCheck.optional(),
})

const TENANTS = z
  .array(tenant, 'must be a list of tenants')
  .min(1, 'must name at least one tenant')
  .superRefine((tenants, context) => {
    const ids = new Map<string, string>()
    const hosts = new Map<string, string>()
    for (const [t, entry] of tenants.entries()) {
      unique(ids, entry.id, [t, 'id'])
      for (const [h, { host: name }] of entry.hosts.entries()) unique(hosts, name, [t, 'hosts', h])
    }
    function unique(seen: Map<string, string>, value: string, path: (string | number)[]): void {
      const first = seen.get(value)
      if (first === undefined) seen.set(value, toDotPath(path))
      else context.addIssue({ code: 'custom', path, message: `repeats ${first}` })
    }
  })

/** Undefined after reporting at least one fault. */
export function parseTenants(text: string, fault: Report): ReadonlyMap<string, Tenant> | undefined {
  const value = parseJson(VARIABLE, text, fault)
  if (value === undefined) return undefined
  const parsed = parseShape(VARIABLE, value, TENANTS, fault)
  if (parsed === undefined) return undefined
  return new Map(parsed.map((entry) => [entry.id, tenantOf(entry)]))
}

function tenantOf(entry: z.output<typeof tenant>): Tenant {
  return {
    id: entry.id,
    continueOrigins: new Map(
      entry.hosts.map((own) => [own.host, own.continue_origin ?? `https://${own.host}`]),
    ),
    tokenParameter: entry.token_parameter,
    ...(entry.continue_issuer === undefined ? {} : { continueIssuer: entry.continue_issuer }),
    whenUnavailable: entry.when_unavailable,
    ...(entry.human_check === undefined ? {} : { humanCheck: humanCheckOf(entry.human_check) }),
  }
}

const humanCheckOf = (
  check: z.output<typeof humanCheck>,
): Extract<Tenant['humanCheck'], { kind: string }> =>
  check.kind === 'turnstile' ? { kind: 'turnstile', siteKey: check.site_key } : check
