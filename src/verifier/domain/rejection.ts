/**
 * Every reason to refuse a request before a decision exists, and what the public hears of it.
 * The code goes to the log; the browser learns only the public answer, which says less on purpose:
 * unknown, spent, foreign and forged tokens must not be told apart from outside.
 */

export type RejectionCode =
  // The request's form.
  | 'parameter_missing'
  | 'parameter_repeated'
  | 'parameter_too_long'
  | 'method_not_allowed'
  | 'content_type_unsupported'
  | 'body_too_large'
  | 'cross_site'
  | 'framed'
  | 'prefetch'
  | 'not_found'
  // The session token.
  | 'token_malformed'
  | 'token_not_canonical'
  | 'token_header_refused'
  | 'issuer_unknown'
  | 'signature_invalid'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_lifetime_too_long'
  | 'claims_invalid'
  | 'claim_forbidden'
  // What Postgres knows of it.
  | 'token_spent'
  | 'state_conflict'
  // The browser.
  | 'browser_unbound'
  // The service.
  | 'unavailable'
  | 'overloaded'
  | 'too_many'
  | 'internal'

export interface Rejection {
  readonly code: RejectionCode
  /** The tenant whose key verified the token, where one did; for the log and the page's brand. */
  readonly tenantId?: string
}

/** `code` is stable and documented; `status` is the HTTP status. */
export interface PublicAnswer {
  readonly status: 400 | 403 | 404 | 405 | 413 | 415 | 429 | 500 | 503
  readonly code:
    | 'bad_request'
    | 'token_not_usable'
    | 'wrong_browser'
    | 'cross_site'
    | 'framed'
    | 'prefetch'
    | 'not_found'
    | 'method_not_allowed'
    | 'body_too_large'
    | 'content_type_unsupported'
    | 'unavailable'
    | 'too_many'
    | 'internal'
  readonly title: string
  /** What to do next, in words for an integrator (the page for people has its own texts). */
  readonly detail: string
  readonly retryAfterSeconds?: number
}

const TOKEN_NOT_USABLE: PublicAnswer = {
  status: 400,
  code: 'token_not_usable',
  title: 'This link cannot be used',
  detail: 'The session token is not valid, has expired, or was used before. Start again.',
}

const UNAVAILABLE: PublicAnswer = {
  status: 503,
  code: 'unavailable',
  title: 'The check is not available',
  detail: 'Nothing was used up. Send the same request again in a minute.',
  retryAfterSeconds: 30,
}

/** No `default`: a new code does not compile until somebody decides what the public hears. */
export function publicAnswer(code: RejectionCode): PublicAnswer {
  switch (code) {
    case 'parameter_missing':
    case 'parameter_repeated':
    case 'parameter_too_long':
      return {
        status: 400,
        code: 'bad_request',
        title: 'The request is incomplete',
        detail:
          'Send exactly one session token (at most 4096 characters) and exactly one state (at most 2048).',
      }
    case 'token_malformed':
    case 'token_not_canonical':
    case 'token_header_refused':
    case 'issuer_unknown':
    case 'signature_invalid':
    case 'token_expired':
    case 'token_not_yet_valid':
    case 'token_lifetime_too_long':
    case 'claims_invalid':
    case 'claim_forbidden':
    case 'token_spent':
    case 'state_conflict':
      return TOKEN_NOT_USABLE
    case 'browser_unbound':
      return {
        status: 403,
        code: 'wrong_browser',
        title: 'Another browser',
        detail: 'Continue in the browser that opened the page, with cookies allowed.',
      }
    case 'cross_site':
      return {
        status: 403,
        code: 'cross_site',
        title: 'The request came from another site',
        detail: 'Only the page that this service sent may post here.',
      }
    case 'framed':
      return {
        status: 403,
        code: 'framed',
        title: 'Not in a frame',
        detail: 'Open this page in a window of its own.',
      }
    case 'prefetch':
      return {
        status: 503,
        code: 'prefetch',
        title: 'Not for prefetching',
        detail: 'The page is sent when a person opens it.',
        retryAfterSeconds: 1,
      }
    case 'not_found':
      return { status: 404, code: 'not_found', title: 'Not found', detail: 'No such page.' }
    case 'method_not_allowed':
      return {
        status: 405,
        code: 'method_not_allowed',
        title: 'Method not allowed',
        detail:
          'See the Allow header. HEAD is refused on purpose: only a person may open the page.',
      }
    case 'content_type_unsupported':
      return {
        status: 415,
        code: 'content_type_unsupported',
        title: 'Unsupported content type',
        detail: 'Send application/x-www-form-urlencoded.',
      }
    case 'body_too_large':
      return {
        status: 413,
        code: 'body_too_large',
        title: 'The request is too large',
        detail: 'A form of at most 16 KiB is accepted.',
      }
    case 'unavailable':
    case 'overloaded':
      return UNAVAILABLE
    case 'too_many':
      return {
        status: 429,
        code: 'too_many',
        title: 'Too many requests',
        detail: 'Nothing was used up. Send the same request again, more slowly.',
        retryAfterSeconds: 5,
      }
    case 'internal':
      return {
        status: 500,
        code: 'internal',
        title: 'Something went wrong here',
        detail: 'Quote the request id to the operator.',
      }
  }
}
