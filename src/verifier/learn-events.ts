/**
 * What of a tenant's log is kept: which events mean something for a user, and what of them. Subjects and
 * addresses become pseudonyms here; names, e-mail addresses and everything else of an event end here. Of
 * a login's e-mail address the domain goes on, as far as the store's question whether it is listed.
 */
import { type Address, parseAddress } from './address.ts'
import type { RequestFacts } from './domain/facts.ts'
import { listedNamesOf } from './lists-domains.ts'
import type { Identifiers } from './ports.ts'
import type { UserEvent } from './ports-learning.ts'
import { type LogEvent, parseLogEvent } from './schema/log-event.ts'
import { agentOf } from './user-agent.ts'

/** Auth0's codes. What is not here says nothing about a user's past that any signal reads. */
const KINDS: ReadonlyMap<string, UserEvent['kind']> = new Map([
  ['s', 'login'],
  ['sens', 'login'],
  ['ssa', 'session'],
  ['f', 'failure'],
  ['fp', 'failure'],
  ['limit_wc', 'failure'],
  ['gd_auth_failed', 'failure'],
  ['gd_auth_rejected', 'failure'],
  ['gd_recovery_failed', 'failure'],
  ['gd_otp_rate_limit_exceed', 'failure'],
  ['gd_recovery_rate_limit_exceed', 'failure'],
  ['sce', 'change'],
  ['scpn', 'change'],
  ['scu', 'change'],
  ['gd_enrollment_complete', 'change'],
  ['gd_unenroll', 'change'],
  ['gd_update_device_account', 'change'],
  ['my_account_authentication_method_succeeded', 'change'],
  ['gd_auth_succeed', 'factor'],
  ['gd_recovery_succeed', 'factor'],
  ['scp', 'reset'],
])

export interface EventPeriod {
  /** Epoch seconds. */
  readonly from: number
  readonly until: number
}

export interface ReadEvents {
  readonly events: readonly UserEvent[]
  /** Items that are no event, that no signal reads, or that lie outside the period. */
  readonly ignored: number
}

export function readEvents(
  items: readonly unknown[],
  tenantId: string,
  identifiers: Identifiers,
  { from, until }: EventPeriod,
): ReadEvents {
  const events: UserEvent[] = []
  for (const item of items) {
    const log = parseLogEvent(item)
    const kind = log && KINDS.get(log.type)
    if (log?.user_id === undefined || kind === undefined) continue
    const at = Date.parse(log.date) / 1000
    if (at < from || at > until) continue
    events.push(eventOf({ ...log, user_id: log.user_id }, kind, at, tenantId, identifiers))
  }
  return { events, ignored: items.length - events.length }
}

function eventOf(
  log: LogEvent & { readonly user_id: string },
  kind: UserEvent['kind'],
  at: number,
  tenantId: string,
  identifiers: Identifiers,
): UserEvent {
  const address = log.ip === undefined ? undefined : parseAddress(log.ip)
  const pseudonym = address && identifiers.pseudonym(tenantId, 'address', address.network)
  const user = identifiers.pseudonym(tenantId, 'user', log.user_id)
  const request = requestOf(log, address, pseudonym)
  // Of what succeeded only: a failure's name is whatever somebody typed.
  const mailDomains = kind === 'login' ? listedNamesOf(log.user_name ?? '') : []
  // Pages ask for silent authentication every few minutes: one a day from one place is enough.
  const identity =
    kind === 'session'
      ? JSON.stringify(['session', user, Math.floor(at / 86_400), request])
      : log.log_id
  return {
    key: identifiers.digest('log', tenantId, identity),
    kind,
    user,
    ...(identifiers.previous === undefined
      ? {}
      : { previousUser: identifiers.previous.pseudonym(tenantId, 'user', log.user_id) }),
    at,
    ...(pseudonym === undefined ? {} : { address: pseudonym }),
    ...(kind === 'login' || kind === 'session' ? { request } : {}),
    ...(mailDomains.length === 0 ? {} : { mailDomains }),
  }
}

/** In the form in which a record holds it, so that one function learns from both. */
function requestOf(
  { location_info: place, user_agent }: LogEvent,
  address: Address | undefined,
  pseudonym: string | undefined,
): RequestFacts {
  const { country_code: country, latitude, longitude } = place ?? {}
  return {
    token: { flow: 'login' },
    token_network: {},
    visit_network: {
      ...(country === undefined ? {} : { country }),
      ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
      ...(address === undefined || pseudonym === undefined
        ? {}
        : { address: pseudonym, family: address.family }),
    },
    ...agentOf(user_agent),
    client: { script: false },
  }
}
