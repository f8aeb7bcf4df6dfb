/** Every signal that a policy may name. A policy that names another one is refused before it is stored. */
import * as account from './account.ts'
import * as client from './client.ts'
import * as context from './context.ts'
import * as lists from './lists.ts'
import { datacenterIp, relayIp, torIp, untrustedIp, vpnIp } from './network.ts'
import * as novelty from './novelty.ts'
import type { SignalDefinition } from './signal.ts'
import * as travel from './travel.ts'
import * as velocity from './velocity.ts'

export type SignalRegistry = ReadonlyMap<string, SignalDefinition>

const DEFINITIONS: readonly SignalDefinition[] = [
  ...Object.values(context),
  ...Object.values(novelty),
  ...Object.values(travel),
  torIp,
  vpnIp,
  datacenterIp,
  relayIp,
  untrustedIp,
  ...Object.values(client),
  ...Object.values(velocity),
  ...Object.values(account),
  ...Object.values(lists),
]

export const SIGNALS: SignalRegistry = new Map(
  DEFINITIONS.map((definition) => [definition.name, definition]),
)
