/**
 * What an application is told at the end of a login, and how it gets there. Pages and redirects are made
 * of it elsewhere.
 */
import type { LoginRequest, OidcReturn, ResponseMode } from './login-request.ts'

export type LoginAnswer = {
  /** Set when the session's cookie must be written again. */
  readonly cookieMode?: 'persistent' | 'non-persistent'
} & (
  | {
      readonly kind: 'oidc'
      readonly redirectUri: string
      readonly responseMode: ResponseMode
      readonly parameters: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'saml'
      readonly destination: string
      /** Base64. */
      readonly response: string
      readonly relayState?: string
    }
)

export interface LoginError {
  readonly error: string
  readonly description: string
}

export function oidcAnswer(
  returnTo: OidcReturn,
  parameters: Readonly<Record<string, string>>,
): LoginAnswer {
  const { redirectUri, responseMode, state } = returnTo
  return {
    kind: 'oidc',
    redirectUri,
    responseMode,
    parameters: { ...parameters, ...(state === undefined ? {} : { state }) },
  }
}

export const oidcError = (returnTo: OidcReturn, { error, description }: LoginError): LoginAnswer =>
  oidcAnswer(returnTo, { error, error_description: description })

/** The address of an answer that is a redirect: RFC 6749 section 4.1.2, OAuth 2.0 Multiple Response Types 5. */
export function redirectAddress(answer: Extract<LoginAnswer, { kind: 'oidc' }>): string {
  const target = new URL(answer.redirectUri)
  const parameters = new URLSearchParams({ ...answer.parameters })
  if (answer.responseMode === 'fragment') target.hash = parameters.toString()
  else for (const [name, value] of parameters) target.searchParams.set(name, value)
  return target.href
}

export const isSilent = ({ prompt }: LoginRequest) => prompt.includes('none')
