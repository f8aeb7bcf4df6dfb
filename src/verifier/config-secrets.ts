/**
 * Reads the secrets and refuses those that protect nothing: short, publicly known, used twice, or
 * padded with white space by a copy. Messages name where a secret stands, never a part of it.
 */
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { parseJson, parseShape, type Report } from './config-json.ts'
import { isKnownSecret } from './config-known-secrets.ts'

/** Current, then the previous one while a rotation lasts. */
export type SecretPair = readonly [current: string] | readonly [current: string, previous: string]

export interface TenantSecrets {
  /** Shared with the Action's `encodeToken`. */
  readonly session: SecretPair
  /** Shared with the Action's `validateToken`. */
  readonly continue: SecretPair
  /** Turnstile's own secret key, for tenants whose human check it is. */
  readonly turnstile?: string
}

export interface NamedSecret {
  /** Where it stands, such as `RV_SECRETS.acme.session[0]`. */
  readonly name: string
  readonly value: string
}

const VARIABLE = 'RV_SECRETS'

/** RFC 7518 section 3.2: an HS256 key is at least as long as the hash, 256 bits. */
const MIN_SECRET_BYTES = 32
/** Random text of this length has about 25 distinct bytes in base64url, about 14 in hexadecimal. */
const FEW_DISTINCT_BYTES = 10

const pair = z
  .array(z.string('must be text'), 'must be a list: the current secret, then perhaps the previous')
  .refine(
    (list) => list.length === 1 || list.length === 2,
    'must hold the current and at most one previous secret',
  )
  .transform(
    ([current = '', previous]): SecretPair =>
      previous === undefined ? [current] : [current, previous],
  )

const ENTRIES = z.record(z.string(), z.unknown(), 'must be an object of tenants')
const TENANT = z.strictObject({
  session: pair,
  continue: pair,
  turnstile: z
    .string('must be text')
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be the secret key as Cloudflare shows it')
    .exactOptional(),
})

/**
 * Undefined after reporting at least one fault. `tenantIds` is undefined when `RV_TENANTS` is at fault
 * itself: the secrets are checked all the same. An entry whose key is no configured tenant is named by
 * its place, because the key may be a secret in the wrong position.
 */
export function parseSecrets(
  text: string,
  tenantIds: ReadonlySet<string> | undefined,
  fault: Report,
): ReadonlyMap<string, TenantSecrets> | undefined {
  const value = parseJson(VARIABLE, text, fault)
  if (value === undefined) return undefined
  const entries = parseShape(VARIABLE, value, ENTRIES, fault)
  if (entries === undefined) return undefined

  const secrets = new Map<string, TenantSecrets>()
  for (const [index, [id, entry]] of Object.entries(entries).entries()) {
    const place = `entry ${index + 1}`
    const known = tenantIds?.has(id) === true
    if (tenantIds !== undefined && !known) {
      fault(`${VARIABLE}: ${place} is not for a tenant of RV_TENANTS`)
    }
    const name = known ? id : place
    const parsed = parseShape(`${VARIABLE}.${name}`, entry, TENANT, fault)
    if (parsed !== undefined) secrets.set(name, parsed)
  }
  for (const id of tenantIds ?? []) {
    if (!Object.hasOwn(entries, id)) {
      fault(`${VARIABLE}.${id} must be given: the tenant has no secrets`)
    }
  }
  return secrets
}

export function namedSecrets(secrets: ReadonlyMap<string, TenantSecrets>): readonly NamedSecret[] {
  return [...secrets].flatMap(([id, own]) =>
    (['session', 'continue'] as const).flatMap((direction) =>
      own[direction].map((value, index) => ({
        name: `${VARIABLE}.${id}.${direction}[${index}]`,
        value,
      })),
    ),
  )
}

/** Every secret of the process at once, because no two may be equal. */
export function checkSecrets(secrets: readonly NamedSecret[], fault: Report, warn: Report): void {
  const seen = new Map<string, string>()
  for (const { name, value } of secrets) {
    const bytes = new TextEncoder().encode(value)
    if (value !== value.trim()) fault(`${name} must not begin or end with white space`)
    if (bytes.length < MIN_SECRET_BYTES) {
      fault(
        `${name} must have at least ${MIN_SECRET_BYTES} bytes; make one with: openssl rand -base64 48`,
      )
    } else if (isKnownSecret(sha256(value))) {
      fault(`${name} is in a public list of secrets; make one with: openssl rand -base64 48`)
    } else if (new Set(bytes).size < FEW_DISTINCT_BYTES) {
      warn(`${name} has fewer than ${FEW_DISTINCT_BYTES} different bytes; a random one has more`)
    }
    const first = seen.get(value)
    if (first === undefined) seen.set(value, name)
    else fault(`${name} equals ${first}: every direction, tenant and rotation needs its own secret`)
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
