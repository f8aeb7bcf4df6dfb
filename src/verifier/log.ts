/**
 * The log: one JSON object per line, from a closed set of events with a closed set of typed fields.
 * There is no message text and no nesting, so there is no place for a token, an address or a database
 * error. What is not listed does not compile; what has the wrong form is dropped when it runs.
 */
import type { Decision, Outcome } from './domain/decision.ts'
import type { RejectionCode } from './domain/rejection.ts'
import type { Flow } from './domain/session.ts'
import type { Clock } from './ports.ts'

interface Shape<T> {
  readonly accepts: (value: unknown) => boolean
  /** Never set: carries the type. */
  readonly type?: T
}

const word = <T extends string>(form: RegExp): Shape<T> => ({
  accepts: (value) => typeof value === 'string' && form.test(value),
})
const number: Shape<number> = { accepts: (value) => Number.isFinite(value) }
const flag: Shape<boolean> = { accepts: (value) => typeof value === 'boolean' }

/** No dot and no @: neither an address, a host, an e-mail nor a token fits. */
const LABEL = /^[A-Za-z0-9_-]{1,64}$/
const CODE = /^[a-z][a-z0-9_]{0,63}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const FIELDS = {
  request_id: word<string>(UUID),
  assessment_id: word<string>(UUID),
  /** What the person reads out to support (`domain/reference.ts`). */
  reference: word<string>(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/),
  tenant_id: word<string>(/^[a-z0-9][a-z0-9_-]{0,62}$/),
  /** Why a request was refused; `RejectionCode` is wider than what the browser hears. */
  code: word<RejectionCode>(CODE),
  method: word<string>(/^[A-Z]{3,7}$/),
  /** The route's pattern, never the path that was asked for. */
  route: word<string>(/^(\/[a-z0-9*:-]{0,32}){1,4}$/),
  status: number,
  duration_ms: number,
  outcome: word<Outcome>(CODE),
  assessed: word<Outcome>(CODE),
  flow: word<Flow>(CODE),
  mode: word<Decision['mode']>(CODE),
  /** Codes of the policy, most severe first, with commas between them. */
  reasons: word<string>(/^[a-z][a-z0-9_]{0,47}(,[a-z][a-z0-9_]{0,47}){0,31}$/),
  policy_version: number,
  fresh: flag,
  degraded: flag,
  /** 0 is the tenant's current session key: when 1 is no longer seen, the previous one can go. */
  key_index: number,
  /** Of the session token: below zero where Auth0's clock is ahead of ours. */
  token_age_seconds: number,
  /** SQLSTATE, or a driver's or service's own code. */
  store_error: word<string>(/^[A-Za-z0-9_]{1,64}$/),
  /** The class of an error (`TypeError`), never its message. */
  error_class: word<string>(/^[A-Za-z][A-Za-z0-9]{0,63}$/),
  /** Which part of the service failed. */
  where: word<string>(CODE),
  runtime: word<'node' | 'workers'>(CODE),
  version: word<string>(/^\d{1,4}\.\d{1,4}\.\d{1,4}(-[a-z0-9.]{1,20})?$/),
  schema: word<string>(LABEL),
  port: number,
  tenants: number,
  warnings: number,
  signal: word<string>(/^SIG[A-Z0-9]{2,8}$/),
  ready: flag,
  clock_skew_seconds: number,
  open: flag,
  settled: number,
  left: number,
  rows: number,
  accepted: number,
  ignored: number,
  confirmed: number,
  folded: number,
  made: number,
  dropped: number,
} satisfies Record<string, Shape<unknown>>

type Fields = typeof FIELDS
type FieldName = keyof Fields
type ValueOf<F extends FieldName> = Fields[F] extends Shape<infer T> ? T : never

const EVENTS = {
  starting: ['runtime', 'version', 'tenants', 'warnings'],
  listening: ['runtime', 'port'],
  stopping: ['signal'],
  stopped: ['duration_ms'],
  /** One per request, written when the answer is known. */
  request: [
    'request_id',
    'reference',
    'tenant_id',
    'method',
    'route',
    'status',
    'code',
    'duration_ms',
  ],
  assessment: [
    'request_id',
    'tenant_id',
    'assessment_id',
    'reference',
    'flow',
    'outcome',
    'assessed',
    'mode',
    'reasons',
    'policy_version',
    'fresh',
    'degraded',
    'key_index',
    'token_age_seconds',
    'store_error',
  ],
  readiness: ['ready', 'code', 'schema', 'clock_skew_seconds', 'store_error'],
  /** The store stopped asking a Postgres that is not there, or asks again. */
  breaker: ['open', 'store_error'],
  swept: ['settled', 'left', 'duration_ms'],
  /** One delivery of a tenant's log stream. */
  log_stream: ['tenant_id', 'accepted', 'ignored'],
  learned: ['tenant_id', 'confirmed', 'folded', 'duration_ms'],
  /** RV_IDENTIFIER_SECRET was replaced, and the one before is not given: nobody reads its histories. */
  history_unread: ['tenant_id'],
  purged: ['rows', 'made', 'dropped', 'duration_ms'],
  /** A bug or a broken dependency: what class of error, and where. */
  failure: ['request_id', 'tenant_id', 'where', 'error_class', 'store_error'],
} as const satisfies Record<string, readonly FieldName[]>

export type LogEvent = keyof typeof EVENTS
export type LogFields<E extends LogEvent> = {
  readonly [F in (typeof EVENTS)[E][number]]?: ValueOf<F> | undefined
}
export type Log = <E extends LogEvent>(event: E, fields: LogFields<E>) => void

/**
 * `write` gets one line without its line break. `now` stamps it, in epoch seconds. `hear` is told the
 * event with the fields that were written and no others, before the line is: what counts or traces from
 * there can hold nothing that the log may not.
 */
export function createLog(write: (line: string) => void, now: Clock, hear?: Log): Log {
  return (event, fields) => {
    if (!Object.hasOwn(EVENTS, event)) return
    const line: Record<string, unknown> = { time: now(), event }
    for (const name of EVENTS[event] as readonly FieldName[]) {
      const value = (fields as Readonly<Record<string, unknown>>)[name]
      if (FIELDS[name].accepts(value)) line[name] = value
    }
    hear?.(event, line as typeof fields)
    write(JSON.stringify(line))
  }
}
