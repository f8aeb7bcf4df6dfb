/** The short code that a person reads out to support, and support types into `why`. */

/** Crockford's base 32: no I, L, O or U, so that it survives being read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Eight characters, as `XXXX-XXXX`, from the first 40 bits of a random UUID. A label and never a
 * secret: two records of one tenant may share it, with odds of one in 10^12 for any pair.
 */
export function referenceOf(assessmentId: string): string {
  // Eight digits stand before the first hyphen.
  const second = assessmentId.slice(5, 8) + assessmentId.slice(9, 11)
  return `${fourOf(assessmentId.slice(0, 5))}-${fourOf(second)}`
}

/** 20 bits. */
function fourOf(hex: string): string {
  const bits = Number.parseInt(hex, 16)
  let code = ''
  for (let shift = 15; shift >= 0; shift -= 5) code += ALPHABET[(bits >> shift) & 31]
  return code
}
