/**
 * What Auth0 does not document, as named switches with the default the contract chose, and faults that
 * can be turned on to see how an Action and a third-party site behave under them.
 */
import { DEFAULT_SWITCHES as RUNTIME_DEFAULTS, type RuntimeSwitches } from '../runtime/switches.ts'

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

export interface Faults {
  /** `/continue` answers 500 and forgets nothing. */
  continueFails: boolean
  /** `/continue` waits this long before it answers. */
  continueDelayMs: number
  /** The redirect carries a `state` no transaction has. */
  wrongState: boolean
  /** The browser never gets the transaction's cookie. */
  lostCookie: boolean
  /** `event.user.enrolledFactors` is undefined: could not be fetched. */
  enrolledFactorsUnavailable: boolean
}

export const NO_FAULTS: Faults = {
  continueFails: false,
  continueDelayMs: 0,
  wrongState: false,
  lostCookie: false,
  enrolledFactorsUnavailable: false,
}
