/** What an operator types into a list, in the one form that a request's statement looks for. */
import { parseAddress } from '../../address.ts'
import type { ListKind } from '../../domain/facts.ts'
import { type Result, refuse, ok as succeed } from '../../domain/result.ts'
import type { Identifiers } from '../../ports.ts'

/** A pseudonym for users and addresses, the plain value in its one form for the rest; or what is wrong. */
export function listValue(
  identifiers: Pick<Identifiers, 'pseudonym'>,
  tenant: string,
  kind: ListKind,
  value: string,
): Result<string, string> {
  switch (kind) {
    case 'user':
      return succeed(identifiers.pseudonym(tenant, 'user', value))
    case 'address': {
      const address = parseAddress(value)
      if (address === undefined) return refuse('Give a single address, not a range.')
      return succeed(identifiers.pseudonym(tenant, 'address', address.network))
    }
    case 'device':
      if (/^-?\d{1,19}$/.test(value)) return succeed(value)
      return refuse('A device is named by its pseudonym: the facts of a record have it.')
    case 'country':
      if (/^[A-Za-z]{2}$/.test(value)) return succeed(value.toUpperCase())
      return refuse('A country has two letters, such as NO.')
    case 'asn': {
      const [, digits] = /^(?:AS)?([1-9]\d{0,9})$/i.exec(value) ?? []
      return digits === undefined ? refuse('An AS number is such as AS64500.') : succeed(digits)
    }
    case 'client':
      return succeed(value)
  }
}
