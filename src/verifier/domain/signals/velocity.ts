/** How often something happens, against the policy's own allowances. Volume adds evidence, never a refusal. */
import { known, type Signal, type SignalDefinition, unknown, worseOf } from './signal.ts'

interface Limit {
  readonly per_hour: number
  readonly burst: number
}

export const velocityUser: SignalDefinition = {
  name: 'velocity_user',
  family: 'velocity',
  kind: 'number',
  unit: 'events beyond the allowance',
  meaning: 'Verifications of this user that are outstanding beyond the allowed burst and rate.',
  unknownWhen: 'the store kept no rate for the user',
  byDefault: 'evidence above 0, allowance 5 per hour; never locks the account',
  source: 'OWASP Forgot Password: rate limit per account, no lock-out',
  observe: ({ facts, limits }) => beyond(facts.store.velocity.user, limits.user),
}

export const velocityAddress: SignalDefinition = {
  name: 'velocity_address',
  family: 'velocity',
  kind: 'number',
  unit: 'events beyond the allowance',
  meaning:
    'Verifications from one address (IPv6: one /64) that are outstanding beyond the allowed burst and rate; the worse of the address that Auth0 saw and the one that came to us.',
  unknownWhen: 'neither address is known',
  byDefault: 'evidence above 0, allowance 30 per hour with a burst of 10',
  source: 'Auth0 suspicious IP throttling; OWASP Credential Stuffing: never one volume limit alone',
  observe: ({ facts, limits }) =>
    worseOf(
      beyond(facts.store.velocity.token_address, limits.address),
      beyond(facts.store.velocity.visit_address, limits.address),
    ),
}

/**
 * A GCRA debt in seconds, divided by the seconds that one event costs, is the number of events not yet
 * paid off, this one included.
 */
function beyond(debtSeconds: number | undefined, { per_hour, burst }: Limit): Signal {
  if (debtSeconds === undefined) return unknown('not_seen')
  const outstanding = (debtSeconds * per_hour) / 3600
  // A debt of exactly the burst must not come out as 1e-13 beyond it.
  const rounded = Math.round((outstanding - burst) * 1e6) / 1e6
  return known(Math.max(0, rounded))
}
