/**
 * What an application asked for when it sent a browser (or itself) to log somebody in: checked against
 * the client, whatever the protocol.
 */
import type { Protocol } from '../triggers/post-login-types.ts'

export type ResponseType = 'code' | 'token' | 'id_token'

export type ResponseMode = 'query' | 'fragment' | 'form_post' | 'web_message'

/** Where the answer of an OpenID Connect request goes. */
export interface OidcReturn {
  readonly kind: 'oidc'
  readonly redirectUri: string
  readonly responseMode: ResponseMode
  readonly responseType: readonly ResponseType[]
  /** The application's own. */
  readonly state?: string
  readonly nonce?: string
  readonly codeChallenge?: string
}

/** Where the answer of a SAML request goes. */
export interface SamlReturn {
  readonly kind: 'saml'
  /** The assertion consumer service's address. */
  readonly acsUrl: string
  /** Of the AuthnRequest; absent when the identity provider starts. */
  readonly requestId?: string
  /** The service provider's entity id, the default audience. */
  readonly issuer?: string
  readonly relayState?: string
  /** Whether the AuthnRequest is signed with the key of this certificate (PEM). */
  readonly isSignedBy?: (certificate: string) => Promise<boolean>
}

/** The token endpoint answers itself: no browser is there. */
export interface DirectReturn {
  readonly kind: 'direct'
}

export interface LoginRequest {
  readonly protocol: Protocol
  readonly clientId: string
  /** Scheme, host and port the browser used: `iss` is this and a slash. */
  readonly origin: string
  readonly returnTo: OidcReturn | SamlReturn | DirectReturn
  readonly scope: readonly string[]
  readonly audience?: string
  readonly prompt: readonly string[]
  readonly maxAgeSeconds?: number
  readonly loginHint?: string
  readonly screenHint?: string
  readonly uiLocales: readonly string[]
  readonly acrValues: readonly string[]
  readonly organizationId?: string
  /** `event.request.query` of the first leg. */
  readonly query: Readonly<Record<string, string>>
}

export const issuerOf = (origin: string) => `${origin}/`
