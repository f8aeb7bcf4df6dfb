/**
 * Every hop of every flow as data: what the demo prints, what tests assert, what the inspector shows.
 * No secret, no state and no raw token is in it: tokens appear decoded, URLs with those values cut out.
 */
import type { Command } from '../runtime/commands.ts'
import type { Entrypoint, LegResult } from '../runtime/execution.ts'
import type { TenantClock } from './clock.ts'
import type { FactorType } from './factors.ts'

/** Kind of hop → what is known about it. */
export interface TraceData {
  'reset.requested': {
    readonly email: string
    readonly by: 'page' | 'change_password' | 'ticket'
    readonly client_id?: string
    readonly userFound: boolean
    /** False without a client_id: Auth0 then runs no Action at all. */
    readonly triggerWillRun: boolean
  }
  'mail.sent': { readonly to: string; readonly subject: string }
  'text.sent': { readonly to: string; readonly via: 'sms' | 'voice' }
  'ticket.opened': { readonly client_id?: string; readonly extraQuery: readonly string[] }
  'ticket.refused': { readonly reason: TicketRefusal }
  'trigger.skipped': { readonly reason: 'no_client_id' | 'no_actions' }
  'action.ran': {
    readonly action: string
    readonly entrypoint: Entrypoint
    readonly commands: readonly Command[]
    readonly log: string
    readonly tokens: LegResult['tokens']
    readonly durationMs: number
    readonly error?: LegResult['error']
  }
  /** What no leg's result shows: output after the handler settled, a rejection nobody awaited. */
  'runtime.notice': { readonly action: string; readonly kind: string; readonly detail: string }
  /** A fault that was switched on did its work. */
  'fault.struck': { readonly fault: string; readonly detail: string }
  'redirect.sent': { readonly action: string; readonly url: string }
  'continue.received': { readonly method: string; readonly parameters: readonly string[] }
  'continue.refused': { readonly reason: ContinueRefusal; readonly status: number }
  'form.shown': {
    readonly action: string
    readonly promptId: string
    readonly fields: Readonly<Record<string, unknown>>
    readonly vars: Readonly<Record<string, unknown>>
  }
  'form.submitted': { readonly promptId: string; readonly fields: readonly string[] }
  'challenge.shown': { readonly factor: FactorType; readonly choices: readonly FactorType[] }
  'challenge.passed': { readonly factor: FactorType }
  'challenge.failed': { readonly factor: FactorType; readonly attemptsLeft: number }
  'login.requested': {
    readonly client_id: string
    readonly protocol: string
    readonly prompt: readonly string[]
  }
  'login.refused': { readonly reason: string }
  /** Without an error: the application got what it asked for. */
  'login.answered': {
    readonly client_id: string
    readonly error?: string
    readonly description?: string
  }
  'session.started': { readonly email: string }
  /** Back-channel logout; no status: nobody answered. */
  'logout.told': { readonly client_id: string; readonly url: string; readonly status?: number }
  'session.ended': { readonly reason: 'revoked' | 'logout'; readonly refreshTokensKept: boolean }
  'user.updated': {
    readonly appMetadata: readonly string[]
    readonly userMetadata: readonly string[]
  }
  'tokens.issued': { readonly client_id: string; readonly grant: string }
  'tokens.refused': {
    readonly error: string
    readonly reason: string
  }
  'enrolment.shown': { readonly factor: FactorType; readonly choices: readonly FactorType[] }
  'enrolment.done': { readonly factor: FactorType }
  'password.changed': { readonly email: string }
  'flow.denied': { readonly action: string; readonly reason: string }
  'flow.failed': { readonly reason: FlowFailure; readonly detail: string; readonly action?: string }
  'flow.completed': { readonly resultUrl?: string }
}

export type TicketRefusal = 'unknown' | 'expired' | 'used' | 'superseded' | 'user_gone'

export type ContinueRefusal =
  | 'state_missing'
  | 'state_unknown'
  | 'transaction_expired'
  | 'cookie_missing'
  | 'other_browser'
  | 'other_host'
  | 'body_not_urlencoded'

