/**
 * The values that labels may take. All of them are known beforehand: whatever a request, a database or
 * an error brings, it makes no new time series and writes no word of its own.
 */
import type { Decision, Outcome } from '../domain/decision.ts'
import type { RejectionCode } from '../domain/rejection.ts'
import type { Flow } from '../domain/session.ts'

/**
 * First answers, the same answer once more, and answers that the database could not record: only the
 * first ones are decisions.
 */
export const ANSWERS: ReadonlySet<string> = new Set(['first', 'repeat', 'degraded'])

/** What stands for everything that is not in a set. */
export const OTHER = 'other'
/** What stands for no value at all, such as the tenant of a request without a good token. */
export const NONE = 'none'

/** `satisfies` over records: a value that is added to a type does not compile until it is listed. */
const keysOf = (record: Readonly<Record<string, true>>): ReadonlySet<string> =>
  new Set(Object.keys(record))

export const REJECTIONS = keysOf({
  parameter_missing: true,
  parameter_repeated: true,
  parameter_too_long: true,
  method_not_allowed: true,
  content_type_unsupported: true,
  body_too_large: true,
  cross_site: true,
  framed: true,
  prefetch: true,
  not_found: true,
  token_malformed: true,
  token_not_canonical: true,
  token_header_refused: true,
  issuer_unknown: true,
  signature_invalid: true,
  token_expired: true,
  token_not_yet_valid: true,
  token_lifetime_too_long: true,
  claims_invalid: true,
  claim_forbidden: true,
  token_spent: true,
  state_conflict: true,
  browser_unbound: true,
  unavailable: true,
  overloaded: true,
  too_many: true,
  internal: true,
} satisfies Record<RejectionCode, true>)

export const OUTCOMES = keysOf({ allow: true, step_up: true, deny: true } satisfies Record<
  Outcome,
  true
>)
export const MODES = keysOf({ monitor: true, enforce: true } satisfies Record<
  Decision['mode'],
  true
>)
export const FLOWS = keysOf({ password_reset: true, login: true } satisfies Record<Flow, true>)
/** Others are `other`: a browser may send any word as a method. */
export const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export const ROUTES = new Set([
  '/verify',
  '/verify/worker',
  '/readyz',
  '/livez',
  '/favicon.ico',
  '/hooks/auth0-logs',
])
/** Pages for operators are one series: nobody watches them one by one. */
const ADMIN = /^\/admin(\/|$)/

/** Which part of the service a failure names. */
export const PARTS = new Set([
  'assessment',
  'readiness',
  'breaker',
  'http',
  'settle',
  'shadow',
  'warm',
  'settings',
  'history',
  'sweep',
  'learn',
  'tidy',
  'process',
])

/** The driver's, the system's and our own; all others are SQLSTATEs, of which the class is told. */
export const STORE_CODES = new Set([
  'BREAKER_OPEN',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'DEADLINE',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'NO_RECORD',
  'NO_ROW',
  'QUEUE_FULL',
  'QUEUE_TIMEOUT',
  'no_policy',
  'policy_unusable',
])
/** PostgreSQL, appendix A: the classes that a statement of ours can meet. */
const SQLSTATE_CLASSES =
  /^(08|0A|21|22|23|25|26|28|2B|2D|34|38|39|3B|3D|3F|40|42|44|53|54|55|57|58|F0|P0|XX)[0-9A-Z]{3}$/

const within =
  (known: ReadonlySet<string>) =>
  (value: string | undefined): string => {
    if (value === undefined) return NONE
    return known.has(value) ? value : OTHER
  }

export const rejectionLabel = within(REJECTIONS)
export const outcomeLabel = within(OUTCOMES)
export const modeLabel = within(MODES)
export const flowLabel = within(FLOWS)
export const methodLabel = within(METHODS)
export const partLabel = within(PARTS)
export const tenantLabels = (tenants: Iterable<string>) => within(new Set(tenants))

export function routeLabel(route: string | undefined): string {
  if (route === undefined) return NONE
  if (ROUTES.has(route)) return route
  return ADMIN.test(route) ? '/admin' : OTHER
}

/** `2xx` to `5xx`. */
export const statusLabel = (status: number | undefined): string =>
  status === undefined || status < 100 || status >= 600 ? NONE : `${Math.floor(status / 100)}xx`

export function storeCodeLabel(code: string): string {
  if (STORE_CODES.has(code)) return code
  const [, group] = SQLSTATE_CLASSES.exec(code) ?? []
  return group === undefined ? OTHER : `SQLSTATE_${group}`
}

/** More distinct reasons than any policy has rules; beyond them a new one is `other`. */
const MOST_REASONS = 200

/** Reasons are named by the operator's policies, which may change while the process runs. */
export function createReasonLabels(): (reason: string) => string {
  const known = new Set<string>()
  return (reason) => {
    if (known.size < MOST_REASONS) known.add(reason)
    return known.has(reason) ? reason : OTHER
  }
}
