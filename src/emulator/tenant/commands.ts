/**
 * What the commands of one leg mean together for a password reset: which hops the browser makes before
 * the pipeline goes on, or why the flow ends here.
 * Commands whose effect lies elsewhere (tokens, profile) are not read here.
 */
import type { Command, FactorSelector } from '../runtime/commands.ts'
import type { LegResult } from '../runtime/execution.ts'
import { type FactorType, select } from './factors.ts'
import type { Switches } from './switches.ts'
import type { FlowFailure } from './trace.ts'
import type { PendingHop } from './transactions.ts'

export type LegEffect =
  | { readonly kind: 'denied'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: FlowFailure; readonly detail: string }
  | { readonly kind: 'goes_on'; readonly hops: readonly PendingHop[]; readonly challenges: number }

export interface CommandContext {
  readonly continuing: boolean
  readonly switches: Pick<Switches, 'secondRedirect' | 'redirectInContinue'>
  readonly enrolled: ReadonlySet<FactorType>
  readonly enabled: ReadonlySet<FactorType>
  readonly passed: ReadonlySet<FactorType>
  /** Challenge commands of earlier legs of this flow. */
  readonly challengesBefore: number
}

/** Per user flow, over all Actions (contract 2.3). */
const MOST_CHALLENGE_COMMANDS = 4

const failed = (reason: FlowFailure, detail: string): LegEffect => ({
  kind: 'failed',
  reason,
  detail,
})

function challengeOf(
  command: Command,
): { readonly factors: readonly FactorSelector[]; readonly pickFirst: boolean } | undefined {
  if (command.type === 'authentication.challengeWith')
    return { factors: [command.factor, ...command.additionalFactors], pickFirst: false }
  if (command.type === 'authentication.challengeWithAny')
    return { factors: command.factors, pickFirst: true }
  return undefined
}

/** Challenges come first, whatever the order of the calls: a redirect or a form is an Action's last step. */
export function effectOf(leg: LegResult, context: CommandContext): LegEffect {
  const deny = leg.commands.find((command) => command.type === 'access.deny')
  if (leg.error) return failed(leg.error.class, `${leg.error.name}: ${leg.error.message}`)
  // A denial stands over a redirect recorded by the same Action (contract 1.2 item 11).
  if (deny) return { kind: 'denied', reason: deny.reason }

  const hops: PendingHop[] = []
  let challenges = 0
  for (const command of leg.commands) {
    const challenge = challengeOf(command)
    if (!challenge) continue
    challenges += 1
    if (context.challengesBefore + challenges > MOST_CHALLENGE_COMMANDS)
      return failed('too_many_challenges', 'A flow takes at most four challenge commands.')
    const selection = select(challenge.factors, context.enrolled, context.enabled, context.passed)
    if (selection.kind === 'impossible')
      return failed(
        'factor_not_enrolled',
        `None of ${challenge.factors.map(({ type }) => type).join(', ') || 'no factor'} is enabled and enrolled.`,
      )
    if (selection.kind === 'challenge')
      hops.push({ kind: 'challenge', factors: selection.factors, pickFirst: challenge.pickFirst })
  }

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
  return { kind: 'goes_on', hops, challenges }
}
