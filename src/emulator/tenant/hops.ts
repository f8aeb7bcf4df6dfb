/**
 * The hops a browser makes for a transaction, whichever flow it belongs to: back from another site, a form,
 * a challenge, an enrolment. What comes after the last one is the flow's own business.
 */
import type { ChallengeAnswer, Challenges } from './challenges.ts'
import type { Destination, Destinations } from './destinations.ts'
import type { FactorType } from './factors.ts'
import type { Enrolments } from './login-enrolment.ts'
import type { Pipeline } from './pipeline.ts'
import type { RequestFacts } from './request-facts.ts'
import type { Trace } from './trace.ts'
import type { PhoneWay, Transaction, Transactions } from './transactions.ts'
import type { Users } from './users.ts'

export interface Hops {
  /** Back at `/continue`. */
  resume(transaction: Transaction, request: RequestFacts): Promise<Destination>
  submitForm(
    transaction: Transaction,
    fields: Readonly<Record<string, unknown>>,
    request: RequestFacts,
  ): Promise<Destination>
  /** Picks a factor among the offered ones, or sends its code again. */
  chooseFactor(transaction: Transaction, factor: FactorType, way?: PhoneWay): boolean
  answerChallenge(
    transaction: Transaction,
    answer: ChallengeAnswer,
    request: RequestFacts,
  ): Promise<Destination | 'wrong' | 'gone'>
  /** The user has seen the recovery code that replaces the one just used. */
  keepRecoveryCode(transaction: Transaction, request: RequestFacts): Promise<Destination>
  /** Picks a factor to enrol among the offered ones, or starts it anew. */
  chooseEnrolment(transaction: Transaction, factor: FactorType): boolean
  answerEnrolment(
    transaction: Transaction,
    answer: Readonly<Record<string, string>>,
    request: RequestFacts,
  ): Promise<Destination | 'wrong' | 'gone'>
}

export interface HopsOptions {
  readonly users: Users
  readonly transactions: Transactions
  readonly pipeline: Pipeline
  readonly challenges: Challenges
  readonly enrolments: Enrolments
  readonly destinations: Destinations
  readonly trace: Trace
}

/** Whether the challenge on screen has the box to tick. */
export const asksToRemember = ({ pending: [hop] }: Transaction) =>
  hop?.kind === 'challenge' && hop.asksToRemember === true

export function createHops(options: HopsOptions): Hops {
  const { users, transactions, pipeline, challenges, enrolments, destinations, trace } = options

  return {
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
      const step = await pipeline.resume(transaction, request)
      return destinations.straightOn(transaction, await destinations.after(transaction, step))
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

    chooseFactor: (transaction, factor, way) => {
      const hop = transaction.pending[0]
      const user = users.get(transaction.userId)
      if (hop?.kind !== 'challenge' || !hop.factors.includes(factor) || !user) return false
      challenges.show(transaction, user, factor, way)
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
          if (transaction.login && asksToRemember(transaction))
            transaction.login.rememberBrowser = answer.rememberBrowser === true
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
          return destinations.after(transaction, { kind: 'ended' })
        case 'too_many_attempts':
          pipeline.fail(transaction, { reason: 'too_many_attempts', detail: factor })
          return destinations.after(transaction, { kind: 'ended' })
      }
    },

    keepRecoveryCode: async (transaction, request) => {
      transactions.take(transaction)
      return destinations.after(transaction, await pipeline.challengePassed(transaction, request))
    },

    chooseEnrolment: (transaction, factor) => {
      const hop = transaction.pending[0]
      const user = users.get(transaction.userId)
      if (hop?.kind !== 'enrol' || !hop.factors.includes(factor) || !user) return false
      enrolments.show(transaction, user, factor)
      return true
    },

    answerEnrolment: async (transaction, answer, request) => {
      const user = users.get(transaction.userId)
      if (!user || !transaction.enrolment) return 'wrong'
      const waiting = transaction.waiting?.state
      const outcome = await enrolments.answer(transaction, user, answer)
      if (transaction.waiting?.state !== waiting) return 'gone'
      switch (outcome) {
        case 'wrong':
          return 'wrong'
        case 'enrolled':
          transactions.take(transaction)
          return destinations.after(
            transaction,
            await pipeline.challengePassed(transaction, request),
          )
        case 'too_many_attempts':
          pipeline.fail(transaction, { reason: 'too_many_attempts', detail: 'enrolment' })
          return destinations.after(transaction, { kind: 'ended' })
      }
    },
  }
}
