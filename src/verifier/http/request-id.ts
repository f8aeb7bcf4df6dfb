/** A random name for each request, so that a person, a program and the log can speak of the same one. */
import { Buffer } from 'node:buffer'
import { referenceOf } from '../domain/reference.ts'
import type { RequestId } from './app-deps.ts'
import type { Random } from './cookies.ts'

/** A version 4 UUID (RFC 9562, section 5.4) from the given source of randomness. */
export function newRequestId(random: Random): RequestId {
  const bytes = Buffer.from(random(16))
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  const tail = `${hex.slice(16, 20)}-${hex.slice(20)}`
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${tail}`
  return { id, reference: referenceOf(id) }
}
