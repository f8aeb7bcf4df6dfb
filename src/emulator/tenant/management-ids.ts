/** Ids in the form the Management API gives them. */
import { type Random, randomHex } from './identifiers.ts'

/** A random UUID (RFC 9562 section 5.4). */
export function randomUuid(random: Random): string {
  const hex = randomHex(random, 16)
  const variant = '89ab'[Number.parseInt(hex[16] as string, 16) % 4]
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}
