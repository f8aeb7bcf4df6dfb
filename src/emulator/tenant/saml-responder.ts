/** SAML responses: what is sent to a service provider at the end of a login. */
import type { LoginAnswer, LoginError } from './login-answer.ts'
import type { LoginEffects } from './login-effects.ts'
import type { LoginOutcome } from './login-outcome.ts'
import type { LoginRequest, SamlReturn } from './login-request.ts'

export interface SamlResponder {
  respond(
    request: LoginRequest,
    returnTo: SamlReturn,
    outcome: LoginOutcome,
    changes: LoginEffects['saml'],
  ): Promise<LoginAnswer>
  refuse(request: LoginRequest, returnTo: SamlReturn, error: LoginError): Promise<LoginAnswer>
}

export function createSamlResponder(_options: object): SamlResponder {
  const missing = async (): Promise<LoginAnswer> => {
    throw new Error('SAML responses are not emulated.')
  }
  return { respond: missing, refuse: missing }
}
