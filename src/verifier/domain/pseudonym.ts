/** What a pseudonym looks like where somebody gives one: a signed 64-bit number in decimal. */

/** One that Postgres would take: what lies outside `bigint` names nobody, and is no failure of a statement. */
export const isPseudonym = (text: string): boolean =>
  /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
