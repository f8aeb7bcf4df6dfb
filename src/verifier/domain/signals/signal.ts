/**
 * What a signal is: one named observation of the facts, known or unknown, before any judgement.
 * Not a rule: no signal knows what its value is worth.
 */
import type { SignalValue } from '../decision.ts'
import type { Facts, NetworkFacts } from '../facts.ts'
import type { NoveltyParameters } from '../novelty.ts'
import type { PolicyDocument } from '../policy.ts'

/** Why nothing can be said; for the operator, never for the browser. */
export type UnknownWhy =
  /** The user, or this feature of the user, has no confirmed past here. */
  | 'no_history'
  /** The Action did not put the fact into the token. */
  | 'not_told'
  /** The platform cannot tell: no address, no geography, no such header. */
  | 'not_seen'
  /** Two values that may not be compared: other address families, a relay, another kind of number. */
  | 'not_comparable'
  /** The list or the counter behind it is not kept by this installation. */
  | 'not_kept'

export type Signal =
  | { readonly known: true; readonly value: SignalValue }
  | { readonly known: false; readonly why: UnknownWhy }

export const known = (value: SignalValue): Signal => ({ known: true, value })
export const unknown = (why: UnknownWhy): Signal => ({ known: false, why })

/** The facts, and the parts of the policy that give a number its meaning. */
export interface SignalInput {
  readonly facts: Facts
  readonly limits: PolicyDocument['limits']
  /** Of the policy's model section; the model's own defaults where there is none. */
  readonly novelty?: NoveltyParameters
}

export type SignalKind = 'boolean' | 'number' | 'text' | 'texts'

export const FAMILIES = [
  'context',
  'novelty',
  'travel',
  'network',
  'client',
  'velocity',
  'account',
  'lists',
] as const
export type SignalFamily = (typeof FAMILIES)[number]

/**
 * One signal with everything an operator has to know of it. The texts are printed in the generated
 * policy document, so they are members and not comments.
 */
export interface SignalDefinition {
  /** As policies name it: snake_case. */
  readonly name: string
  readonly family: SignalFamily
  readonly kind: SignalKind
  /** Of a number; absent for any other kind. */
  readonly unit?: string
  readonly meaning: string
  readonly unknownWhen: string
  /** What the default policies make of it. */
  readonly byDefault: string
  /** Who published it, or why it is here. */
  readonly source: string
  readonly observe: (input: SignalInput) => Signal
}

/** The two addresses of a request: the one Auth0 saw when it signed the token, and the one that came to us. */
export type Side = 'token' | 'visit'

/**
 * The worse of the same observation about both addresses: true beats false, a higher number beats a
 * lower one, so a familiar browser never mutes a strange token address. An unknown side leaves the other
 * standing, because a platform that cannot tell one of them cannot tell it for anybody.
 */
export function worseSide(
  { request }: Facts,
  observe: (network: NetworkFacts, side: Side) => Signal,
): Signal {
  const token = observe(request.token_network, 'token')
  const visit = observe(request.visit_network, 'visit')
  if (!token.known) return visit.known ? visit : token
  if (!visit.known) return token
  return Number(visit.value) > Number(token.value) ? visit : token
}
