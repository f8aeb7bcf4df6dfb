/**
 * Actions as the Management API keeps them: a draft that is built, versions that were deployed, and what
 * of them is bound to a trigger. What runs is the deployed version of a bound Action (contract 6.1).
 */
import type { DeployedAction, TriggerId } from '../runtime/execution.ts'
import type { TenantClock } from './clock.ts'
import { type DeployedActions, deployFault, MOST } from './deployed-actions.ts'
import type { Random } from './identifiers.ts'
import {
  type ActionDraft,
  type ActionVersion,
  type DraftChange,
  draftOf,
  imported,
  isBuilt,
  type ManagedAction,
} from './management-action-draft.ts'
import {
  type ActionRefusal,
  type Binding,
  type BindingRef,
  refusal,
  resolveBindings,
} from './management-bindings.ts'
import { randomUuid } from './management-ids.ts'
import { isEmulatedTrigger } from './management-triggers.ts'

export interface ManagementActions {
  all(): readonly ManagedAction[]
  get(id: string): ManagedAction | undefined
  create(draft: ActionDraft): ManagedAction | ActionRefusal
  update(id: string, change: DraftChange): ManagedAction | ActionRefusal
  /** A bound Action is removed by force alone. */
  remove(id: string, force: boolean): true | ActionRefusal
  deploy(id: string): ActionVersion | ActionRefusal
  /** An older version again, as a new one. */
  redeploy(id: string, versionId: string): ActionVersion | ActionRefusal
  bindings(triggerId: string): readonly Binding[]
  /** Replaces the whole list. */
  bind(triggerId: string, refs: readonly BindingRef[]): readonly Binding[] | ActionRefusal
  clear(): void
}

const MOST_ACTIONS = 100

const NOT_FOUND = refusal(404, 'That action does not exist.')

export function createManagementActions(
  clock: TenantClock,
  random: Random,
  deployed: DeployedActions,
): ManagementActions {
  const actions = new Map<string, ManagedAction>()
  const bound = new Map<string, readonly Binding[]>()
  const binding = (triggerId: string, action: ManagedAction, displayName?: string): Binding => ({
    id: randomUuid(random),
    triggerId,
    actionId: action.id,
    displayName: displayName ?? action.name,
    createdAtMs: clock.now(),
  })

  /** Actions that were bound without the API belong to the tenant as well. */
  const sync = () => {
    for (const trigger of Object.keys(MOST) as TriggerId[]) {
      const running = deployed.bound(trigger)
      for (const action of running)
        if (!actions.has(action.id))
          actions.set(action.id, imported(action, trigger, clock.now(), random))
      const known = bound.get(trigger) ?? []
      const same =
        known.length === running.length &&
        known.every(({ actionId }, index) => actionId === running[index]?.id)
      if (!same)
        bound.set(
          trigger,
          running.flatMap(({ id }) => {
            const action = actions.get(id)
            return action ? [binding(trigger, action)] : []
          }),
        )
    }
  }

  const running = (action: ManagedAction): DeployedAction | undefined => {
    const version = action.versions.find(({ number }) => number === action.deployedNumber)
    return version?.running
  }

  const publish = (triggerId: string) => {
    if (!isEmulatedTrigger(triggerId)) return
    const list = (bound.get(triggerId) ?? []).flatMap(({ actionId }) => {
      const action = actions.get(actionId)
      return (action && running(action)) ?? []
    })
    deployed.put(triggerId, list)
  }

  const publishAll = () => {
    for (const trigger of Object.keys(MOST)) publish(trigger)
  }

  const newVersion = (
    action: ManagedAction,
    from: Pick<DeployedAction, 'code' | 'dependencies' | 'secrets'>,
  ) => {
    const number = Math.max(0, ...action.versions.map((version) => version.number)) + 1
    const now = clock.now()
    const version: ActionVersion = {
      id: randomUuid(random),
      number,
      createdAtMs: now,
      running: {
        ...from,
        id: action.id,
        name: action.name,
        version: number,
        modules: [],
        ...(action.resolveFrom === undefined ? {} : { resolveFrom: action.resolveFrom }),
      },
    }
    action.versions.push(version)
    action.deployedNumber = number
    action.updatedAtMs = now
    publishAll()
    return version
  }

  const get = (id: string) => {
    sync()
    return actions.get(id)
  }

  return {
    all: () => {
      sync()
      return [...actions.values()]
    },
    get,
    create: (draft) => {
      sync()
      if ([...actions.values()].some(({ name }) => name === draft.name))
        return refusal(409, `An action with the name '${draft.name}' already exists.`)
      if (actions.size >= MOST_ACTIONS)
        return refusal(400, 'You have reached the limit of 100 actions.')
      const action = draftOf(draft, randomUuid(random), clock.now())
      const fault = deployFault({ secrets: action.draft.secrets }, action.draft.code)
      if (fault) return refusal(400, `The action cannot be saved: ${fault}.`)
      actions.set(action.id, action)
      return action
    },
    update: (id, change) => {
      const action = get(id)
      if (!action) return NOT_FOUND
      const changed = draftOf(
        { ...action.draft, ...change, secrets: change.secrets ?? action.draft.secrets },
        action.id,
        clock.now(),
      )
      const fault = deployFault({ secrets: changed.draft.secrets }, changed.draft.code)
      if (fault) return refusal(400, `The action cannot be saved: ${fault}.`)
      const { buildFault: _before, ...kept } = action
      const { createdAtMs, versions } = action
      const next: ManagedAction = { ...kept, ...changed, createdAtMs, versions }
      actions.set(id, next)
      return next
    },
    remove: (id, force) => {
      if (!get(id)) return NOT_FOUND
      const holders = [...bound].filter(([, list]) => list.some(({ actionId }) => actionId === id))
      if (holders.length > 0 && !force)
        return refusal(409, 'Cannot delete an action that is bound to a trigger.')
      for (const [trigger, list] of holders)
        bound.set(
          trigger,
          list.filter(({ actionId }) => actionId !== id),
        )
      publishAll()
      actions.delete(id)
      return true
    },
    deploy: (id) => {
      const action = get(id)
      if (!action) return NOT_FOUND
      if (!isBuilt(action, clock.now()))
        return refusal(
          400,
          "Something went wrong: the action draft must be in the 'built' state before it can be deployed.",
        )
      return newVersion(action, action.draft)
    },
    redeploy: (id, versionId) => {
      const action = get(id)
      const version = action?.versions.find((one) => one.id === versionId)
      return action && version ? newVersion(action, version.running) : NOT_FOUND
    },
    bindings: (triggerId) => {
      sync()
      return bound.get(triggerId) ?? []
    },
    bind: (triggerId, refs) => {
      sync()
      const next = resolveBindings(triggerId, refs, {
        before: bound.get(triggerId) ?? [],
        actions: [...actions.values()],
        make: (action, displayName) => binding(triggerId, action, displayName),
      })
      if ('message' in next) return next
      bound.set(triggerId, next)
      publish(triggerId)
      return next
    },
    clear: () => {
      actions.clear()
      bound.clear()
    },
  }
}
