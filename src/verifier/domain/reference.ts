/** The short code that a person reads out to support, and support types into `why`. */

/** Crockford's base 32: no I, L, O or U, so that it survives being read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Eight characters, as `XXXX-XXXX`, from the first 40 bits of a random UUID. A label and never a
 * secret: two records of one tenant may share it, with odds of one in 10^12 for any pair.
 */
export function referenceOf(assessmentId: string): string {
  const bits = BigInt(`0x${assessmentId.replaceAll('-', '').slice(0, 10)}`)
  let code = ''
  for (let shift = 35n; shift >= 0n; shift -= 5n) code += ALPHABET[Number((bits >> shift) & 31n)]
  return `${code.slice(0, 4)}-${code.slice(4)}`
}
