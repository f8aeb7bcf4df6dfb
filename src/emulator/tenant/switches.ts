/**
 * What Auth0 does not document, as named switches with the default the contract chose.
 */
import { DEFAULT_SWITCHES as RUNTIME_DEFAULTS, type RuntimeSwitches } from '../runtime/switches.ts'

export { type Faults, NO_FAULTS } from './faults.ts'

export interface Switches extends RuntimeSwitches {
  /** `/continue` by POST with `state` in the body only. */
  bodyOnlyState: 'accepted' | 'refused'
  /** A second `sendUserTo` in one Action. */
  secondRedirect: 'last_wins' | 'fails'
  /** `sendUserTo` in `onContinue…`. */
  redirectInContinue: 'suspends_again' | 'fails'
  /** What makes the reset link stop working. */
  ticketConsumedOn: 'password_change' | 'open'
  /** `success` and `message` appended to the result URL. */
  resultUrlParameters: boolean
  /** The reason given to `api.access.deny` on the error screen. */
  denyReasonShown: boolean
  /** Verified addresses count as enrolled for MFA by e-mail, as in a tenant with that factor on. */
  verifiedEmailIsFactor: boolean
  /** SameSite of the `auth0` cookie. `lax` shows what a form POST to `/continue` then loses. */
  cookieSameSite: 'none' | 'lax'
  /** `/continue` only in the browser that holds the transaction's cookie. */
  cookieBinding: boolean
  /**
   * Where the result URL is used: on the success screen, or already as the answer to `/continue`.
   * The second makes `/continue` redirect to another origin, so that a Content-Security-Policy of the
   * third-party site that is too tight shows in this flow as it does in a login.
   */
  resultUrlAt: 'success_screen' | 'continue'
}

export const DEFAULT_SWITCHES: Switches = {
  ...RUNTIME_DEFAULTS,
  bodyOnlyState: 'accepted',
  secondRedirect: 'last_wins',
  redirectInContinue: 'suspends_again',
  ticketConsumedOn: 'password_change',
  resultUrlParameters: false,
  denyReasonShown: true,
  verifiedEmailIsFactor: true,
  cookieSameSite: 'none',
  cookieBinding: true,
  resultUrlAt: 'success_screen',
}
