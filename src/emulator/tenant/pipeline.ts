/**
 * The pipeline of one trigger: Actions in order, suspended at a challenge, a redirect or a form, resumed
 * where it stopped (contract 1.6). Earlier Actions never run again; a redirect or a form resumes the same
 * Action's continue handler; a challenge goes on with the next Action.
 * Knows no HTTP: it says what the browser must do next, and is told when it was done.
 */
import type { ActionsRuntime, Entrypoint, LegResult, TriggerId } from '../runtime/execution.ts'
import type { TenantClock } from './clock.ts'
import { effectOf } from './commands.ts'
import type { Executions } from './executions.ts'
import type { FactorType } from './factors.ts'
import type { Faults } from './faults.ts'
import { timedOutLeg } from './faults-time-out.ts'
import { collectEffects } from './login-effects.ts'
import type { RequestFacts } from './request-facts.ts'
import type { Switches } from './switches.ts'
import type { TenantLog } from './tenant-log.ts'
import { type FlowFailure, shownCommands, shownLog, shownTokens, type Trace } from './trace.ts'
import type { PendingHop, Transaction } from './transactions.ts'
import type { User, Users } from './users.ts'

export type PipelineStep =
  /** The first pending hop of the transaction is what the browser does next. */
  { readonly kind: 'suspended' } | { readonly kind: 'ended' } | { readonly kind: 'completed' }

export interface Pipeline {
  /** From the first Action. */
  start(transaction: Transaction, request: RequestFacts): Promise<PipelineStep>
  /** The browser is back from the redirect or the form: the same Action continues. */
  resume(transaction: Transaction, request: RequestFacts): Promise<PipelineStep>
  /** The challenge on screen was passed: the next pending hop, or the next Action. */
  challengePassed(transaction: Transaction, request: RequestFacts): Promise<PipelineStep>
  fail(transaction: Transaction, failure: Failure): PipelineStep
}

interface Failure {
  readonly reason: FlowFailure
  readonly detail: string
  readonly action?: string | undefined
  /** What an Action threw. */
  readonly message?: string | undefined
}

export interface PipelineOptions {
  readonly runtime: ActionsRuntime
  readonly clock: TenantClock
  readonly users: Users
  readonly enabledFactors: ReadonlySet<FactorType>
  readonly switches: Switches
  readonly faults: Faults
  readonly trace: Trace
  readonly log: TenantLog
  readonly executions: Executions
  /** The event without secrets, from the tenant's state as it is now. */
  readonly buildEvent: (transaction: Transaction, user: User, request: RequestFacts) => object
  readonly end: (transaction: Transaction, ending: NonNullable<Transaction['ending']>) => void
}

const ENTRYPOINTS: Record<TriggerId, { execute: Entrypoint; continue: Entrypoint }> = {
  'password-reset-post-challenge': {
    execute: 'onExecutePostChallenge',
    continue: 'onContinuePostChallenge',
  },
  'post-login': { execute: 'onExecutePostLogin', continue: 'onContinuePostLogin' },
}

/** Factors the user has passed in this transaction, so that no Action asks for them again. */
const passedFactors = (transaction: Transaction) =>
  new Set(
    transaction.methods
      .slice(transaction.methodsBefore)
      .filter(({ name }) => name === 'mfa')
      .map(({ type }) => type as FactorType),
  )

