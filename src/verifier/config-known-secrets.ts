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
  const table = Buffer.from(KNOWN_SECRET_PREFIXES, 'base64url')
  const wanted = digest.subarray(0, PREFIX_BYTES)
  for (let at = 0; at < table.length; at += PREFIX_BYTES) {
    if (table.subarray(at, at + PREFIX_BYTES).equals(wanted)) return true
  }
  return false
}
