/**
 * Secrets that stand in public lists: an attacker tries those first, however long they are.
 * Holds digests cut to 32 bits, not the secrets: ten kilobytes instead of a hundred.
 */
import { Buffer } from 'node:buffer'
import { KNOWN_SECRET_PREFIXES } from './config-known-secrets-table.ts'

const PREFIX_BYTES = 4

/**
 * `digest` is the SHA-256 of a secret's UTF-8 text. A random secret is taken for a known one with odds
 * of one in two million: its owner makes another.
 */
export function isKnownSecret(digest: Uint8Array): boolean {
  known ??= readTable()
  return known.has(Buffer.from(digest).readUInt32BE(0))
}

/** Read once: a service of ten thousand tenants asks twenty thousand times. */
let known: ReadonlySet<number> | undefined

function readTable(): ReadonlySet<number> {
  const table = Buffer.from(KNOWN_SECRET_PREFIXES, 'base64url')
  const prefixes = new Set<number>()
  for (let at = 0; at < table.length; at += PREFIX_BYTES) prefixes.add(table.readUInt32BE(at))
  return prefixes
}
