/**
 * The way through one password reset after the link was opened: the pipeline's steps as places the
 * browser goes to, the hops it makes there, and the new password at the end (contract 2.1).
 */
import type { Challenges } from './challenges.ts'
import type { Clients } from './clients.ts'
import type { TenantClock } from './clock.ts'
import type { DeployedActions } from './deployed-actions.ts'
import type { Destination, Destinations } from './destinations.ts'
import type { FactorType } from './factors.ts'
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
  /** Back at `/continue`. */
  resume(transaction: Transaction, request: RequestFacts): Promise<Destination>
  submitForm(
    transaction: Transaction,
    fields: Readonly<Record<string, unknown>>,
    request: RequestFacts,
  ): Promise<Destination>
  /** Picks a factor among the offered ones, or sends its code again. */
  chooseFactor(transaction: Transaction, factor: FactorType): boolean
  answerChallenge(
    transaction: Transaction,
    answer: { readonly code?: string; readonly device?: 'approve' | 'reject' },
    request: RequestFacts,
  ): Promise<Destination | 'wrong' | 'gone'>
  /** The user has seen the recovery code that replaces the one just used. */
  keepRecoveryCode(transaction: Transaction, request: RequestFacts): Promise<Destination>
  /** The caller has checked the password against the policy. */
  changePassword(transaction: Transaction, password: string): Promise<Destination>
}

export interface PasswordResetOptions {
  readonly users: Users
  readonly clients: Clients
  readonly tickets: Tickets
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly actions: DeployedActions
  readonly pipeline: Pipeline
  readonly challenges: Challenges
  readonly destinations: Destinations
  readonly switches: Switches
  readonly trace: Trace
  readonly log: TenantLog
  readonly clock: TenantClock
}

const TRIGGER = 'password-reset-post-challenge'

export function createPasswordReset(options: PasswordResetOptions): PasswordReset {
  const { users, tickets, transactions, pipeline, challenges, destinations, switches, trace } =
    options

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

    resume: async (transaction, request) => {
      transactions.take(transaction)
      trace.record('continue.received', {
        who: 'user',
        text: `comes back to /continue by ${request.method}`,
        transaction: transaction.id,
        data: {
          method: request.method,
          parameters: Object.keys({ ...request.query, ...request.body }),
        },
      })
      const next = destinations.after(transaction, await pipeline.resume(transaction, request))
      return destinations.straightOn(transaction, next)
    },

    submitForm: async (transaction, fields, request) => {
      transactions.take(transaction)
      const hop = transaction.pending[0]
      if (hop?.kind === 'form') {
        transaction.prompt = {
          id: hop.promptId,
          fields: { ...hop.fields, ...fields },
          vars: hop.vars,
        }
        trace.record('form.submitted', {
          who: 'user',
          text: `submits the form ${hop.promptId}`,
          transaction: transaction.id,
          data: { promptId: hop.promptId, fields: Object.keys(fields) },
        })
      }
      return destinations.after(transaction, await pipeline.resume(transaction, request))
    },

    chooseFactor: (transaction, factor) => {
      const hop = transaction.pending[0]
      const user = users.get(transaction.userId)
      if (hop?.kind !== 'challenge' || !hop.factors.includes(factor) || !user) return false
      challenges.show(transaction, user, factor)
      return true
    },

    answerChallenge: async (transaction, answer, request) => {
      const user = users.get(transaction.userId)
      const factor = transaction.challenge?.factor
      if (!user || !factor) return 'wrong'
      const waiting = transaction.waiting?.state
      const outcome = await challenges.answer(transaction, user, answer)
      // Two answers at once: the one that was judged first has moved the transaction on.
      if (transaction.waiting?.state !== waiting) return 'gone'
      switch (outcome) {
        case 'wrong':
          return 'wrong'
        case 'passed':
          transactions.take(transaction)
          if (factor === 'recovery-code')
            return {
              kind: 'screen',
              screen: 'new_recovery_code',
              state: transactions.suspend(transaction, 'recovery'),
            }
          return destinations.after(
            transaction,
            await pipeline.challengePassed(transaction, request),
          )
        case 'rejected':
          pipeline.fail(transaction, { reason: 'challenge_rejected', detail: `${factor} rejected` })
          return destinations.ending(transaction)
        case 'too_many_attempts':
          pipeline.fail(transaction, { reason: 'too_many_attempts', detail: factor })
          return destinations.ending(transaction)
      }
    },

    keepRecoveryCode: async (transaction, request) => {
      transactions.take(transaction)
      return destinations.after(transaction, await pipeline.challengePassed(transaction, request))
    },

    changePassword: async (transaction, password) => {
      transactions.take(transaction)
      const user = users.get(transaction.userId)
      const about = { userId: transaction.userId, clientId: transaction.clientId }
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
      options.log.write('scp', { ...about, userName: user.email })
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
