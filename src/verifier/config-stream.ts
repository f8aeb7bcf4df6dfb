/** Reads `RV_LOG_STREAM_TOKENS`: which bearer token each tenant's log stream shows us. */
import * as z from 'zod'
import { parseJson, parseShape, type Report } from './config-json.ts'
import type { NamedSecret, SecretPair } from './config-secrets.ts'

const VARIABLE = 'RV_LOG_STREAM_TOKENS'

const ENTRIES = z.record(z.string(), z.unknown(), 'must be an object of tenants')
const TOKENS = z
  .union(
    [
      z.string().transform((token): SecretPair => [token]),
      z.tuple([z.string()]),
      z.tuple([z.string(), z.string()]),
    ],
    'must be a token, or a list of the current and the previous one',
  )
  .refine(
    (tokens) => tokens.every((token) => /^[\x21-\x7e]*$/.test(token)),
    'must have no spaces: the word Bearer belongs into the stream’s settings alone',
  )

/** Tenants that report a fault are absent. */
export function parseStreamTokens(
  text: string,
  tenantIds: ReadonlySet<string> | undefined,
  fault: Report,
): ReadonlyMap<string, SecretPair> {
  const value = parseJson(VARIABLE, text, fault)
  const entries = value === undefined ? undefined : parseShape(VARIABLE, value, ENTRIES, fault)
  const known = new Map<string, SecretPair>()
  for (const [index, [id, entry]] of Object.entries(entries ?? {}).entries()) {
    // Such a key is not named: it may be a token in the wrong place.
    const place = `entry ${index + 1}`
    const configured = tenantIds?.has(id) === true
    if (tenantIds !== undefined && !configured) {
      fault(`${VARIABLE}: ${place} is not for a tenant of RV_TENANTS`)
    }
    const name = configured ? id : place
    const tokens = parseShape(`${VARIABLE}.${name}`, entry, TOKENS, fault)
    if (tokens !== undefined && (configured || tenantIds === undefined)) known.set(name, tokens)
  }
  return known
}

export const namedStreamTokens = (
  tokens: ReadonlyMap<string, SecretPair>,
): readonly NamedSecret[] =>
  [...tokens].flatMap(([id, own]) =>
    own.map((value, index) => ({ name: `${VARIABLE}.${id}[${index}]`, value })),
  )
