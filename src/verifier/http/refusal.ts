/**
 * Answers a rejection: a page for people, problem+json (RFC 9457) for programs. Both say only what
 * `publicAnswer` says, so that forged, foreign, expired and spent tokens look the same.
 */
import { publicAnswer, type RejectionCode } from '../domain/rejection.ts'
import type { AppContext, RequestId } from './app-deps.ts'
import { sendPage } from './headers.ts'
import { mannerOf } from './manner.ts'
import type { Brand } from './pages/brand.ts'
import { errorPage } from './pages/error.ts'
import { queryOf } from './parameters.ts'

export function sendRefusal(
  c: AppContext,
  code: RejectionCode,
  { id, reference }: RequestId,
  brand: Brand,
): Response | Promise<Response> {
  const answer = publicAnswer(code)
  if (answer.retryAfterSeconds !== undefined) {
    c.header('Retry-After', String(answer.retryAfterSeconds))
  }
  if (wantsPage(c)) {
    const page = errorPage({
      ...mannerOf(c, queryOf(c.req.url)),
      brand,
      code: answer.code,
      reference,
    })
    return sendPage(c, page, answer.status)
  }
  const problem = {
    type: `urn:redirect-verifier:problem:${answer.code}`,
    title: answer.title,
    status: answer.status,
    detail: answer.detail,
    instance: `urn:uuid:${id}`,
    code: answer.code,
  }
  return c.body(JSON.stringify(problem), answer.status, {
    'Content-Type': 'application/problem+json',
  })
}

/** A navigation says so by Sec-Fetch-Dest; an older browser by asking for HTML. */
function wantsPage(c: AppContext): boolean {
  const destination = c.req.header('sec-fetch-dest')
  if (destination !== undefined && destination !== 'empty') return true
  return /\btext\/html\b/i.test(c.req.header('accept') ?? '')
}
