/**
 * Second factors that would prove something new. A factor on the channel of the first challenge
 * proves what is proven already: a code sent to the inbox that just opened the reset link.
 */

/** Factor types that `challengeWith` takes (contract/auth0-actions.md 2.3). */
export const FACTORS = [
  'otp',
  'phone',
  // Two names of one.
  'push',
  'push-notification',
  'webauthn-platform',
  'webauthn-roaming',
  'recovery-code',
  'email',
] as const
export type Factor = (typeof FACTORS)[number]

/** `event.authentication.methods[].name`, as far as it tells a channel. */
export const FIRST_CHALLENGES = [
  'email',
  'phone_number',
  'sms',
  'pwd',
  'passkey',
  'federated',
] as const
export type FirstChallenge = (typeof FIRST_CHALLENGES)[number]

const SAME_CHANNEL: Partial<Record<FirstChallenge, Factor>> = {
  email: 'email',
  phone_number: 'phone',
  sms: 'phone',
}

/**
 * Enrolled factors on another channel than the first challenge.
 * `undefined` when the enrolled list is unknown, which is never the same as none.
 * A first challenge that the token does not name is taken to have been either channel.
 */
export function eligibleFactors(
  enrolled: readonly Factor[] | undefined,
  firstChallenge: readonly FirstChallenge[] | undefined,
): readonly Factor[] | undefined {
  if (enrolled === undefined) return undefined
  const named = firstChallenge?.length ? firstChallenge : (['email', 'phone_number'] as const)
  const spent = new Set(named.map((method) => SAME_CHANNEL[method]))
  return enrolled.filter((factor) => !spent.has(factor))
}
