/** A random name for each request, so that a person, a program and the log can speak of the same one. */
import { referenceOf } from '../domain/reference.ts'
import type { RequestId } from './app-deps.ts'
import type { Random } from './cookies.ts'

/** A version 4 UUID (RFC 9562, section 5.4) from the given source of randomness. */
export function newRequestId(random: Random): RequestId {
  const bytes = random(16)
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  const tail = `${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${tail}`
  return { id, reference: referenceOf(id) }
}
