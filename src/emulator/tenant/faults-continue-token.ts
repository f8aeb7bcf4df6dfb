/**
 * The fault `continueToken`: changes the answer of the third-party site on its way to the Action, by
 * exactly one thing. What must be signed anew is signed with the secret the answer was signed with, which
 * is one of the Action's own.
 */
import { isSignedBy, readToken, type TokenText } from '../inspect/token-text.ts'
import { signSessionToken } from '../runtime/api/session-token.ts'
import type { ContinueTokenFault } from './faults.ts'
import type { RequestFacts } from './request-facts.ts'

export interface TokenSurroundings {
  /** Secrets of the Action that continues. */
  readonly secrets: readonly string[]
  readonly nowSeconds: number
  /** For `other_user`. */
  readonly otherUserId: string
}

export type Altered =
  | { readonly ok: true; readonly request: RequestFacts; readonly parameter: string }
  /** The fault cannot strike: there is nothing to change, or nobody knows the secret. */
  | { readonly ok: false; readonly detail: string }

export function alterContinueToken(
  request: RequestFacts,
  fault: Exclude<ContinueTokenFault, 'intact'>,
  around: TokenSurroundings,
): Altered {
  // As `validateToken` reads them: the body wins over the query string.
  const carried = { ...request.query, ...request.body }
  const found = Object.entries(carried).flatMap(([parameter, text]) => {
    const read = readToken(text)
    return read.ok ? [{ parameter, token: read.token }] : []
  })[0]
  if (!found) return { ok: false, detail: 'no parameter of this request is a token' }
  const { parameter, token } = found
  if (fault === 'missing') return { ok: true, parameter, request: without(request, parameter) }
  const changed = fault === 'tampered' ? tampered(token) : signedAnew(token, fault, around)
  if (changed === undefined)
    return { ok: false, detail: `none of the Action's secrets has signed ${parameter}` }
  return { ok: true, parameter, request: withValue(request, parameter, changed) }
}

/** One more claim, the signature as it was. */
function tampered({ payload, signingInput, signature }: TokenText): string {
  const header = signingInput.split('.')[0]
  const changed = Buffer.from(JSON.stringify({ ...payload, tampered: true })).toString('base64url')
  return `${header}.${changed}.${signature}`
}

function signedAnew(
  token: TokenText,
  fault: 'expired' | 'other_user' | 'other_state',
  { secrets, nowSeconds, otherUserId }: TokenSurroundings,
): string | undefined {
  const secret = secrets.find((one) => one !== '' && isSignedBy(token, Buffer.from(one, 'utf8')))
  if (secret === undefined) return undefined
  const past = Math.floor(nowSeconds) - 1
  const changes = {
    expired: { iat: past - 60, exp: past },
    other_user: { sub: otherUserId },
    other_state: { state: `${String(token.payload.state ?? '')}0` },
  }
  return signSessionToken({ ...token.payload, ...changes[fault] }, secret)
}

const without = (request: RequestFacts, parameter: string): RequestFacts => {
  const { [parameter]: _query, ...query } = request.query
  const { [parameter]: _body, ...body } = request.body
  return { ...request, query, body }
}

const withValue = (request: RequestFacts, parameter: string, value: string): RequestFacts => ({
  ...request,
  query: parameter in request.query ? { ...request.query, [parameter]: value } : request.query,
  body: parameter in request.body ? { ...request.body, [parameter]: value } : request.body,
})
