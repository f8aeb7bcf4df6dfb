/**
 * Execution records as they may be shown: decoded tokens without their state, addresses and log lines
 * without tokens, events without what the browser brought as proof. Secrets are in no record at all.
 */
import type { ExecutedLeg, Execution } from '../tenant/executions.ts'
import { shownCommands, shownLog, shownTokens } from '../tenant/trace.ts'

export const shownExecution = ({ results, ...execution }: Execution) => ({
  ...execution,
  results: results.map(shownLeg),
})

export const shownLeg = ({ commands, log, tokens, event, error, ...leg }: ExecutedLeg) => ({
  ...leg,
  commands: shownCommands(commands),
  log: shownLog(log),
  tokens: shownTokens(tokens),
  event: shownEvent(event),
  ...(error ? { error: { ...error, message: shownLog(error.message) } } : {}),
})

export type ShownLeg = ReturnType<typeof shownLeg>

/** Parameters that carry authority. */
const AUTHORITY = new Set(
  'state ticket session_token password code code_verifier client_secret refresh_token id_token access_token assertion'.split(
    ' ',
  ),
)
const TOKEN = /^[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/

type Members = Readonly<Record<string, unknown>>

export function shownEvent(event: Members): Members {
  const { request, ...rest } = event
  const shown = show(rest, (name) => name === 'state') as Members
  return request === undefined
    ? shown
    : { ...shown, request: show(request, (name) => AUTHORITY.has(name)) }
}

function show(value: unknown, isHidden: (name: string) => boolean, name = ''): unknown {
  if (typeof value === 'string') return isHidden(name) || TOKEN.test(value) ? '***' : value
  if (Array.isArray(value)) return value.map((item) => show(item, isHidden, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, show(member, isHidden, key)]),
  )
}