export type FlowFailure =
  | 'action_error'
  | 'action_timeout'
  | 'platform_error'
  | 'factor_not_enrolled'
  | 'too_many_challenges'
  | 'too_many_attempts'
  | 'challenge_rejected'
  | 'second_redirect'
  | 'redirect_in_continue'
  | 'user_gone'
  | 'ticket_used'
  | 'interaction_required'
  | 'mfa_required'
  | 'mfa_unavailable'
  | 'nothing_to_enrol'
  | 'not_linked'
  | 'metadata_too_large'

export type TraceKind = keyof TraceData

export type TraceEvent = {
  [Kind in TraceKind]: {
    readonly seq: number
    /** Epoch milliseconds by the tenant's clock. */
    readonly atMs: number
    readonly kind: Kind
    /** Who acted: `user`, `tenant`, `site` (the third party) or an Action's name. */
    readonly who: string
    /** One line for people. */
    readonly text: string
    /** The transaction it belongs to; absent before a link is opened. */
    readonly transaction?: string
    readonly data: TraceData[Kind]
  }
}[TraceKind]

export interface Trace {
  all(): readonly TraceEvent[]
  /** Those of one kind, typed. */
  of<Kind extends TraceKind>(kind: Kind): readonly Extract<TraceEvent, { kind: Kind }>[]
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: TraceEvent) => void): () => void
  record<Kind extends TraceKind>(
    kind: Kind,
    hop: {
      readonly who: string
      readonly text: string
      readonly transaction?: string | undefined
      readonly data: TraceData[Kind]
    },
  ): void
  clear(): void
}

const KEPT = 5000

export function createTrace(clock: TenantClock): Trace {
  const events: TraceEvent[] = []
  const listeners = new Set<(event: TraceEvent) => void>()
  let seq = 0
  return {
    all: () => [...events],
    of: <Kind extends TraceKind>(kind: Kind) =>
      events.filter((event): event is Extract<TraceEvent, { kind: Kind }> => event.kind === kind),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    record: (kind, { transaction, ...hop }) => {
      seq += 1
      const event = {
        seq,
        atMs: clock.now(),
        kind,
        ...hop,
        ...(transaction === undefined ? {} : { transaction }),
      } as TraceEvent
      events.push(event)
      if (events.length > KEPT) events.shift()
      for (const listener of listeners) listener(event)
    },
    clear: () => {
      events.length = 0
    },
  }
}

const SECRET_PARAMETERS = new Set(['ticket', 'code', 'nonce', 'SAMLRequest', 'SAMLResponse'])

const LOOKS_LIKE_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/

/** A URL as it may be shown: what carries authority in its query is cut out. */
export function shownUrl(url: string): string {
  const shown = new URL(url)
  for (const [name, value] of [...shown.searchParams]) {
    if (
      name === 'state' ||
      SECRET_PARAMETERS.has(name) ||
      (LOOKS_LIKE_TOKEN.test(value) && value.length > 40)
    )
      shown.searchParams.set(name, '***')
  }
  if (shown.hash !== '') shown.hash = '***'
  return shown.href
}

const EMBEDDED_TOKEN = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g

/** Log lines as they may be shown: an Action that prints a token must not spread it. */
export const shownLog = (log: string) => log.replaceAll(EMBEDDED_TOKEN, '***')

/** Commands as they may be shown: the same, with the URLs cut. */
export const shownCommands = (commands: readonly Command[]): readonly Command[] =>
  commands.map((command) =>
    'url' in command && typeof command.url === 'string' && URL.canParse(command.url)
      ? { ...command, url: shownUrl(command.url) }
      : command,
  )

/** Decoded tokens without the `state` claim, which still has authority while a transaction waits. */
export const shownTokens = (tokens: LegResult['tokens']): LegResult['tokens'] =>
  tokens.map(({ payload, ...token }) => ({
    ...token,
    payload: payload && 'state' in payload ? { ...payload, state: '***' } : payload,
  }))
