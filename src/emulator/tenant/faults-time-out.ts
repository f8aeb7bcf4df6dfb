/** The fault `actionTimesOut`: what the runtime says of a leg that took too long, without the wait. */
import type { Entrypoint, LegResult } from '../runtime/execution.ts'
import { TRIGGER_BUDGET_MS } from '../runtime/limits.ts'
import type { Faults } from './faults.ts'

export function timedOutLeg(
  { actionTimesOut }: Faults,
  action: string,
  entrypoint: Entrypoint,
): LegResult | undefined {
  const isContinue = entrypoint.startsWith('onContinue')
  const strikes =
    actionTimesOut === 'always' || actionTimesOut === (isContinue ? 'on_continue' : 'on_execute')
  if (!strikes) return undefined
  return {
    action,
    entrypoint,
    commands: [],
    log: '',
    tokens: [],
    durationMs: 0,
    error: {
      class: 'action_timeout',
      name: 'Error',
      message: `The Action did not finish within the trigger's ${TRIGGER_BUDGET_MS / 1000} seconds (a fault that was switched on).`,
    },
  }
}
