/**
 * ID tokens and access tokens as the tenant signs them. Access tokens that were issued are remembered,
 * so that one can be looked up whatever its form, and stops working when it should.
 */
import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'
import type { Keys } from './keys.ts'
import type { Claims } from './tokens-claims.ts'

export interface AccessGrant {
  readonly issuer: string
  readonly clientId: string
  /** `client_id@clients` for a client of its own. */
  readonly subject: string
  readonly scope: readonly string[]
  readonly audience?: string
  /** What an Action put into the ID token: `/userinfo` tells it too. */
  readonly idTokenClaims: Claims
  readonly claims: Claims
  readonly lifetimeSeconds: number
  readonly grantType?: 'client-credentials' | 'password'
}

export interface IdTokenContent {
  readonly issuer: string
  readonly clientId: string
  readonly subject: string
  readonly claims: Claims
  /** Bound in by hash (OpenID Connect Core 3.3.2.11). */
  readonly code?: string
  readonly accessToken?: string
}

export interface Tokens {
  signIdToken(content: IdTokenContent): Promise<string>
  /** A JWT for a named API, else an opaque text that only `/userinfo` takes. */
  issueAccessToken(grant: AccessGrant): Promise<string>
  /** Of a token that was issued here and has not expired. */
  grantOf(accessToken: string): AccessGrant | undefined
  clear(): void
}

/** Auth0's default lifetime of an ID token: ten hours. */
export const ID_TOKEN_SECONDS = 36_000

const KEPT = 5000

/** OpenID Connect Core 3.1.3.6: the left half of the digest. */
const halfHash = (text: string) =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

export function createTokens(clock: TenantClock, random: Random, keys: Keys): Tokens {
  const issued = new Map<string, { readonly grant: AccessGrant; readonly expiresAtMs: number }>()
  const nowSeconds = () => Math.floor(clock.now() / 1000)

  const sign = async (claims: Record<string, unknown>, type: string) => {
    const { kid, privateKey } = await keys.signing()
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: type, kid }).sign(privateKey)
  }

  const accessJwt = (grant: AccessGrant, audience: string) => {
    const iat = nowSeconds()
    const userinfo = `${grant.issuer}userinfo`
    return sign(
      {
        ...grant.claims,
        iss: grant.issuer,
        sub: grant.subject,
        aud: grant.scope.includes('openid') ? [audience, userinfo] : audience,
        iat,
        exp: iat + grant.lifetimeSeconds,
        ...(grant.scope.length > 0 ? { scope: grant.scope.join(' ') } : {}),
        ...(grant.grantType ? { gty: grant.grantType } : {}),
        azp: grant.clientId,
        jti: randomName(random, 22),
      },
      'JWT',
    )
  }

  return {
    signIdToken: ({ issuer, clientId, subject, claims, code, accessToken }) => {
      const iat = nowSeconds()
      return sign(
        {
          ...claims,
          iss: issuer,
          aud: clientId,
          iat,
          exp: iat + ID_TOKEN_SECONDS,
          sub: subject,
          ...(code === undefined ? {} : { c_hash: halfHash(code) }),
          ...(accessToken === undefined ? {} : { at_hash: halfHash(accessToken) }),
        },
        'JWT',
      )
    },
    issueAccessToken: async (grant) => {
      const token =
        grant.audience === undefined
          ? randomName(random, 64)
          : await accessJwt(grant, grant.audience)
      issued.set(token, { grant, expiresAtMs: clock.now() + grant.lifetimeSeconds * 1000 })
      if (issued.size > KEPT) issued.delete(issued.keys().next().value as string)
      return token
    },
    grantOf: (accessToken) => {
      const found = issued.get(accessToken)
      return found && clock.now() < found.expiresAtMs ? found.grant : undefined
    },
    clear: () => issued.clear(),
  }
}
