/**
 * Which claims about a user a scope lets out, and which names an Action cannot take in a token.
 */
import type { User } from './users.ts'

export type Claims = Readonly<Record<string, unknown>>

const PROFILE = [
  'nickname',
  'name',
  'picture',
  'given_name',
  'family_name',
  'updated_at',
] as const satisfies readonly (keyof User)[]

const present = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/** OpenID Connect Core 5.4, with the members Auth0 puts under each scope. */
export function userClaims(user: User, scope: readonly string[]): Record<string, unknown> {
  const { phone_number, phone_verified: phone_number_verified } = user
  return present({
    ...(scope.includes('profile')
      ? Object.fromEntries(PROFILE.map((key) => [key, user[key]]))
      : {}),
    ...(scope.includes('email') ? { email: user.email, email_verified: user.email_verified } : {}),
    ...(scope.includes('phone') ? { phone_number, phone_number_verified } : {}),
  })
}

/** Auth0 docs, custom claims: names that belong to the protocol. One that is set has no effect. */
const RESTRICTED = new Set(
  (
    'acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id ' +
    'cnf cty dest entitlements events exp groups gty htm htu iat iss jcard jku jti jwe jwk kid ' +
    'may_act mky nbf nonce object_id org_id org_name orig origid permissions roles rph s_hash scope ' +
    'sid sub sub_jwk toe txn typ uuid vot vtm x5t#S256'
  ).split(' '),
)

/** Auth0 docs, custom claims: namespaces under Auth0's own domains are taken as well. */
const TAKEN_NAMESPACE = /^https?:\/\/([^/]+\.)?(auth0\.com|webtask\.io|webtask\.run)(\/|$)/i

/** The claims of Actions that take effect. */
export const allowedClaims = (claims: Claims): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(claims).filter(
      ([name, value]) =>
        value !== undefined && !RESTRICTED.has(name) && !TAKEN_NAMESPACE.test(name),
    ),
  )
