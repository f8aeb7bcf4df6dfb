/**
 * Where the browser goes after a step of the pipeline: away to another site, or to one of the tenant's
 * own screens, each found again by a fresh state.
 */
import type { Challenges } from './challenges.ts'
import { type Random, randomName } from './identifiers.ts'
import type { LoginAnswer } from './login-answer.ts'
import type { Enrolments } from './login-enrolment.ts'
import type { PipelineStep } from './pipeline.ts'
import type { Faults, Switches } from './switches.ts'
import { shownUrl, type Trace } from './trace.ts'
import type { PendingHop, Transaction, Transactions } from './transactions.ts'
import type { Users } from './users.ts'

export type Screen =
  | 'form'
  | 'mfa'
  | 'enrol'
  | 'new_recovery_code'
  | 'new_password'
  | 'success'
  | 'stopped'
  | 'login'
  | 'signup'

export type Destination =
  | { readonly kind: 'other_site'; readonly url: string }
  | { readonly kind: 'screen'; readonly screen: Screen; readonly state: string }
  /** The end of a login: what the application is told, and how. */
  | { readonly kind: 'answer'; readonly answer: LoginAnswer }

/** How a flow goes on when the pipeline has nothing left for the browser to do. */
export interface FlowEnd {
  completed(transaction: Transaction): Destination | Promise<Destination>
  /** Denied or failed: the transaction says which. */
  ended(transaction: Transaction): Destination | Promise<Destination>
}

export interface Destinations {
  after(transaction: Transaction, step: PipelineStep): Promise<Destination>
  /** The screen that says how a reset ended. */
  ending(transaction: Transaction): Destination
  /** After `/continue`: with the switch on, a finished pipeline leads straight to another origin. */
  straightOn(transaction: Transaction, next: Destination): Destination
}

export interface DestinationsOptions {
  readonly users: Users
  readonly transactions: Transactions
  readonly challenges: Challenges
  readonly enrolments: Enrolments
  /** Asked when a login is at its end, not before. */
  readonly loginEnd: () => FlowEnd
  readonly switches: Switches
  readonly faults: Faults
  readonly trace: Trace
  readonly random: Random
}

export function createDestinations(options: DestinationsOptions): Destinations {
  const { users, transactions, challenges, enrolments, trace } = options

  /** The state the browser is sent away with; a fault makes it one that nobody waits under. */
  const stateFor = (transaction: Transaction): string => {
    const state = transactions.suspend(transaction, 'redirect')
    const { wrongState, reusedState } = options.faults
    if (!wrongState && !reusedState) return state
    const fault = wrongState ? 'wrongState' : 'reusedState'
    trace.record('fault.struck', {
      who: 'tenant',
      text: `FAULT ${fault}: the redirect carries a state that does not work`,
      transaction: transaction.id,
      data: { fault, detail: 'the redirect carries a state that does not work' },
    })
    if (wrongState) return randomName(options.random, state.length)
    // The transaction waits under a newer one: this one is as if it had been used.
    transactions.suspend(transaction, 'redirect')
    return state
  }

  const away = (
    transaction: Transaction,
    { url, action }: Extract<PendingHop, { kind: 'redirect' }>,
  ): Destination => {
    const target = new URL(url)
    // Auth0 sets its own value last, over any the Action put there (contract 1.2 item 4).
    target.searchParams.set('state', stateFor(transaction))
    trace.record('redirect.sent', {
      who: action,
      text: `sends the browser to ${target.origin}${target.pathname}`,
      transaction: transaction.id,
      data: { action, url: shownUrl(target.href) },
    })
    return { kind: 'other_site', url: target.href }
  }

  const form = (
    transaction: Transaction,
    { action, promptId, fields, vars }: Extract<PendingHop, { kind: 'form' }>,
  ): Destination => {
    trace.record('form.shown', {
      who: action,
      text: `shows the form ${promptId}`,
      transaction: transaction.id,
      data: { action, promptId, fields, vars },
    })
    return { kind: 'screen', screen: 'form', state: transactions.suspend(transaction, 'form') }
  }

  const challenge = (
    transaction: Transaction,
    { factors, pickFirst }: Extract<PendingHop, { kind: 'challenge' }>,
  ): Destination => {
    const user = users.get(transaction.userId)
    const first = factors[0]
    // The picker is skipped when there is nothing to pick (contract 2.3).
    const picker = pickFirst && factors.length > 1
    if (user && first && !picker) challenges.show(transaction, user, first)
    return { kind: 'screen', screen: 'mfa', state: transactions.suspend(transaction, 'mfa') }
  }

  const enrolment = (
    transaction: Transaction,
    { factors, pickFirst }: Extract<PendingHop, { kind: 'enrol' }>,
  ): Destination => {
    const user = users.get(transaction.userId)
    const first = factors[0]
    const picker = pickFirst && factors.length > 1
    if (user && first && !picker) enrolments.show(transaction, user, first)
    return { kind: 'screen', screen: 'enrol', state: transactions.suspend(transaction, 'enrol') }
  }

  const ending = (transaction: Transaction): Destination => ({
    kind: 'screen',
    screen: transaction.ending?.kind === 'completed' ? 'success' : 'stopped',
    state: transactions.suspend(transaction, 'ended'),
  })

  const resetEnd: FlowEnd = {
    ended: ending,
    completed: (transaction) => ({
      kind: 'screen',
      screen: 'new_password',
      state: transactions.suspend(transaction, 'password'),
    }),
  }

  return {
    ending,
    after: async (transaction, step) => {
      const end = transaction.trigger === 'post-login' ? options.loginEnd() : resetEnd
      if (step.kind === 'ended') return end.ended(transaction)
      const hop = step.kind === 'suspended' ? transaction.pending[0] : undefined
      switch (hop?.kind) {
        case undefined:
          return end.completed(transaction)
        case 'redirect':
          return away(transaction, hop)
        case 'form':
          return form(transaction, hop)
        case 'challenge':
          return challenge(transaction, hop)
        case 'enrol':
          return enrolment(transaction, hop)
      }
    },
    straightOn: (transaction, next) => {
      const url = transaction.resultUrl
      if (options.switches.resultUrlAt !== 'continue' || url === undefined) return next
      if (next.kind !== 'screen' || next.screen !== 'new_password') return next
      return { kind: 'other_site', url }
    },
  }
}
