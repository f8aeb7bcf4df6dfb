/**
 * What a person enters on a list, as it is stored and looked for: people and addresses by pseudonym, the
 * other kinds in their one form. The command line, the API and the pages enter by this alone, or an
 * entry would be stored that nobody finds.
 */
import { parseAddress } from './address.ts'
import { type ListFact, type ListKind, mayVouch } from './domain/facts.ts'
import { isPseudonym } from './domain/pseudonym.ts'
import { ok, type Result, refuse } from './domain/result.ts'
import type { Identifiers } from './ports.ts'

/** RFC 6793: four octets. */
const GREATEST_ASN = 4_294_967_295

/** Refused with a sentence that says what is wanted. */
export function storedListValue(
  identifiers: () => Identifiers,
  tenantId: string,
  kind: ListKind,
  value: string,
): Result<string, string> {
  switch (kind) {
    case 'user':
      return ok(identifiers().pseudonym(tenantId, 'user', value))
    case 'address': {
      const address = parseAddress(value)
      if (address === undefined) return refuse('That is no address: give one, not a range.')
      return ok(identifiers().pseudonym(tenantId, 'address', address.network))
    }
    case 'device':
      if (isPseudonym(value)) return ok(value)
      return refuse('A device is named by its pseudonym: the facts of a record have it.')
    case 'country':
      if (/^[A-Za-z]{2}$/.test(value)) return ok(value.toUpperCase())
      return refuse('A country has two letters, such as NO.')
    case 'asn': {
      const [, digits] = /^(?:AS)?([1-9]\d{0,9})$/i.exec(value) ?? []
      if (digits !== undefined && Number(digits) <= GREATEST_ASN) return ok(digits)
      return refuse('An AS number is such as AS64500.')
    }
    case 'client':
      return ok(value)
  }
}

/** Kinds whose stored value a record shows, so that it may be entered as it stands. */
export const isPseudonymous = (kind: ListKind): boolean =>
  kind === 'user' || kind === 'address' || kind === 'device'

/** Why nobody may enter that, or nothing. */
export function entryFault({ kind, action }: ListFact): string | undefined {
  if (action === 'deny' || mayVouch(kind)) return undefined
  return 'An application cannot be permitted: whoever begins a reset picks the application. Limit the Action with RV_CLIENTS instead.'
}
