/**
 * Behaviour of the runtime that Auth0 does not document, as named switches with the default we infer.
 * What the tenant decides (a second redirect, a redirect on continue, tickets) has its own switches.
 */

/** The checks of `validateToken` that run after the signature's, in the order of the contract. */
export type TokenCheck = 'claims' | 'type' | 'expiry' | 'state' | 'sub' | 'issuer'

export interface RuntimeSwitches {
  /**
   * `iss` of the continue token: any value, or exactly the host the flow runs on.
   * Auth0's API layer hands its verifier the host without saying that it must match; Auth0's text calls
   * `iss` the application the user was sent to. Default: `presence`.
   */
  readonly validateTokenIssuer: 'presence' | 'hostname'
  /** Whether `sub` must be the user who is logging in or resetting. Default: true. */
  readonly validateTokenChecksSub: boolean
  /** Whether `typ` must be `JWT` in any letter case, as one reimplementation has it. Default: true. */
  readonly validateTokenChecksType: boolean
  /** Seconds a continue token is accepted after its `exp`. No leeway is documented. Default: 0. */
  readonly tokenExpiryLeewaySeconds: number
  /** Which fault is named when a token has several. Default: the signature's first, `state` later. */
  readonly validateTokenOrder: 'signature_first' | 'state_first'
  /**
   * Whether the cache still holds its records when a flow comes back from a redirect.
   * Auth0 says only that it may not. Default: `kept`; `dropped` shows an Action that relies on it.
   */
  readonly cacheAfterRedirect: 'kept' | 'dropped'
  /**
   * Whether an `onContinue…` may meet the instance that ran before the redirect.
   * Auth0 says only that it may be another. Default: `warm`; `cold_after_redirect` shows an Action that
   * keeps something in a module-level variable; `always_cold` starts every leg anew.
   */
  readonly instances: 'warm' | 'cold_after_redirect' | 'always_cold'
}

export const DEFAULT_SWITCHES: RuntimeSwitches = {
  validateTokenIssuer: 'presence',
  validateTokenChecksSub: true,
  validateTokenChecksType: true,
  tokenExpiryLeewaySeconds: 0,
  validateTokenOrder: 'signature_first',
  cacheAfterRedirect: 'kept',
  instances: 'warm',
}

/** The runtime's switches as they are set now, whatever else the object carries. */
export function readSwitches(set: Partial<RuntimeSwitches>): RuntimeSwitches {
  const {
    validateTokenIssuer,
    validateTokenChecksSub,
    validateTokenChecksType,
    tokenExpiryLeewaySeconds,
    validateTokenOrder,
    cacheAfterRedirect,
    instances,
  } = { ...DEFAULT_SWITCHES, ...set }
  return {
    validateTokenIssuer,
    validateTokenChecksSub,
    validateTokenChecksType,
    tokenExpiryLeewaySeconds,
    validateTokenOrder,
    cacheAfterRedirect,
    instances,
  }
}
