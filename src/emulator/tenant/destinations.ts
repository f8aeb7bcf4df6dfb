/**
 * Where the browser goes after a step of the pipeline: away to another site, or to one of the tenant's
 * own screens, each found again by a fresh state.
 */
import type { Challenges } from './challenges.ts'
import { type Random, randomName } from './identifiers.ts'
import type { PipelineStep } from './pipeline.ts'
import type { Faults, Switches } from './switches.ts'
import { shownUrl, type Trace } from './trace.ts'
import type { PendingHop, Transaction, Transactions } from './transactions.ts'
import type { Users } from './users.ts'

export type Screen = 'form' | 'mfa' | 'new_recovery_code' | 'new_password' | 'success' | 'stopped'

export type Destination =
  | { readonly kind: 'other_site'; readonly url: string }
  | { readonly kind: 'screen'; readonly screen: Screen; readonly state: string }

export interface Destinations {
  after(transaction: Transaction, step: PipelineStep): Destination
  /** The screen that says how it ended. */
  ending(transaction: Transaction): Destination
  /** After `/continue`: with the switch on, a finished pipeline leads straight to another origin. */
  straightOn(transaction: Transaction, next: Destination): Destination
}

export interface DestinationsOptions {
  readonly users: Users
  readonly transactions: Transactions
  readonly challenges: Challenges
  readonly switches: Switches
  readonly faults: Faults
  readonly trace: Trace
  readonly random: Random
}

export function createDestinations(options: DestinationsOptions): Destinations {
  const { users, transactions, challenges, trace } = options

  const away = (
    transaction: Transaction,
    { url, action }: Extract<PendingHop, { kind: 'redirect' }>,
  ): Destination => {
    const state = transactions.suspend(transaction, 'redirect')
    const target = new URL(url)
    // Auth0 sets its own value last, over any the Action put there (contract 1.2 item 4).
    target.searchParams.set(
      'state',
      options.faults.wrongState ? randomName(options.random, state.length) : state,
    )
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

  const ending = (transaction: Transaction): Destination => ({
    kind: 'screen',
    screen: transaction.ending?.kind === 'completed' ? 'success' : 'stopped',
    state: transactions.suspend(transaction, 'ended'),
  })

  return {
    ending,
    after: (transaction, step) => {
      if (step.kind === 'ended') return ending(transaction)
      const hop = step.kind === 'suspended' ? transaction.pending[0] : undefined
      switch (hop?.kind) {
        case undefined:
          return {
            kind: 'screen',
            screen: 'new_password',
            state: transactions.suspend(transaction, 'password'),
          }
        case 'redirect':
          return away(transaction, hop)
        case 'form':
          return form(transaction, hop)
        case 'challenge':
          return challenge(transaction, hop)
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
