/** One Action of the Management API: its draft, how that is built, and the versions that were deployed. */
import { compileFunction } from 'node:vm'
import type { DeployedAction } from '../runtime/execution.ts'
import type { Random } from './identifiers.ts'
import { randomUuid } from './management-ids.ts'

export interface ActionDraft {
  readonly name: string
  readonly code: string
  readonly runtime: string
  readonly trigger: { readonly id: string; readonly version: string }
  readonly dependencies: readonly { readonly name: string; readonly version: string }[]
  readonly secrets: Readonly<Record<string, string>>
}

export type DraftChange = Partial<ActionDraft>

export interface ActionVersion {
  readonly id: string
  readonly number: number
  readonly createdAtMs: number
  readonly running: DeployedAction
}

export interface ManagedAction {
  readonly id: string
  readonly name: string
  readonly draft: ActionDraft
  /** Why the draft does not compile. */
  readonly buildFault?: string
  readonly createdAtMs: number
  updatedAtMs: number
  /** When the build is done. */
  readonly builtAtMs: number
  readonly versions: ActionVersion[]
  deployedNumber?: number
  readonly resolveFrom?: string
}

/** A build takes as long as a first look and a second one, by the tenant's clock. */
export const BUILD_MS = 300

export const isBuilt = ({ builtAtMs, buildFault }: ManagedAction, nowMs: number) =>
  buildFault === undefined && nowMs >= builtAtMs

export const statusOf = (action: ManagedAction, nowMs: number) => {
  if (nowMs < action.builtAtMs) return 'pending'
  return action.buildFault === undefined ? 'built' : 'failed'
}

/** Whether what is deployed is what the draft says. */
export function isAllDeployed({ draft, versions, deployedNumber }: ManagedAction): boolean {
  const running = versions.find(({ number }) => number === deployedNumber)?.running
  if (!running) return false
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
  return (
    running.code === draft.code &&
    same(running.dependencies, draft.dependencies) &&
    same(running.secrets, draft.secrets)
  )
}

/** Compiles, and runs nothing. */
function faultOf(code: string): string | undefined {
  try {
    compileFunction(code, ['module', 'exports', 'require'])
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export function draftOf(draft: ActionDraft, id: string, nowMs: number): ManagedAction {
  const buildFault = faultOf(draft.code)
  return {
    id,
    name: draft.name,
    draft,
    ...(buildFault === undefined ? {} : { buildFault }),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    builtAtMs: nowMs + BUILD_MS,
    versions: [],
  }
}

/** One that is bound already: built and deployed as it runs. */
export function imported(
  action: DeployedAction,
  triggerId: string,
  nowMs: number,
  random: Random,
): ManagedAction {
  const { id, name, code, dependencies, secrets, version, resolveFrom } = action
  const trigger = { id: triggerId, version: triggerId === 'post-login' ? 'v3' : 'v1' }
  return {
    ...draftOf({ name, code, runtime: 'node22', trigger, dependencies, secrets }, id, nowMs),
    builtAtMs: nowMs,
    versions: [{ id: randomUuid(random), number: version, createdAtMs: nowMs, running: action }],
    deployedNumber: version,
    ...(resolveFrom === undefined ? {} : { resolveFrom }),
  }
}
