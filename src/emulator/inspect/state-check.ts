/** Whether the token belongs to this redirect and, when it does not, what happened to its state. */
import { fault, ok, shortened, type TokenCheck, unknown } from './token-check.ts'
import type { TokenText } from './token-text.ts'

export function stateCheck({ payload }: TokenText, expected: string | undefined): TokenCheck {
  const reason = 'State in the token does not match the /continue state.'
  const { state } = payload
  if (state === undefined)
    return fault(
      'state',
      reason,
      'there is no claim "state"',
      'ip' in payload
        ? 'This is the session token that encodeToken made. Sign a token of your own and put the state parameter you received into it.'
        : nestedStateHint(payload),
    )
  if (typeof state !== 'string' || state === '')
    return fault('state', reason, `state must be a text, not ${JSON.stringify(state)}`)
  if (expected === undefined)
    return unknown('state', `not compared: the token has ${shortened(state)}`)
  if (state === expected) return ok('state', 'the same')
  return fault(
    'state',
    reason,
    `state does not match: the token has ${shortened(state)}, /continue gets ${shortened(expected)}`,
    stateHint(state, expected),
  )
}

const nestedStateHint = (payload: TokenText['payload']) => {
  const holder = Object.entries(payload).find(
    ([, value]) => typeof value === 'object' && value !== null && 'state' in value,
  )
  return holder
    ? `It is inside "${holder[0]}": claims stand at the top of the payload.`
    : 'Put the state parameter you received into the claim "state", character by character.'
}

function stateHint(state: string, expected: string): string {
  const decoded = decode(state)
  if (decoded === expected)
    return 'The token holds the percent-encoded value: decode the parameter once.'
  if (decode(expected) === state)
    return 'The token holds the decoded value, /continue is given an encoded one: encode it once, not twice.'
  if (state.replaceAll(' ', '+') === expected || expected.replaceAll(' ', '+') === state)
    return 'A "+" became a space on the way.'
  if (state.trim() === expected.trim()) return 'White space at the ends.'
  if (expected.startsWith(state)) return 'The token holds only the beginning: a column too short?'
  if (state.startsWith(expected)) return '/continue is given only the beginning.'
  if (state.toLowerCase() === expected.toLowerCase()) return 'Somebody changed the letter case.'
  return 'This is the state of another redirect (each has its own), or the `state` of the application. Use the parameter that came with this session token.'
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
