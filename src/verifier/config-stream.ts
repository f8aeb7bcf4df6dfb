/** Reads `RV_LOG_STREAM_TOKENS`: which bearer token each tenant's log stream shows us. */
import * as z from 'zod'
import { parseJson, parseShape, type Report } from './config-json.ts'
import type { NamedSecret, SecretPair } from './config-secrets.ts'

const VARIABLE = 'RV_LOG_STREAM_TOKENS'

const TOKENS = z.record(
  z.string(),
  z
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
    ),
  'must be an object of tenants',
)

/** Tenants that report a fault are absent. */
export function parseStreamTokens(
  text: string,
  tenantIds: ReadonlySet<string> | undefined,
  fault: Report,
): ReadonlyMap<string, SecretPair> {
  const value = parseJson(VARIABLE, text, fault)
  const entries = value === undefined ? undefined : parseShape(VARIABLE, value, TOKENS, fault)
  const known = new Map<string, SecretPair>()
  for (const [index, [id, tokens]] of Object.entries(entries ?? {}).entries()) {
    if (tenantIds === undefined || tenantIds.has(id)) known.set(id, tokens)
    // The key is not named: it may be a token in the wrong place.
    else fault(`${VARIABLE}: entry ${index + 1} is not for a tenant of RV_TENANTS`)
  }
  return known
}

export const namedStreamTokens = (
  tokens: ReadonlyMap<string, SecretPair>,
): readonly NamedSecret[] =>
  [...tokens].flatMap(([id, own]) =>
    own.map((value, index) => ({ name: `${VARIABLE}.${id}[${index}]`, value })),
  )
