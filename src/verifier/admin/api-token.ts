/**
 * The tokens of machines: `rva_` and 32 random bytes. Stored as their SHA-256 alone, without a salt:
 * what is looked up has 256 bits of its own, so no list of guesses reaches it.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

/** Told by secret scanners, and by whoever finds one in a log. */
const PREFIX = 'rva_'
const FORM = /^rva_[A-Za-z0-9_-]{43}$/
const RANDOM_BYTES = 32

export const newApiToken = (random: (bytes: number) => Uint8Array): string =>
  `${PREFIX}${Buffer.from(random(RANDOM_BYTES)).toString('base64url')}`

/** Anything else is refused before the database is asked. */
export const isApiToken = (text: string): boolean => FORM.test(text)

/** Lower-case hexadecimal. */
export const hashApiToken = (token: string): string =>
  createHash('sha256').update(token).digest('hex')
