/**
 * What goes wrong in the operator's API, as problem+json (RFC 9457). Every code is listed with its
 * status; details are written for the reader and carry nothing that the database said.
 */
import type { AdminContext } from './admin-deps.ts'

/** Code → status and title. `type` in the answer is `urn:redirect-verifier:problem:<code>`. */
export const PROBLEMS = {
  invalid: [400, 'The request is not valid'],
  unauthorized: [401, 'Nobody is signed in'],
  forbidden: [403, 'Not with this role'],
  cross_site: [403, 'The request did not come from a page of this service'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  conflict: [409, 'It stands otherwise'],
  body_too_large: [413, 'The request is too large'],
  content_type_unsupported: [415, 'Unsupported content type'],
  too_many: [429, 'Too many attempts'],
  internal: [500, 'Something went wrong here'],
  unavailable: [503, 'Not available now'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof PROBLEMS

export interface Problem {
  readonly code: ProblemCode
  /** What to do next, in a sentence. */
  readonly detail: string
  /** Each with a JSON pointer into the body, or the name of a parameter of the path or the query. */
  readonly errors?: readonly {
    readonly pointer?: string
    readonly parameter?: string
    readonly detail: string
  }[]
  readonly retryAfterSeconds?: number
}

export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ProblemCode
  readonly errors?: Problem['errors']
}

export function problemDocument(problem: Problem, requestId: string): ProblemDocument {
  const [status, title] = PROBLEMS[problem.code]
  return {
    type: `urn:redirect-verifier:problem:${problem.code}`,
    title,
    status,
    detail: problem.detail,
    instance: `urn:uuid:${requestId}`,
    code: problem.code,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  }
}

export function sendProblem(c: AdminContext, problem: Problem): Response {
  const [status] = PROBLEMS[problem.code]
  if (problem.retryAfterSeconds !== undefined) {
    c.header('Retry-After', String(problem.retryAfterSeconds))
  }
  // RFC 9110 section 11.6.1: a 401 says how to authenticate.
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="redirect-verifier"')
  return c.body(JSON.stringify(problemDocument(problem, c.get('requestId'))), status, {
    'Content-Type': 'application/problem+json',
  })
}
