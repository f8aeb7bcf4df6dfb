/** What a transaction of post-login carries besides: the request it answers and what Actions asked for. */
import type { RiskAssessment } from '../triggers/post-login-types.ts'
import type { LoginEffects } from './login-effects.ts'
import type { LoginRequest } from './login-request.ts'
import type { LoginVisit } from './login-risk.ts'

export interface LoginContext {
  readonly request: LoginRequest
  /** False: `prompt=none` or the token endpoint. Nothing can be shown (contract 1.7). */
  readonly interactive: boolean
  readonly effects: LoginEffects
  /** Absent where no browser is: the password grant, and a refresh whose session has ended. */
  readonly sessionId?: string
  /** The refresh token that is being exchanged. */
  readonly refreshGrantId?: string
  readonly authenticatedAtMs: number
  /** Of a login in a browser: how it compares with those before it. */
  readonly risk?: { readonly visit: LoginVisit; readonly assessment: RiskAssessment }
  /** Whether the deferred challenge of `multifactor.enable` was put up. */
  deferredChallengeShown: boolean
  /** The person ticked that this browser may be remembered. */
  rememberBrowser?: boolean
}
