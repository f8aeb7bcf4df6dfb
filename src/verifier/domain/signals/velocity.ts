/**
 * How often something happens, against the policy's own allowances or the network's own past. Volume
 * adds evidence; it never refuses anybody, because a lock-out is an attack too.
 */
import { known, type Signal, type SignalDefinition, unknown, worseSide } from './signal.ts'

interface Limit {
  readonly per_hour: number
  readonly burst: number
}

export const velocityUser: SignalDefinition = {
  name: 'velocity_user',
  family: 'velocity',
  kind: 'number',
  unit: 'resets beyond the allowance',
  meaning:
    'Resets that this user completed beyond the allowed burst and rate. What was begun and not completed counts nothing.',
  unknownWhen: 'no log stream feeds the store and no reset of the day is known to be completed',
  byDefault: 'evidence above 0, allowance 5 per hour; never locks the account',
  source: 'OWASP Forgot Password: rate limit per account, no lock-out',
  observe: ({ facts, limits }) => {
    const { completed_resets_at: times } = facts.store
    if (times === undefined) return unknown('not_kept')
    const step = 3600 / limits.user.per_hour
    const arrival = times
      .toSorted((a, b) => a - b)
      .reduce((before, at) => Math.max(before, at) + step, 0)
    return beyond(Math.max(0, arrival - facts.decided_at), limits.user)
  },
}

export const resetsPerDay: SignalDefinition = {
  name: 'resets_per_day',
  family: 'velocity',
  kind: 'number',
  unit: 'resets',
  meaning: 'Resets that this user completed within 24 hours.',
  unknownWhen: 'no log stream feeds the store and no reset of the day is known to be completed',
  byDefault: 'evidence from 10 on; never locks the account',
  source: 'OWASP Forgot Password: rate limit per account, no lock-out',
  observe: ({ facts }) => {
    const { completed_resets_at: times } = facts.store
    return times === undefined ? unknown('not_kept') : known(times.length)
  },
}

export const attemptsUser: SignalDefinition = {
  name: 'attempts_user',
  family: 'velocity',
  kind: 'number',
  unit: 'attempts beyond the allowance',
  meaning:
    'Verifications of this user, completed or not, that are outstanding beyond the allowed burst and rate.',
  unknownWhen: 'the store kept no rate for the user',
  byDefault: 'none: whoever reaches the mailbox can run it up against its owner',
  source: 'OWASP Forgot Password: rate limit per account, no lock-out',
  observe: ({ facts, limits }) => beyond(facts.store.velocity.user, limits.user),
}

export const velocityAddress: SignalDefinition = {
  name: 'velocity_address',
  family: 'velocity',
  kind: 'number',
  unit: 'events beyond the allowance',
  meaning:
    'Verifications from one address (IPv6: one /64) that are outstanding beyond the allowed burst and rate; the worse of both addresses.',
  unknownWhen: 'neither address is known',
  byDefault: 'evidence above 0, allowance 30 per hour with a burst of 10',
  source: 'Auth0 suspicious IP throttling; OWASP Credential Stuffing: never one volume limit alone',
  observe: ({ facts, limits }) =>
    worseSide(facts, (_network, side) =>
      beyond(facts.store.velocity[`${side}_address`], limits.address),
    ),
}

/**
 * A GCRA debt in seconds, divided by the seconds that one event costs, is the number of events not yet
 * paid off: this visit included, where visits are what was charged.
 */
function beyond(debtSeconds: number | undefined, { per_hour, burst }: Limit): Signal {
  if (debtSeconds === undefined) return unknown('not_seen')
  const outstanding = (debtSeconds * per_hour) / 3600
  // A debt of exactly the burst must not come out as 1e-13 beyond it.
  const rounded = Math.round((outstanding - burst) * 1e6) / 1e6
  return known(Math.max(0, rounded))
}

export const usersPerAddress: SignalDefinition = {
  name: 'users_per_address',
  family: 'velocity',
  kind: 'number',
  unit: 'users beyond the network’s own baseline',
  meaning:
    'Other users seen at one address within the hour, less what is ordinary for that address; the worse of both addresses.',
  unknownWhen: 'the store does not count users per address, or neither address is known',
  byDefault: 'evidence from 5 on, in one group with the address’s velocity',
  source: 'bcgov horizontal brute force; tirreno I04; judged against the network’s own past',
  observe: ({ facts }) =>
    worseSide(facts, (_network, side) => {
      const users = facts.store.users_per_address
      if (users === undefined) return unknown('not_kept')
      const here = users[side]
      if (here === undefined) return unknown('not_seen')
      return known(Math.max(0, here.users - (here.baseline ?? 0)))
    }),
}

export const usersPerDevice: SignalDefinition = {
  name: 'users_per_device',
  family: 'velocity',
  kind: 'number',
  unit: 'other users',
  meaning: 'Other users within 24 hours whose verifications bear this browser’s device cookie.',
  unknownWhen: 'the browser brought no device cookie, or the store does not count',
  byDefault: 'evidence from 2 others on',
  source: 'Castle multiple_accounts_per_device: three accounts on one device',
  observe: ({ facts }) => {
    if (facts.request.device === undefined) return unknown('not_seen')
    const users = facts.store.users_per_device
    return users === undefined ? unknown('not_kept') : known(users)
  },
}

export const multiSourceReset: SignalDefinition = {
  name: 'multi_source_reset',
  family: 'velocity',
  kind: 'number',
  unit: 'sources',
  meaning:
    'Devices or networks, whichever are more, from which this user’s resets were completed within 24 hours.',
  unknownWhen: 'the store does not count completions',
  byDefault: 'evidence from 2 on',
  source:
    'OWASP Credential Stuffing; completions only, because a reset asked for on a computer is finished on a phone',
  observe: ({ facts }) => {
    const sources = facts.store.reset_sources
    return sources === undefined
      ? unknown('not_kept')
      : known(Math.max(sources.devices, sources.asns))
  },
}

export const recentFailures: SignalDefinition = {
  name: 'recent_failures',
  family: 'velocity',
  kind: 'number',
  unit: 'failures',
  meaning: 'Failed logins and challenges of this user within the hour, from the log stream.',
  unknownWhen: 'no log stream feeds the store',
  byDefault: 'evidence 0.4 from 6 on, 0.8 from 15; low, because failing is why people reset',
  source: 'Keycloak adaptive authentication’s scale (3, 6, 10, 15); tirreno',
  observe: ({ facts }) => {
    const failures = facts.store.recent_failures
    return failures === undefined ? unknown('not_kept') : known(failures)
  },
}
