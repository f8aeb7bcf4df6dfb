/**
 * What the commands of one leg mean together for its flow: which hops the browser makes before
 * the pipeline goes on, or why the flow ends here.
 * Commands whose effect lies elsewhere (tokens, profile) are not read here.
 */
import type { Command, FactorSelector } from '../runtime/commands.ts'
import type { LegResult } from '../runtime/execution.ts'
import { challengeOptionsOf, type FactorType, select } from './factors.ts'
import { enrollable } from './login-enrolment.ts'
import type { Switches } from './switches.ts'
import type { FlowFailure } from './trace.ts'
import type { PendingHop } from './transactions.ts'

export type LegEffect =
  | { readonly kind: 'denied'; readonly reason: string }
  | {
      readonly kind: 'failed'
      readonly reason: FlowFailure
      readonly detail: string
      readonly message?: string
    }
  | { readonly kind: 'goes_on'; readonly hops: readonly PendingHop[]; readonly challenges: number }

export interface CommandContext {
  readonly continuing: boolean
  readonly switches: Pick<Switches, 'secondRedirect' | 'redirectInContinue'>
  readonly enrolled: ReadonlySet<FactorType>
  readonly enabled: ReadonlySet<FactorType>
  readonly passed: ReadonlySet<FactorType>
  /** Challenge commands of earlier legs of this flow. */
  readonly challengesBefore: number
  /** False: there is no browser that could go anywhere (contract 1.7). */
  readonly interactive: boolean
  /** A refresh token is being exchanged. */
  readonly refreshing: boolean
}

/** Per user flow, over all Actions (contract 2.3). */
const MOST_CHALLENGE_COMMANDS = 4

const failed = (reason: FlowFailure, detail: string): Extract<LegEffect, { kind: 'failed' }> => ({
  kind: 'failed',
  reason,
  detail,
})

interface FactorCommand {
  readonly wants: 'challenge' | 'enrol'
  readonly factors: readonly FactorSelector[]
  readonly pickFirst: boolean
}

/** The API layer checks nothing of a selector: what has no type selects nothing. */
const selectors = (given: readonly unknown[]): readonly FactorSelector[] =>
  given.filter(
    (one): one is FactorSelector =>
      typeof one === 'object' && one !== null && 'type' in one && typeof one.type === 'string',
  )

const listed = (given: unknown): readonly unknown[] => (Array.isArray(given) ? given : [])

function factorCommandOf(command: Command): FactorCommand | undefined {
  switch (command.type) {
    case 'authentication.challengeWith':
    case 'authentication.enrollWith':
      return {
        wants: command.type === 'authentication.enrollWith' ? 'enrol' : 'challenge',
        factors: selectors([command.factor, ...listed(command.additionalFactors)]),
        pickFirst: false,
      }
    case 'authentication.challengeWithAny':
    case 'authentication.enrollWithAny':
      return {
        wants: command.type === 'authentication.enrollWithAny' ? 'enrol' : 'challenge',
        factors: selectors(listed(command.factors)),
        pickFirst: true,
      }
    default:
      return undefined
  }
}

/** Each of them refuses the transaction; what else they do is in `login-effects.ts`. */
function denialOf(command: Command, refreshing: boolean): string | undefined {
  switch (command.type) {
    case 'access.deny':
    case 'session.revoke':
      return command.reason
    // There is nothing to refuse where no refresh token is exchanged (contract 3.2).
    case 'refreshToken.revoke':
      return refreshing ? command.reason : undefined
    case 'validation.error':
      return command.message
    default:
      return undefined
  }
}

type FactorHops = Extract<LegEffect, { kind: 'goes_on' | 'failed' }>

function factorHops(commands: readonly Command[], context: CommandContext): FactorHops {
  const hops: PendingHop[] = []
  const wanted = commands.flatMap((command) => factorCommandOf(command) ?? [])
  if (context.challengesBefore + wanted.length > MOST_CHALLENGE_COMMANDS)
    return failed('too_many_challenges', 'A flow takes at most four challenge commands.')
  for (const { wants, factors, pickFirst } of wanted) {
    const names = factors.map(({ type }) => type).join(', ') || 'no factor'
    if (wants === 'enrol') {
      const open = enrollable(factors, context.enrolled, context.enabled)
      if (open.length === 0)
        return failed('nothing_to_enrol', `All of ${names} are enrolled or not enabled.`)
      hops.push({ kind: 'enrol', factors: open, pickFirst, options: challengeOptionsOf(factors) })
      continue
    }
    const selection = select(factors, context.enrolled, context.enabled, context.passed)
    if (selection.kind === 'impossible')
      return failed('factor_not_enrolled', `None of ${names} is enabled and enrolled.`)
    if (selection.kind === 'challenge')
      hops.push({
        kind: 'challenge',
        factors: selection.factors,
        pickFirst,
        options: challengeOptionsOf(factors),
      })
  }
  return { kind: 'goes_on', hops, challenges: wanted.length }
}

/** Challenges come first, whatever the order of the calls: a redirect or a form is an Action's last step. */
export function effectOf(leg: LegResult, context: CommandContext): LegEffect {
  const { error } = leg
  if (error)
    return {
      ...failed(error.class, `${error.name}: ${error.message}`),
      message: error.message,
    }
  // A denial stands over a redirect recorded by the same Action (contract 1.2 item 11).
  const denial = leg.commands
    .map((command) => denialOf(command, context.refreshing))
    .find((reason) => reason !== undefined)
  if (denial !== undefined) return { kind: 'denied', reason: denial }

  const factors = factorHops(leg.commands, context)
  if (factors.kind === 'failed') return factors
  const hops = [...factors.hops]

  const redirects = leg.commands.filter((command) => command.type === 'redirect.sendUserTo')
  if (redirects.length > 1 && context.switches.secondRedirect === 'fails')
    return failed('second_redirect', 'sendUserTo was called twice in one Action.')
  if (redirects.length > 0 && context.continuing && context.switches.redirectInContinue === 'fails')
    return failed('redirect_in_continue', 'sendUserTo was called in the continue handler.')
  const redirect = redirects.at(-1)
  if (redirect) hops.push({ kind: 'redirect', url: redirect.url, action: leg.action })

  const render = leg.commands.find((command) => command.type === 'prompt.render')
  if (render)
    hops.push({
      kind: 'form',
      action: leg.action,
      promptId: render.promptId,
      fields: render.fields,
      vars: render.vars,
    })
  if (hops.length > 0 && !context.interactive)
    return hops.some(({ kind }) => kind === 'redirect' || kind === 'form')
      ? failed('interaction_required', 'The login has no browser that could go anywhere.')
      : failed('mfa_required', 'The login has no browser that could answer a challenge.')
  return { kind: 'goes_on', hops, challenges: factors.challenges }
}
