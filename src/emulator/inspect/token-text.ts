/** A compact JWS taken apart, with everything that is wrong about its form. Nothing here is verified. */
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface TokenText {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  readonly signingInput: string
  readonly signature: string
}

export type ReadToken =
  | { readonly ok: true; readonly token: TokenText }
  | { readonly ok: false; readonly fault: string }

const PARTS = ['header', 'payload'] as const

export function readToken(text: string): ReadToken {
  const refuse = (fault: string): ReadToken => ({ ok: false, fault })
  if (text === '') return refuse('there is no token')
  if (/\s/.test(text)) return refuse('it contains white space')
  const parts = text.split('.')
  if (parts.length === 5) return refuse('it has five parts: an encrypted token (JWE), not a signed')
  if (parts.length !== 3)
    return refuse(`it has ${parts.length} part${parts.length === 1 ? '' : 's'} instead of three`)
  const decoded: Readonly<Record<string, unknown>>[] = []
  for (const [index, name] of PARTS.entries()) {
    const part = parts[index] as string
    if (part.includes('=')) return refuse(`its ${name} is padded with "="`)
    if (!/^[A-Za-z0-9_-]+$/.test(part)) return refuse(`its ${name} is not base64url`)
    const object = parseObject(Buffer.from(part, 'base64url').toString('utf8'))
    if (object === undefined) return refuse(`its ${name} is not a JSON object`)
    decoded.push(object)
  }
  const [header = {}, payload = {}] = decoded
  return {
    ok: true,
    token: {
      header,
      payload,
      signingInput: `${parts[0]}.${parts[1]}`,
      signature: parts[2] as string,
    },
  }
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Whether this key made the signature; the encoded texts are compared, as Auth0's own spelling is one. */
export function isSignedBy(
  { signingInput, signature }: TokenText,
  key: Uint8Array,
  hash: 'sha256' | 'sha384' | 'sha512' = 'sha256',
): boolean {
  const own = Buffer.from(createHmac(hash, key).update(signingInput).digest('base64url'))
  const given = Buffer.from(signature)
  return own.length === given.length && timingSafeEqual(own, given)
}