export function createPipeline(options: PipelineOptions): Pipeline {
  const { runtime, clock, users, switches, faults, trace, log, executions } = options

  const fail: Pipeline['fail'] = (transaction, { reason, detail, action, message }) => {
    options.end(transaction, {
      kind: 'failed',
      reason,
      ...(message === undefined ? {} : { message }),
    })
    const execution = executions.of(transaction.id)
    if (execution) executions.setStatus(execution, 'canceled')
    trace.record('flow.failed', {
      who: action ?? 'tenant',
      text: `the flow fails: ${reason} (${detail})`,
      transaction: transaction.id,
      data: { reason, detail, ...(action === undefined ? {} : { action }) },
    })
    return { kind: 'ended' }
  }

  const record = (
    transaction: Transaction,
    leg: LegResult,
    event: Readonly<Record<string, unknown>>,
    request: RequestFacts,
  ) => {
    const execution =
      executions.of(transaction.id) ?? executions.open(transaction.trigger, transaction.id)
    executions.add(execution, { ...leg, event })
    trace.record('action.ran', {
      who: leg.action,
      text: `${leg.entrypoint}: ${leg.error ? `${leg.error.name}: ${leg.error.message}` : leg.commands.map(({ type }) => type).join(', ') || 'no command'}`,
      transaction: transaction.id,
      data: {
        action: leg.action,
        entrypoint: leg.entrypoint,
        commands: shownCommands(leg.commands),
        log: shownLog(leg.log),
        tokens: shownTokens(leg.tokens),
        durationMs: leg.durationMs,
        ...(leg.error ? { error: leg.error } : {}),
      },
    })
    if (leg.error)
      log.write('actions_execution_failed', {
        userId: transaction.userId,
        clientId: transaction.clientId,
        ip: request.ip,
        description: leg.error.message,
        details: { action_name: leg.action, error_class: leg.error.class },
      })
  }

  /** Runs legs until something must be done by the browser, or none is left. */
  const run = async (
    transaction: Transaction,
    request: RequestFacts,
    from: { readonly index: number; readonly continuing: boolean },
  ): Promise<PipelineStep> => {
    // All Actions of the trigger together, anew after each suspension (contract 4.2).
    let budgetMs = faults.actionBudgetMs
    let { index, continuing } = from
    for (; index < transaction.actions.length; index += 1, continuing = false) {
      const action = transaction.actions[index]
      const user = users.get(transaction.userId)
      if (!action || !user)
        return fail(transaction, { reason: 'user_gone', detail: 'The user no longer exists.' })
      const entrypoint = ENTRYPOINTS[transaction.trigger][continuing ? 'continue' : 'execute']
      const event = { ...options.buildEvent(transaction, user, request) }
      const leg =
        timedOutLeg(faults, action.name, entrypoint) ??
        (await runtime.run({
          trigger: transaction.trigger,
          entrypoint,
          action,
          event,
          budgetMs,
          nowMs: clock.now(),
          ...(transaction.login ? { lookups: { roles: rolesOf(user) } } : {}),
        }))
      budgetMs -= leg.durationMs
      transaction.position = index
      delete transaction.prompt
      record(transaction, leg, event, request)
      if (transaction.login) collectEffects(transaction.login.effects, leg.commands)

      const resultUrl = leg.commands.findLast(
        (command) => command.type === 'transaction.setResultUrl',
      )
      if (resultUrl) transaction.resultUrl = resultUrl.url
      const effect = effectOf(leg, {
        continuing,
        switches,
        enrolled: users.enrolledTypes(user),
        enabled: options.enabledFactors,
        passed: passedFactors(transaction),
        challengesBefore: transaction.challengeCommands,
        interactive: transaction.login?.interactive ?? true,
        refreshing: transaction.login?.refreshGrantId !== undefined,
      })
      if (effect.kind === 'failed') return fail(transaction, { ...effect, action: leg.action })
      if (effect.kind === 'denied') {
        options.end(transaction, { kind: 'denied', action: leg.action, reason: effect.reason })
        const execution = executions.of(transaction.id)
        if (execution) executions.setStatus(execution, 'final')
        trace.record('flow.denied', {
          who: leg.action,
          text: `denies: ${effect.reason}`,
          transaction: transaction.id,
          data: { action: leg.action, reason: effect.reason },
        })
        return { kind: 'ended' }
      }
      if (budgetMs <= 0)
        return fail(transaction, {
          reason: 'action_timeout',
          detail: 'The Actions of the trigger took more than 20 seconds together.',
          action: leg.action,
        })
      transaction.challengeCommands += effect.challenges
      transaction.pending = [...effect.hops]
      if (transaction.pending.length > 0) {
        const execution = executions.of(transaction.id)
        if (execution) executions.setStatus(execution, 'suspended')
        return { kind: 'suspended' }
      }
    }
    const execution = executions.of(transaction.id)
    if (execution) executions.setStatus(execution, 'final')
    return { kind: 'completed' }
  }

  return {
    start: (transaction, request) => run(transaction, request, { index: 0, continuing: false }),
    resume: (transaction, request) => {
      transaction.pending.shift()
      return run(transaction, request, { index: transaction.position, continuing: true })
    },
    challengePassed: async (transaction, request) => {
      const factor = transaction.challenge?.factor ?? transaction.enrolment?.factor
      transaction.pending.shift()
      delete transaction.challenge
      delete transaction.enrolment
      const timestamp = new Date(clock.now()).toISOString()
      if (factor) transaction.methods.push({ name: 'mfa', type: factor, timestamp })
      dropPassed(transaction)
      if (transaction.pending.length > 0) return { kind: 'suspended' }
      return run(transaction, request, { index: transaction.position + 1, continuing: false })
    },
    fail,
  }
}

const rolesOf = (user: User) => user.roles.map((name) => ({ id: `rol_${name}`, name }))

/** A later challenge of the same leg may ask for what was just passed: no screen for that. */
function dropPassed(transaction: Transaction) {
  const passed = passedFactors(transaction)
  transaction.pending = transaction.pending.flatMap((hop): PendingHop[] => {
    if (hop.kind !== 'challenge') return [hop]
    const factors = hop.factors.filter((factor) => !passed.has(factor))
    return factors.length === 0 ? [] : [{ ...hop, factors }]
  })
}
