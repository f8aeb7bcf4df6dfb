/**
 * The shipped model over a log of logins: profiles and global counts are kept as the service keeps them,
 * and every login is scored before it is learned.
 */
import type { Facts, ProfileFacts } from '../../src/verifier/domain/facts.ts'
import { featuresOf, learn } from '../../src/verifier/domain/history.ts'
import { type NoveltyParameters, noveltyOf } from '../../src/verifier/domain/novelty.ts'
import type { ReferenceLogin } from '../../test/unit/support/reference-scorer.ts'

export interface ModelLog {
  /** Evidence of this login now, in log odds; undefined below `min_history`. */
  score(login: ReferenceLogin): number | undefined
  learn(login: ReferenceLogin, atSeconds: number): void
}

export interface ModelOptions {
  readonly parameters?: NoveltyParameters
  /** `all` counts every value of everybody, `no_addresses` leaves addresses out, `none` counts nothing. */
  readonly global: 'all' | 'no_addresses' | 'none'
}

export function createModelLog({ parameters, global }: ModelOptions): ModelLog {
  const profiles = new Map<string, ProfileFacts>()
  const counts: Record<string, Record<string, number>> = {}
  let n = 0

  const factsOf = (login: ReferenceLogin, decided_at: number): Facts => {
    const network = { country: login.country, asn: Number(login.asn), address: login.ip }
    return {
      decided_at,
      request: {
        token: { flow: 'login' },
        token_network: network,
        visit_network: network,
        same_address: true,
        os: familyOf(login.os),
        browser: familyOf(login.browser),
        device_type: login.device === 'mobile' ? 'mobile' : 'desktop',
        client: { script: true },
      },
      store: {
        profile: profiles.get(login.user) ?? null,
        lists: [],
        velocity: {},
        unconfirmed_recent: false,
        ...(global === 'none' ? {} : { global: { n, counts } }),
      },
    }
  }

  return {
    score: (login) => noveltyOf(factsOf(login, 0), parameters)?.evidence,
    learn(login, atSeconds) {
      const facts = factsOf(login, atSeconds)
      profiles.set(login.user, learn(profiles.get(login.user) ?? null, facts))
      n += 1
      const values = featuresOf(facts.request, facts.request.visit_network, atSeconds)
      for (const [feature, value] of Object.entries(values)) {
        if (value === undefined) continue
        if (feature === 'address' && global === 'no_addresses') continue
        const row = counts[feature] ?? {}
        row[value] = (row[value] ?? 0) + 1
        counts[feature] = row
      }
    },
  }
}

/** The verifier keeps families and no versions: an upgrade is no other browser. */
const familyOf = (name: string): string => name.replace(/ [\d.]+$/, '')
