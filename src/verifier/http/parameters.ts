/**
 * The parameters of a verification, from a query string or a form: exactly one session token and
 * exactly one state. Parsers that take the first or the last of several disagree with each other, and
 * such a disagreement is how one component checks one token while another uses a second.
 */
import type { Rejection } from '../domain/rejection.ts'
import { ok, type Result, refuse } from '../domain/result.ts'

/** In UTF-16 units. A session token of Auth0 with our facts is below 2,000. */
const TOKEN_CHARACTERS = 4096
const STATE_CHARACTERS = 2048

export interface LinkParameters {
  /** The name under which the session token came. */
  readonly name: string
  readonly token: string
  readonly state: string
}

/** Total: a broken percent escape is kept as it is, as every browser's parser does. */
export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?')
  return parametersOf(start === -1 ? '' : (url.slice(start).split('#')[0] as string))
}

/**
 * What `new URLSearchParams(text)` holds, of a query string or of a form's body. Only `%` and `+` stand
 * for something else (URL standard, application/x-www-form-urlencoded parsing); a text without either,
 * as Auth0's link is one, is cut at its separators, for a walk through every character costs ten times
 * that.
 */
export function parametersOf(text: string): URLSearchParams {
  if (text.includes('%') || text.includes('+')) return new URLSearchParams(text)
  const parameters = new URLSearchParams()
  for (const pair of (text.startsWith('?') ? text.slice(1) : text).split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    if (equals === -1) parameters.append(pair, '')
    else parameters.append(pair.slice(0, equals), pair.slice(equals + 1))
  }
  return parameters
}

/** `names` are all the parameters that may carry a session token: a second one under any of them counts. */
export function parseLink(
  parameters: URLSearchParams,
  names: ReadonlySet<string>,
): Result<LinkParameters, Rejection> {
  const tokens: { readonly name: string; readonly token: string }[] = []
  const states: string[] = []
  for (const [name, value] of parameters) {
    if (names.has(name)) tokens.push({ name, token: value })
    if (name === 'state') states.push(value)
  }
  if (tokens.length > 1 || states.length > 1) return refuse({ code: 'parameter_repeated' })
  const [carried] = tokens
  const [state] = states
  if (!carried?.token || !state) return refuse({ code: 'parameter_missing' })
  const { name, token } = carried
  if (token.length > TOKEN_CHARACTERS || state.length > STATE_CHARACTERS) {
    return refuse({ code: 'parameter_too_long' })
  }
  return ok({ name, token, state })
}
