/**
 * Passwords of the emulated database connection: scrypt with a salt per user.
 * Emulated users may still carry a password somebody uses elsewhere, so none is kept in clear.
 */
import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { Random } from './identifiers.ts'

export interface PasswordHash {
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

/** N = 2^10: about 2 ms, so that hundreds of resets a second stay possible. The store never leaves memory. */
const COST: ScryptOptions = { N: 1024, r: 8, p: 1 }
const HASH_BYTES = 32

function derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, COST, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

export async function hashPassword(password: string, random: Random): Promise<PasswordHash> {
  const salt = random(16)
  return { salt, hash: await derive(password, salt) }
}

export async function matchesPassword(password: string, stored: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, stored.salt), stored.hash)
}

/** Auth0's default policy for a new connection ("good") in its simplest reading: at least 8 characters, three of four kinds. */
export function passwordFault(password: string): string | undefined {
  if (password.length < 8) return 'Use at least 8 characters.'
  if (Buffer.byteLength(password) > 72) return 'Use at most 72 bytes.'
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u]
  if (kinds.filter((kind) => kind.test(password)).length < 3)
    return 'Use three of: lower case, upper case, digits, other characters.'
  return undefined
}
