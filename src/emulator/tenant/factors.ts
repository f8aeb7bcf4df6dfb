/**
 * Factors a user has enrolled, and which of them an Action's selectors mean.
 * Names as in `event.user.enrolledFactors` (contract 2.2 and 2.3). There is no `sms`: a selector of an
 * unknown type matches nothing, as on a real tenant.
 */
import type { FactorSelector } from '../runtime/commands.ts'
import { type Random, randomName, randomRecoveryCode } from './identifiers.ts'

export const FACTOR_TYPES = [
  'email',
  'otp',
  'phone',
  'push-notification',
  'webauthn-roaming',
  'webauthn-platform',
  'recovery-code',
] as const

export type FactorType = (typeof FACTOR_TYPES)[number]

export type EnrolledFactor =
  | { readonly type: 'email' }
  /** `secret` is base32, six digits every 30 seconds (RFC 6238). */
  | { readonly type: 'otp'; readonly secret: string }
  | {
      readonly type: 'phone'
      readonly phone_number: string
      readonly preferredMethod: 'sms' | 'voice' | 'both'
    }
  /** `secret`: the app shows a code as well, for when no notification arrives. */
  | { readonly type: 'push-notification'; readonly device: string; readonly secret: string }
  | { readonly type: 'webauthn-roaming' | 'webauthn-platform'; readonly credential: string }
  | { readonly type: 'recovery-code'; readonly code: string }

/** A factor to enrol: its type alone, or with what it should be enrolled with. */
export type FactorSeed =
  | FactorType
  | { readonly type: 'email' }
  | { readonly type: 'otp'; readonly secret?: string }
  | {
      readonly type: 'phone'
      readonly phone_number?: string
      readonly preferredMethod?: 'sms' | 'voice' | 'both'
    }
  | { readonly type: 'push-notification'; readonly device?: string }
  | { readonly type: 'webauthn-roaming' | 'webauthn-platform' }
  | { readonly type: 'recovery-code'; readonly code?: string }

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** 160 bits, as RFC 4226 section 4 recommends. */
export const newTotpSecret = (random: Random) =>
  Array.from(random(32), (byte) => BASE32[byte % 32]).join('')

export function enrol(
  seed: FactorSeed,
  phoneNumber: string | undefined,
  random: Random,
): EnrolledFactor {
  const wanted = typeof seed === 'string' ? ({ type: seed } as Exclude<FactorSeed, string>) : seed
  switch (wanted.type) {
    case 'email':
      return { type: 'email' }
    case 'otp':
      return { type: 'otp', secret: wanted.secret ?? newTotpSecret(random) }
    case 'phone':
      return {
        type: 'phone',
        phone_number: wanted.phone_number ?? phoneNumber ?? '+1 555 0100',
        preferredMethod: wanted.preferredMethod ?? 'sms',
      }
    case 'push-notification':
      return {
        type: 'push-notification',
        device: wanted.device ?? 'Emulated phone',
        secret: newTotpSecret(random),
      }
    case 'webauthn-roaming':
    case 'webauthn-platform':
      return { type: wanted.type, credential: randomName(random, 20) }
    case 'recovery-code':
      return { type: 'recovery-code', code: wanted.code ?? randomRecoveryCode(random) }
  }
}

/** The type a selector asks for; undefined when there is no such factor. `push` is the short name. */
export function selectedType(selector: FactorSelector): FactorType | undefined {
  const name = selector.type === 'push' ? 'push-notification' : selector.type
  return FACTOR_TYPES.find((type) => type === name)
}

/** What an Action asked of single factors (seed 004). */
export interface ChallengeOptions {
  /** Of a phone; the user's own preference otherwise. */
  readonly preferredMethod?: 'sms' | 'voice' | 'both'
  /** Of a push notification: whether the app's code is taken in its place. Default: true. */
  readonly otpFallback?: boolean
}

/** The API layer checks nothing: options of another kind are no options. */
export function challengeOptionsOf(selectors: readonly FactorSelector[]): ChallengeOptions {
  const optionOf = (type: FactorType, name: string): unknown =>
    selectors.find((selector) => selectedType(selector) === type)?.options?.[name]
  const method = optionOf('phone', 'preferredMethod')
  const preferredMethod = (['sms', 'voice', 'both'] as const).find((one) => one === method)
  return {
    ...(preferredMethod === undefined ? {} : { preferredMethod }),
    ...(optionOf('push-notification', 'otpFallback') === false ? { otpFallback: false } : {}),
  }
}

export type Selection =
  /** Choose one of these, in the order the Action named them. */
  | { readonly kind: 'challenge'; readonly factors: readonly FactorType[] }
  /** Everything that could be asked was passed in this transaction already: no screen. */
  | { readonly kind: 'satisfied' }
  /** Nothing asked for is enabled and enrolled: the transaction fails. */
  | { readonly kind: 'impossible' }

/** Contract 2.3: what is passed, not enabled or not enrolled is ignored; with nothing left it fails. */
export function select(
  selectors: readonly FactorSelector[],
  enrolled: ReadonlySet<FactorType>,
  enabled: ReadonlySet<FactorType>,
  passed: ReadonlySet<FactorType>,
): Selection {
  const usable = new Set<FactorType>()
  for (const selector of selectors) {
    const type = selectedType(selector)
    if (type && enabled.has(type) && enrolled.has(type)) usable.add(type)
  }
  if (usable.size === 0) return { kind: 'impossible' }
  const open = [...usable].filter((type) => !passed.has(type))
  return open.length === 0 ? { kind: 'satisfied' } : { kind: 'challenge', factors: open }
}
