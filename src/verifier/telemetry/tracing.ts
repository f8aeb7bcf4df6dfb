/**
 * What one verification spent its time on, as a trace whose id is the assessment's. Like the metrics
 * it hears the log: a span carries fields that the log accepted, durations, and nothing else. Requests
 * without a good token make no span, so that strangers cannot fill anybody's collector; what a browser
 * sends as `traceparent` is not read. For a process whose requests have a context of their own (Node).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import type { Session } from '../domain/session.ts'
import type { Log, LogFields } from '../log.ts'
import type { Tokens } from '../ports.ts'
import { storeCodeLabel } from './labels.ts'
import type { Watch } from './watched-store.ts'

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface Span {
  readonly name: string
  /** Epoch milliseconds, with fractions. */
  readonly start: number
  readonly end: number
  readonly attributes: Attributes
  readonly failed: boolean
}

export interface Trace {
  /** 32 hexadecimal digits. */
  readonly id: string
  /** Another trace that belongs to the same visit. */
  readonly linked?: string
  readonly root: Span
  readonly children: readonly Span[]
}

/** Takes a trace; the returned function takes children that end after their root. Never throws. */
export type Emit = (trace: Trace) => (late: Span) => void

export interface Tracing {
  /** Hears the log. */
  readonly hear: Log
  readonly watch: Watch
  readonly tokens: (tokens: Tokens) => Tokens
  /** Gives each request a context of its own, and its trace away when it was answered. */
  readonly serve: (handle: Handle) => Handle
}

/** A server's door to an application. `env` is passed on. */
export type Handle = (request: Request, env?: object) => Response | Promise<Response>

/** What is known of one request so far. */
interface Visit {
  readonly start: number
  readonly children: Span[]
  journey?: string
  request?: LogFields<'request'>
  assessment?: LogFields<'assessment'>
  late?: (span: Span) => void
}

/** `now`: epoch milliseconds, with fractions. */
export function createTracing(emit: Emit, now: () => number): Tracing {
  const visits = new AsyncLocalStorage<Visit>()

  function timed(name: string): (failure?: string) => void {
    const visit = visits.getStore()
    const start = now()
    return (failure) => {
      if (visit === undefined) return
      const attributes = failure === undefined ? {} : { 'rv.store_error': storeCodeLabel(failure) }
      const span = { name, start, end: now(), attributes, failed: failure !== undefined }
      if (visit.late === undefined) visit.children.push(span)
      else visit.late(span)
    }
  }
  function ended(visit: Visit): void {
    const trace = traceOf(visit, now())
    // What ends later without a trace has nowhere to go.
    visit.late = trace === undefined ? () => {} : emit(trace)
  }
  return {
    hear: (event, fields) => {
      const visit = visits.getStore()
      if (visit === undefined) return
      if (event === 'request') visit.request = fields
      // Two, where an answer is given without the database: why, and which.
      if (event === 'assessment') visit.assessment = { ...visit.assessment, ...fields }
    },
    watch: (operation) => timed(`store.${operation}`),
    tokens: (tokens) => ({
      async verifySessionToken(token, at) {
        const end = timed('token.verify')
        const verified = await tokens.verifySessionToken(token, at)
        end()
        const visit = visits.getStore()
        if (verified.ok && visit !== undefined) visit.journey = journeyOf(verified.value)
        return verified
      },
      async signContinueToken(claims, at) {
        const end = timed('token.sign')
        const signed = await tokens.signContinueToken(claims, at)
        end()
        return signed
      },
    }),
    serve: (handle) => (request, env) => {
      const visit: Visit = { start: now(), children: [] }
      return visits.run(visit, async () => {
        try {
          return await handle(request, env)
        } finally {
          ended(visit)
        }
      })
    },
  }
}

/** The same for each request with one session token, on every process, and of no use to find the token. */
const journeyOf = ({ tenantId, tokenId }: Session) =>
  createHash('sha256')
    .update(`redirect-verifier journey\n${tenantId}\n${tokenId}`)
    .digest('hex')
    .slice(0, 32)

/** Undefined for what makes no trace: no good token, or nothing was logged of it. */
function traceOf({ journey, request, assessment, children, start }: Visit, end: number) {
  if (journey === undefined || request?.request_id === undefined) return undefined
  const arrives = request.method === 'GET'
  const root: Span = {
    name: arrives ? 'verify.arrive' : 'verify.decide',
    start,
    end,
    attributes: { ...requestAttributes(request), ...assessmentAttributes(assessment) },
    failed: (request.status ?? 0) >= 500,
  }
  if (arrives) return { id: journey, root, children }
  const id = (assessment?.assessment_id ?? request.request_id).replaceAll('-', '')
  return { id, linked: journey, root, children: [...children, ...decisionOf(children)] }
}

/** Judging has no port of its own: it is what happens between the record and the signature. */
function decisionOf(children: readonly Span[]): readonly Span[] {
  const opened = children.findLast(({ name, failed }) => name === 'store.open' && !failed)
  const signing = children.findLast(({ name }) => name === 'token.sign')
  if (opened === undefined || signing === undefined) return []
  return [{ name: 'decide', start: opened.end, end: signing.start, attributes: {}, failed: false }]
}

const requestAttributes = (fields: LogFields<'request'>) =>
  present({
    'http.request.method': fields.method,
    'http.route': fields.route,
    'http.response.status_code': fields.status,
    'rv.request_id': fields.request_id,
    'rv.tenant_id': fields.tenant_id,
    'rv.code': fields.code,
  })

const assessmentAttributes = (fields: LogFields<'assessment'> = {}) =>
  present({
    'rv.assessment_id': fields.assessment_id,
    'rv.reference': fields.reference,
    'rv.flow': fields.flow,
    'rv.outcome': fields.outcome,
    'rv.assessed': fields.assessed,
    'rv.mode': fields.mode,
    'rv.reasons': fields.reasons,
    'rv.policy_version': fields.policy_version,
    'rv.fresh': fields.fresh,
    'rv.degraded': fields.degraded,
    'rv.key_index': fields.key_index,
    'rv.token_age_seconds': fields.token_age_seconds,
    'rv.store_error': fields.store_error,
  })

const present = (given: Readonly<Record<string, string | number | boolean | undefined>>) =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ) as Attributes
