/**
 * The one accepted spelling of a compact JWS. Base64url decoders forgive padding, white space and
 * unused bits, so one signed token has many texts that all verify. Here it has one.
 * It says nothing about signatures or claims.
 */
/** Auth0 puts the token into a URL; 4 KiB is twice what the reference Action sends. */
export const MAX_TOKEN_CHARACTERS = 4096

/** A 32-byte HMAC is 43 characters without padding. */
const SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/

/** RFC 4648 section 5, by value. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export type CanonicalFault = 'token_malformed' | 'token_not_canonical'

/** Undefined when the text is the canonical form of an HS256 compact JWS (RFC 7515 section 7.1). */
export function canonicalFault(token: string): CanonicalFault | undefined {
  if (token.length > MAX_TOKEN_CHARACTERS || !SHAPE.test(token)) return 'token_malformed'
  return token.split('.').every(hasNoUnusedBits) ? undefined : 'token_not_canonical'
}

/**
 * RFC 4648 section 3.5: the bits that a last character has over must be zero. Two characters carry one
 * byte and four bits more, three carry two bytes and two bits more, and one alone carries nothing.
 */
function hasNoUnusedBits(part: string): boolean {
  const value = ALPHABET.indexOf(part.at(-1) as string)
  switch (part.length % 4) {
    case 2:
      return value % 16 === 0
    case 3:
      return value % 4 === 0
    default:
      return part.length % 4 === 0
  }
}
