/**
 * Actions as the tenant's owner hands them over, and as deployed versions bound to a trigger in order.
 * A file is read as it is; secrets belong to the deploy (contract 4.1).
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { DeployedAction, TriggerId } from '../runtime/execution.ts'

export interface ActionSpec {
  readonly name: string
  /** Path or file URL of the CommonJS source. Either this or `code`. */
  readonly file?: string | URL
  readonly code?: string
  readonly secrets?: Readonly<Record<string, string>>
  readonly dependencies?: DeployedAction['dependencies']
  readonly modules?: DeployedAction['modules']
  /** Where `require` looks for the dependencies; the file itself by default. */
  readonly resolveFrom?: string
}

export type Bindings = { readonly [Trigger in TriggerId]?: readonly ActionSpec[] }

export interface DeployedActions {
  bound(trigger: TriggerId): readonly DeployedAction[]
  /** Replaces the whole ordered list, as the Management API does. */
  bind(trigger: TriggerId, specs: readonly ActionSpec[]): readonly DeployedAction[]
  /** Binds versions that were deployed elsewhere, in this order. */
  put(trigger: TriggerId, deployed: readonly DeployedAction[]): void
  /** The bindings the tenant was created with, or those kept since. */
  restore(): void
  /** What is bound now is what `restore` brings back. */
  keep(): void
}

/** Actions per trigger: contract 2.1 item 7 and 4.1. */
export const MOST: Record<TriggerId, number> = {
  'password-reset-post-challenge': 4,
  'post-login': 20,
}
const MOST_CODE_BYTES = 100_000
const MOST_SECRETS = 30

/** Why this cannot be deployed. */
export function deployFault(spec: Pick<ActionSpec, 'secrets'>, code: string): string | undefined {
  const secrets = Object.entries(spec.secrets ?? {})
  if (Buffer.byteLength(code) > MOST_CODE_BYTES) return 'its code is larger than 100 kB'
  if (secrets.length > MOST_SECRETS) return 'it has more than 30 secrets'
  if (secrets.some(([name]) => name.length > 128))
    return 'a secret name has more than 128 characters'
  if (secrets.some(([, value]) => typeof value !== 'string')) return 'a secret is not a string'
  if (secrets.some(([, value]) => value.length > 4096))
    return 'a secret value has more than 4096 characters'
  return undefined
}

export function createDeployedActions(bindings: Bindings): DeployedActions {
  const bound = new Map<TriggerId, readonly DeployedAction[]>()
  let version = 0

  const deploy = (spec: ActionSpec): DeployedAction => {
    const path = spec.file instanceof URL ? fileURLToPath(spec.file) : spec.file
    if ((path === undefined) === (spec.code === undefined))
      throw new TypeError(`Action ${spec.name}: give either file or code.`)
    const code = spec.code ?? readFileSync(path as string, 'utf8')
    const wrong = deployFault(spec, code)
    if (wrong) throw new TypeError(`Action ${spec.name} cannot be deployed: ${wrong}.`)
    version += 1
    const resolveFrom = spec.resolveFrom ?? path
    return {
      id: `act_${version}`,
      name: spec.name,
      version,
      code,
      secrets: { ...spec.secrets },
      dependencies: spec.dependencies ?? [],
      modules: spec.modules ?? [],
      ...(resolveFrom === undefined ? {} : { resolveFrom }),
      ...(path === undefined ? {} : { filename: path }),
    }
  }

  const bind = (trigger: TriggerId, specs: readonly ActionSpec[]) => {
    if (specs.length > MOST[trigger])
      throw new RangeError(
        `${trigger} takes at most ${MOST[trigger]} Actions, not ${specs.length}.`,
      )
    const deployed = specs.map(deploy)
    bound.set(trigger, deployed)
    return deployed
  }

  for (const [trigger, specs] of Object.entries(bindings)) bind(trigger as TriggerId, specs ?? [])
  let kept = [...bound]
  return {
    bound: (trigger) => bound.get(trigger) ?? [],
    bind,
    put: (trigger, deployed) => {
      bound.set(trigger, deployed)
    },
    restore: () => {
      bound.clear()
      for (const [trigger, actions] of kept) bound.set(trigger, actions)
    },
    keep: () => {
      kept = [...bound]
    },
  }
}
