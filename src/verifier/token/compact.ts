/**
 * The signature check: a compact JWS in, its payload's bytes out. HS256 with configured keys and
 * nothing else, whatever the token's header asks for. Claims are read by `session-token.ts`.
 */
import { type CryptoKey, compactVerify, decodeProtectedHeader, errors } from 'jose'
import { ok, type Result, refuse } from '../domain/result.ts'
import { type CanonicalFault, canonicalFault } from './canonical-form.ts'

export interface VerifiedCompact {
  readonly payload: Uint8Array
  /** Index into the given keys. */
  readonly keyIndex: number
}

export type CompactFault = CanonicalFault | 'token_header_refused' | 'signature_invalid'

const HS256 = { algorithms: ['HS256'] }

/** Tries the keys in order, so that the current one costs one check and the previous one two. */
export async function verifyCompact(
  token: string,
  keys: readonly CryptoKey[],
): Promise<Result<VerifiedCompact, CompactFault>> {
  const fault = canonicalFault(token)
  if (fault !== undefined) return refuse(fault)
  if (!hasAcceptableHeader(token)) return refuse('token_header_refused')
  return await verifySignature(token, keys)
}

/** For a token whose form and header were checked already. */
export async function verifySignature(
  token: string,
  keys: readonly CryptoKey[],
): Promise<Result<VerifiedCompact, 'signature_invalid'>> {
  for (let keyIndex = 0; keyIndex < keys.length; keyIndex += 1) {
    try {
      const key = keys[keyIndex] as CryptoKey
      const { payload } = await compactVerify(token, key, HS256)
      return ok({ payload, keyIndex })
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
    }
  }
  return refuse('signature_invalid')
}

/** RFC 8725 section 3.1: the algorithm is ours to choose. An extension nobody knows is refused. */
function hasAcceptableHeader(token: string): boolean {
  try {
    const header = decodeProtectedHeader(token)
    return header.alg === 'HS256' && !Object.hasOwn(header, 'crit') && !Object.hasOwn(header, 'b64')
  } catch {
    return false
  }
}
