/**
 * The seam between the Actions runtime (a thread that runs code) and the tenant (who is asked what to
 * do next): what goes in for one leg of one Action, and the ordered record that comes out.
 * Plain data only: it crosses a thread boundary.
 */

import type { Command } from './commands.ts'

export type { Command, FactorSelector } from './commands.ts'
export type { RuntimeSwitches } from './switches.ts'

export type TriggerId = 'password-reset-post-challenge' | 'post-login'

export type Entrypoint =
  | 'onExecutePostChallenge'
  | 'onContinuePostChallenge'
  | 'onExecutePostLogin'
  | 'onContinuePostLogin'

/** A deployed Action: code, secrets and dependencies are tied to the version that was deployed. */
export interface DeployedAction {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly code: string
  readonly secrets: Readonly<Record<string, string>>
  /** npm modules that `require` may return: resolved from `resolveFrom`. */
  readonly dependencies: readonly { readonly name: string; readonly version: string }[]
  /** `require('actions:<name>')`. */
  readonly modules: readonly {
    readonly name: string
    readonly code: string
    readonly secrets: Readonly<Record<string, string>>
  }[]
  /** The file or directory whose `node_modules` serve the dependencies. */
  readonly resolveFrom?: string
  /** Where the code was read from, for stack traces. */
  readonly filename?: string
}

/** One call of one handler. */
export interface LegInput {
  readonly trigger: TriggerId
  readonly entrypoint: Entrypoint
  readonly action: DeployedAction
  /** The event without `secrets`, which the runtime adds. */
  readonly event: Readonly<Record<string, unknown>>
  /** Milliseconds left of the trigger's 20 s (all its Actions together). */
  readonly budgetMs: number
  /** Epoch milliseconds at the start of the leg, by the tenant's clock. */
  readonly nowMs: number
  /** What the tenant answers to `api.groups`, `api.roles` and `api.rules` (post-login). */
  readonly lookups?: Lookups
}

/** The tenant's data behind the lookups of post-login; absent means none. */
export interface Lookups {
  readonly groups?: readonly Group[]
  readonly roles?: readonly Role[]
  /** Ids of the Rules that ran before, for `api.rules.wasExecuted`. */
  readonly executedRules?: readonly string[]
}

export interface Group {
  readonly id: string
  readonly name: string
  readonly [member: string]: unknown
}

export interface Role {
  readonly id: string
  readonly name: string
  readonly [member: string]: unknown
}

export type ExecutionStatus = 'final' | 'suspended' | 'failed' | 'timed_out'

/** What one leg did. `commands` is complete even when the leg failed: side effects before a throw stand. */
export interface LegResult {
  readonly action: string
  readonly entrypoint: Entrypoint
  readonly commands: readonly Command[]
  /** stdout and stderr in order, cut at 256 KiB. */
  readonly log: string
  readonly durationMs: number
  readonly error?: {
    /** Auth0's `error_class` (contract 1.8). */
    readonly class: 'action_error' | 'action_timeout' | 'platform_error'
    readonly name: string
    readonly message: string
    readonly stack?: string
  }
  /** Tokens made and checked during the leg, for traces: never the secret. */
  readonly tokens: readonly {
    readonly method: 'encodeToken' | 'validateToken'
    readonly payload: Readonly<Record<string, unknown>> | null
    readonly refused?: string
  }[]
}

/** The runtime as the tenant sees it. Warm instances are kept per Action until `reset` or `close`. */
export interface ActionsRuntime {
  run(leg: LegInput): Promise<LegResult>
  /** Ends every instance: the next leg starts cold. */
  reset(): Promise<void>
  close(): Promise<void>
}
