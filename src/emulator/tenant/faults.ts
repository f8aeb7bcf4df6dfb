/**
 * Faults that can be turned on at any time, to see how an Action and a third-party site behave under
 * them. Each does one thing wrong and leaves everything else as it is; each says in the trace when it
 * struck. Whether instances are warm or cold is a switch (`instances`), because Auth0 has both.
 */
import { TRIGGER_BUDGET_MS } from '../runtime/limits.ts'

export interface Faults {
  /** `/continue` answers 500 and forgets nothing. */
  continueFails: boolean
  /** `/continue` waits this long before it answers. */
  continueDelayMs: number
  /** The redirect carries a `state` no transaction has. */
  wrongState: boolean
  /** The redirect carries a `state` of this transaction that was used up before. */
  reusedState: boolean
  /** The transaction's hour is over when the browser comes back. */
  expiredTransaction: boolean
  /** The browser never gets the transaction's cookie. */
  lostCookie: boolean
  /** What becomes of the continue token between the third-party site and the Action. */
  continueToken: ContinueTokenFault
  /** Which handlers take longer than they may. They are not run: nothing of theirs happens. */
  actionTimesOut: 'never' | 'on_execute' | 'on_continue' | 'always'
  /** What the Actions of a trigger may take together in truth: 20,000 ms on Auth0. */
  actionBudgetMs: number
  /** `event.user.enrolledFactors` is undefined: could not be fetched. */
  enrolledFactorsUnavailable: boolean
}

/**
 * - `missing`: the parameter is gone.
 * - `tampered`: its payload was changed after it was signed.
 * - `expired`, `other_user`, `other_state`: signed anew with the Action's own secret, with `exp` in the
 *   past, another user's `sub` or another `state`; everything else as it was.
 */
export type ContinueTokenFault =
  | 'intact'
  | 'missing'
  | 'tampered'
  | 'expired'
  | 'other_user'
  | 'other_state'

export const NO_FAULTS: Faults = {
  continueFails: false,
  continueDelayMs: 0,
  wrongState: false,
  reusedState: false,
  expiredTransaction: false,
  lostCookie: false,
  continueToken: 'intact',
  actionTimesOut: 'never',
  actionBudgetMs: TRIGGER_BUDGET_MS,
  enrolledFactorsUnavailable: false,
}
