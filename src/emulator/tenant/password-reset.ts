/**
 * What is a password reset's own: the link that starts the Actions, and the new password after them
 * (contract 2.1). The hops between are the same in every flow.
 */
import type { Clients } from './clients.ts'
import type { TenantClock } from './clock.ts'
import type { DeployedActions } from './deployed-actions.ts'
import type { Destination, Destinations } from './destinations.ts'
import type { Pipeline } from './pipeline.ts'
import type { RequestFacts } from './request-facts.ts'
import type { Sessions } from './sessions.ts'
import type { Switches } from './switches.ts'
import type { TenantLog } from './tenant-log.ts'
import type { Tickets } from './tickets.ts'
import { shownUrl, type TicketRefusal, type Trace } from './trace.ts'
import type { Transaction, Transactions } from './transactions.ts'
import type { Users } from './users.ts'

export interface PasswordReset {
  /** Opening the link: the first challenge is passed, the Actions start. */
  open(
    ticket: string,
    browser: string,
    request: RequestFacts,
  ): Promise<Destination | { readonly kind: 'refused'; readonly reason: TicketRefusal }>
  /** The caller has checked the password against the policy. */
  changePassword(
    transaction: Transaction,
    password: string,
    request: RequestFacts,
  ): Promise<Destination>
}

export interface PasswordResetOptions {
  readonly users: Users
  readonly clients: Clients
  readonly tickets: Tickets
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly actions: DeployedActions
  readonly pipeline: Pipeline
  readonly destinations: Destinations
  readonly switches: Switches
  readonly trace: Trace
  readonly log: TenantLog
  readonly clock: TenantClock
  readonly connectionName: string
}

const TRIGGER = 'password-reset-post-challenge'

export function createPasswordReset(options: PasswordResetOptions): PasswordReset {
  const { users, tickets, transactions, pipeline, destinations, switches, trace } = options

  const complete = (transaction: Transaction): Destination => {
    const ticketUrl = transaction.ticketResultUrl
    const client = transaction.clientId && options.clients.get(transaction.clientId)
    const base =
      transaction.resultUrl ?? ticketUrl ?? (client ? client.initiate_login_uri : undefined)
    const resultUrl = base === undefined ? undefined : new URL(base)
    if (resultUrl && switches.resultUrlParameters) {
      resultUrl.searchParams.set('success', 'true')
      resultUrl.searchParams.set('message', 'Your password has been changed.')
    }
    transactions.end(transaction, {
      kind: 'completed',
      ...(resultUrl ? { resultUrl: resultUrl.href } : {}),
    })
    trace.record('flow.completed', {
      who: 'tenant',
      text: resultUrl ? `is done; a button leads to ${resultUrl.origin}` : 'is done',
      transaction: transaction.id,
      data: resultUrl ? { resultUrl: shownUrl(resultUrl.href) } : {},
    })
    return destinations.ending(transaction)
  }

  return {
    open: async (value, browser, request) => {
      const refuse = (reason: TicketRefusal) => {
        trace.record('ticket.refused', {
          who: 'tenant',
          text: `refuses the link: ${reason}`,
          data: { reason },
        })
        return { kind: 'refused', reason } as const
      }
      const ticket = tickets.check(value)
      if (typeof ticket === 'string') return refuse(ticket)
      const user = users.get(ticket.userId)
      if (!user || user.blocked) return refuse('user_gone')
      if (switches.ticketConsumedOn === 'open' && !tickets.use(value)) return refuse('used')

      const transaction = transactions.begin({
        trigger: TRIGGER,
        userId: user.user_id,
        clientId: ticket.clientId,
        ticket: value,
        ticketResultUrl: ticket.resultUrl,
        host: request.hostname,
        browser,
        locale: request.language ?? 'en',
        actions: ticket.clientId === undefined ? [] : options.actions.bound(TRIGGER),
        methods: [{ name: 'email', timestamp: new Date(options.clock.now()).toISOString() }],
      })
      trace.record('ticket.opened', {
        who: 'user',
        text: 'opens the link in the mail',
        transaction: transaction.id,
        data: {
          ...(ticket.clientId === undefined ? {} : { client_id: ticket.clientId }),
          extraQuery: Object.keys(request.query).filter((name) => name !== 'ticket'),
        },
      })
      if (transaction.actions.length === 0)
        trace.record('trigger.skipped', {
          who: 'tenant',
          text:
            ticket.clientId === undefined
              ? 'RUNS NO ACTION: the reset was requested without a client_id, so every check is bypassed'
              : 'runs no Action: none is bound to the trigger',
          transaction: transaction.id,
          data: { reason: ticket.clientId === undefined ? 'no_client_id' : 'no_actions' },
        })
      return destinations.after(transaction, await pipeline.start(transaction, request))
    },

    changePassword: async (transaction, password, request) => {
      transactions.take(transaction)
      const user = users.get(transaction.userId)
      const about = {
        userId: transaction.userId,
        userName: user?.email,
        clientId: transaction.clientId,
        connection: options.connectionName,
        ip: request.ip,
        userAgent: request.user_agent,
      }
      const stillGood =
        switches.ticketConsumedOn === 'open' ||
        (transaction.ticket !== undefined && tickets.use(transaction.ticket))
      if (!user || !stillGood) {
        options.log.write('fcp', about)
        pipeline.fail(transaction, {
          reason: user ? 'ticket_used' : 'user_gone',
          detail: 'The link stopped working before the new password was saved.',
        })
        return destinations.ending(transaction)
      }
      await users.setPassword(user.user_id, password)
      users.update(user.user_id, {
        last_password_reset: new Date(options.clock.now()).toISOString(),
      })
      options.sessions.endAll(user.user_id)
      options.log.write('scp', about)
      trace.record('password.changed', {
        who: 'user',
        text: `sets a new password for ${user.email}`,
        transaction: transaction.id,
        data: { email: user.email },
      })
      return complete(transaction)
    },
  }
}
