/**
 * Identifiers and one-time values, all drawn from the randomness the tenant was given.
 */

/** `bytes` random bytes. */
export type Random = (bytes: number) => Uint8Array

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Without the characters people confuse: what a recovery code is made of. */
const READABLE = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Draws evenly: bytes beyond the last whole multiple of the alphabet are thrown away. */
function draw(random: Random, alphabet: string, length: number): string {
  const limit = 256 - (256 % alphabet.length)
  let drawn = ''
  while (drawn.length < length) {
    for (const byte of random(length)) {
      if (byte < limit && drawn.length < length) drawn += alphabet[byte % alphabet.length]
    }
  }
  return drawn
}

/** Letters and digits; 32 of them carry 190 bits. */
export const randomName = (random: Random, length = 32) => draw(random, LETTERS_AND_DIGITS, length)

export const randomDigits = (random: Random, length = 6) => draw(random, '0123456789', length)

/** The form Auth0 shows: 24 capital letters and digits. */
export const randomRecoveryCode = (random: Random) => draw(random, READABLE, 24)

export const randomHex = (random: Random, bytes: number) =>
  Buffer.from(random(bytes)).toString('hex')
