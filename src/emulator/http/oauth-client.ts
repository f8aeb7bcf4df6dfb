/**
 * Who asks at the token endpoint: client id and secret from the header or the body (RFC 6749 section 2.3).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import type { Client, Clients } from '../tenant/clients.ts'

export interface OauthFault {
  readonly status: 400 | 401 | 403
  readonly error: string
  readonly description: string
}

export const isFault = (value: object): value is OauthFault =>
  'error' in value && 'status' in value && 'description' in value

export const refuseOauth = (c: Context, { status, error, description }: OauthFault): Response =>
  c.json({ error, error_description: description }, status)

/** The parameters of an OAuth request: a form as in the RFC, or JSON, which Auth0 takes as well. */
export async function oauthParameters(
  c: Context,
): Promise<Readonly<Record<string, string>> | undefined> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  const text = await c.req.text()
  if (type === 'application/x-www-form-urlencoded')
    return Object.fromEntries(new URLSearchParams(text))
  if (type !== 'application/json') return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) return undefined
    return Object.fromEntries(
      Object.entries(parsed).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    )
  } catch {
    return undefined
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()
const sameSecret = (one: string, other: string) => timingSafeEqual(digest(one), digest(other))

function fromHeader(header: string): { readonly id: string; readonly secret: string } | undefined {
  const encoded = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  // Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
  const decode = (part: string) => new URLSearchParams(`v=${part}`).get('v') ?? ''
  return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) }
}

/** Auth0 tells an unknown client and a wrong secret apart for nobody. */
const UNAUTHORIZED: OauthFault = {
  status: 401,
  error: 'access_denied',
  description: 'Unauthorized',
}

export function authenticateClient(
  clients: Clients,
  c: Context,
  parameters: Readonly<Record<string, string>>,
): Client | OauthFault {
  const header = c.req.header('authorization')
  const basic = header === undefined ? undefined : fromHeader(header)
  if (header !== undefined && !basic) return UNAUTHORIZED
  const id = basic?.id ?? parameters.client_id
  const secret = basic?.secret ?? parameters.client_secret
  const client = id === undefined ? undefined : clients.get(id)
  if (!client) return UNAUTHORIZED
  if (parameters.client_id !== undefined && parameters.client_id !== client.client_id)
    return UNAUTHORIZED
  if (client.token_endpoint_auth_method === 'none' && secret === undefined) return client
  return secret !== undefined && sameSecret(secret, client.client_secret) ? client : UNAUTHORIZED
}

/** A client without a secret can prove by PKCE alone that a code is its own. */
export const isPublic = ({ token_endpoint_auth_method }: Client) =>
  token_endpoint_auth_method === 'none'
