/**
 * `api.multifactor.enable`: the challenge that comes after all Actions (contract 3.2). A challenge an
 * Action asked for by `api.authentication` stands in its place.
 */
import { FACTOR_TYPES, type FactorType } from './factors.ts'
import type { PendingHop, Transaction } from './transactions.ts'

/** An address stands for the user already; a recovery code is for when the rest is lost. */
const FIRST_CHOICE = FACTOR_TYPES.filter((type) => type !== 'email' && type !== 'recovery-code')

/** Provider → the emulated factors that play it. Duo's prompt is played by the emulated phone. */
const PROVIDERS: ReadonlyMap<string, readonly FactorType[]> = new Map([
  ['any', FIRST_CHOICE],
  ['guardian', ['push-notification', 'otp', 'phone'] as const],
  ['google-authenticator', ['otp'] as const],
  ['duo', ['push-notification'] as const],
])

/** Whether a browser that passed is not asked again for a while; `asked`: if the person says so (seed 004). */
export type Remember = 'never' | 'always' | 'asked'

export type Deferred =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'hop'; readonly hop: PendingHop; readonly remember: Remember }
  /** No such provider, or none of its factors is enabled. */
  | { readonly kind: 'impossible'; readonly detail: string }

export function deferredChallenge(
  transaction: Transaction,
  enrolled: ReadonlySet<FactorType>,
  enabled: ReadonlySet<FactorType>,
): Deferred {
  const command = transaction.login?.effects.multifactor
  if (!command || command.provider === 'none' || transaction.challengeCommands > 0)
    return { kind: 'nothing' }
  const played = PROVIDERS.get(command.provider)?.filter((type) => enabled.has(type)) ?? []
  if (played.length === 0)
    return {
      kind: 'impossible',
      detail: `The multifactor provider ${command.provider} is not enabled.`,
    }
  const remember = rememberOf(command)
  const usable = played.filter((type) => enrolled.has(type))
  if (usable.length === 0)
    return { kind: 'hop', hop: { kind: 'enrol', factors: played, pickFirst: false }, remember }
  const fallback = enrolled.has('recovery-code') && enabled.has('recovery-code')
  const factors = fallback ? [...usable, 'recovery-code' as const] : usable
  const asksToRemember = remember === 'asked'
  const hop: PendingHop = { kind: 'challenge', factors, pickFirst: false, asksToRemember }
  return { kind: 'hop', hop, remember }
}

function rememberOf({
  provider,
  allowRememberBrowser,
}: {
  readonly provider: string
  readonly allowRememberBrowser?: boolean
}): Remember {
  if (allowRememberBrowser !== true) return 'never'
  return provider === 'guardian' ? 'asked' : 'always'
}
