/** What a client learns about the tenant by itself: OpenID Connect Discovery 1.0 and the signing keys. */
import type { Hono } from 'hono'
import type { TenantCore } from '../tenant/core.ts'
import { originOf } from './surface.ts'

/** Of what is emulated, nothing more. */
const configurationOf = (origin: string) => ({
  issuer: `${origin}/`,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/oauth/token`,
  userinfo_endpoint: `${origin}/userinfo`,
  jwks_uri: `${origin}/.well-known/jwks.json`,
  revocation_endpoint: `${origin}/oauth/revoke`,
  end_session_endpoint: `${origin}/oidc/logout`,
  scopes_supported: [
    'openid',
    'profile',
    'offline_access',
    'name',
    'given_name',
    'family_name',
    'nickname',
    'email',
    'email_verified',
    'picture',
    'created_at',
    'identities',
    'phone',
    'address',
  ],
  response_types_supported: [
    'code',
    'token',
    'id_token',
    'code token',
    'code id_token',
    'token id_token',
    'code token id_token',
  ],
  response_modes_supported: ['query', 'fragment', 'form_post'],
  code_challenge_methods_supported: ['S256'],
  subject_types_supported: ['public'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
  claims_supported: [
    'aud',
    'auth_time',
    'created_at',
    'email',
    'email_verified',
    'exp',
    'family_name',
    'given_name',
    'iat',
    'identities',
    'iss',
    'name',
    'nickname',
    'phone_number',
    'picture',
    'sub',
  ],
  id_token_signing_alg_values_supported: ['RS256'],
  request_uri_parameter_supported: false,
  request_parameter_supported: false,
})

export function mountDiscovery(app: Hono, core: TenantCore) {
  app.get('/.well-known/openid-configuration', (c) => c.json(configurationOf(originOf(c))))
  app.get('/.well-known/oauth-authorization-server', (c) => c.json(configurationOf(originOf(c))))
  app.get('/.well-known/jwks.json', async (c) => c.json(await core.loginSide.keys.jwks()))
}
