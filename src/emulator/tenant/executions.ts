/**
 * One record per run of a trigger: which Actions ran, what each did, how it ended.
 * Statuses are the Management API's (contract 1.6 item 9).
 */
import type { LegResult, TriggerId } from '../runtime/execution.ts'
import type { TenantClock } from './clock.ts'
import { type Random, randomName } from './identifiers.ts'

/** A leg with the event it was given (without secrets). */
export type ExecutedLeg = LegResult & { readonly event: Readonly<Record<string, unknown>> }

export interface Execution {
  readonly id: string
  readonly trigger_id: TriggerId
  readonly transaction: string
  readonly created_at: string
  updated_at: string
  status: 'pending' | 'final' | 'partial' | 'canceled' | 'suspended'
  /** Every leg in order, resumed ones included. */
  readonly results: ExecutedLeg[]
}

export interface Executions {
  open(trigger: TriggerId, transaction: string): Execution
  of(transaction: string): Execution | undefined
  add(execution: Execution, leg: ExecutedLeg): void
  setStatus(execution: Execution, status: Execution['status']): void
  all(): readonly Execution[]
  clear(): void
}

const KEPT = 1000

export function createExecutions(clock: TenantClock, random: Random): Executions {
  const executions: Execution[] = []
  const isoNow = () => new Date(clock.now()).toISOString()
  return {
    open: (trigger_id, transaction) => {
      const created_at = isoNow()
      const execution: Execution = {
        id: randomName(random, 24),
        trigger_id,
        transaction,
        created_at,
        updated_at: created_at,
        status: 'pending',
        results: [],
      }
      executions.push(execution)
      if (executions.length > KEPT) executions.shift()
      return execution
    },
    of: (transaction) => executions.findLast((execution) => execution.transaction === transaction),
    add: (execution, leg) => {
      execution.results.push(leg)
      execution.updated_at = isoNow()
    },
    setStatus: (execution, status) => {
      execution.status = status
      execution.updated_at = isoNow()
    },
    all: () => [...executions],
    clear: () => {
      executions.length = 0
    },
  }
}
